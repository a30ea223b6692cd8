"""The checks of the group `lifecycle`."""
