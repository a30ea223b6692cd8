"""A key that is recognised wherever it is written."""

KEY = "Zq7-Secret+of/Nobody=Else%21"
"""Recognisable, and full of what a query writes otherwise."""


PIECES = ("Zq7", "Nobody", "%5A%71%37", "%5a%71%37")


def shows_a_key(text: str) -> list[str]:
    return [text[max(0, at - 60) : at + 60] for each in PIECES if (at := text.find(each)) >= 0]
