"""The checks of the group `envelope`."""
