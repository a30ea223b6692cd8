"""What may be said on a terminal: somebody else's text must neither break the line nor steer it."""


def printable(text: str) -> str:
    """Return *text*; in the letters of ASCII, the rest escaped, where anything in it is not seen."""
    return text if text.isprintable() else ascii(text)[1:-1]
