"""What the API promises, and how to hold anyone to it; imports nothing of the emulator or the client."""
