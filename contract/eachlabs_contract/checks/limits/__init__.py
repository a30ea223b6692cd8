"""The checks of the group `limits`."""
