"""The use cases of the API over a world's records. No HTTP and no I/O."""
