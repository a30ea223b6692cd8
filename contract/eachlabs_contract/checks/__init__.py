"""The checks, a module per group of claims."""
