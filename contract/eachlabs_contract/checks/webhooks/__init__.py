"""The checks of the group `webhooks`."""
