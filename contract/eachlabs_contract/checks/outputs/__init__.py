"""The checks of the group `outputs`."""
