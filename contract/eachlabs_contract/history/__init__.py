"""Requests and answers as values: recorded, read from a journal, written as curl."""
