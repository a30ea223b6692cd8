"""Answers "what if" on a virtual clock: jobs, workers and a limit, driven through the emulator's own use cases."""

__all__ = []
