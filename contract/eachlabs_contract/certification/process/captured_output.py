"""What a program printed, as much of it as is worth keeping, without the key."""

from typing import Final

MASK: Final = "[key]"
HEAD: Final = 32_768
TAIL: Final = 32_768
"""Bytes that are kept of the beginning and of the end; what lies between is counted."""


class CapturedOutput:
    """Takes what a program prints, piece by piece.

    :param secret: the key that must not be printed; it is looked for in what is not kept, too.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._carry = b""
        self._head, self._tail = bytearray(), bytearray()
        self._dropped = 0
        self.has_secret = False

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        seen = self._carry + piece
        self.has_secret |= self._secret in seen
        self._carry = seen[-(len(self._secret) - 1) :]
        room = HEAD - len(self._head)
        self._head += piece[:room]
        self._tail += piece[room:]
        excess = max(len(self._tail) - TAIL, 0)
        self._dropped += excess
        del self._tail[:excess]

    @property
    def text(self) -> str:
        """All that is kept, as text; every key in it is masked."""
        gap = f"\n… {self._dropped:,} bytes are left out …\n".encode() if self._dropped else b""
        whole = bytes(self._head) + gap + bytes(self._tail)
        return whole.replace(self._secret, MASK.encode()).decode(errors="replace")
