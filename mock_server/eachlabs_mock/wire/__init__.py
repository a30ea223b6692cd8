"""The wire formats: reads a create, and writes the bodies of each profile."""
