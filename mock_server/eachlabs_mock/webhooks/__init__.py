"""Sends webhooks when they fall due, and moves a clock that waits for them."""
