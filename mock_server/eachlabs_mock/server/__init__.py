"""The production server: one process, one port, a ready line, a clean end."""
