"""Checks claims against a target and returns a verdict for each."""
