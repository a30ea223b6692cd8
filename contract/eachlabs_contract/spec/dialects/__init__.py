"""Readers of what a server writes, one module per profile; they know nothing of any writer."""
