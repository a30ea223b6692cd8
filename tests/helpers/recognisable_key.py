"""A key that can be recognised in any text."""

KEY = "Zq7-Secret+of/Nobody=Else%21"
"""It contains characters that a query encodes."""


PIECES = ("Zq7", "Nobody", "%5A%71%37", "%5a%71%37")


def shows_a_key(text: str) -> list[str]:
    return [text[max(0, at - 60) : at + 60] for each in PIECES if (at := text.find(each)) >= 0]
