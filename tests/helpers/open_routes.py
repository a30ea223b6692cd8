"""The control routes that need no token."""

OPEN = {"/health/live", "/health/ready"}
"""The health checks."""
