"""The soak: the emulator at full speed for long, watched."""
