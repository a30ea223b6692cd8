"""Servers on trial: how they are called, how their clock is moved, where their webhooks arrive."""
