"""Captures the output of a program, up to a limit and without the key."""

from typing import Final

MASK: Final = "[key]"
HEAD: Final = 32_768
TAIL: Final = 32_768
"""Bytes kept of the beginning and of the end; the bytes between are only counted."""


class CapturedOutput:
    """Collects the output of a program in chunks.

    :param secret: the key that must not be printed; the search covers the discarded bytes, too.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._carry = b""
        self._head, self._tail = bytearray(), bytearray()
        self._dropped = 0
        self.has_secret = False

    def add(self, chunk: bytes) -> None:
        """Add the next chunk."""
        window = self._carry + chunk
        self.has_secret |= self._secret in window
        self._carry = window[-(len(self._secret) - 1) :]
        room = HEAD - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        excess = max(len(self._tail) - TAIL, 0)
        self._dropped += excess
        del self._tail[:excess]

    @property
    def text(self) -> str:
        """The kept output as text, with every key masked."""
        gap = f"\n… {self._dropped:,} bytes omitted …\n".encode() if self._dropped else b""
        whole = bytes(self._head) + gap + bytes(self._tail)
        return whole.replace(self._secret, MASK.encode()).decode(errors="replace")
