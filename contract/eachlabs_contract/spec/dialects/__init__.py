"""Readers of the bodies that a server sends, one module for each profile; they are independent of any server."""
