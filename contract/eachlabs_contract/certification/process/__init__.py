"""Runs the program under test in a process of its own and captures its output and exit."""
