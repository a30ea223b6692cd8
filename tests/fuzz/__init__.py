"""Fuzzing: every public input fed with whatever there is; only the documented errors may come of it."""
