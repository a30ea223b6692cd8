"""What the fixtures of the pytest plugin hand to a test. It is imported when a fixture needs it, not before."""
