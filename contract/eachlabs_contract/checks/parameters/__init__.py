"""The checks of the group `parameters`."""
