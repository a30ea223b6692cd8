"""The control routes that need no token."""

OPEN = {"/health/live", "/health/ready"}
"""What whoever starts the emulator asks, before anything else is known of it."""
