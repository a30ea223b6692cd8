"""Finds sockets among the files of this process: granian shows neither the one it listens on nor those of callers."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UNREAD = 60_000
"""Milliseconds for which a caller may leave unread what it was sent; granian alone would wait for ever."""

_USER_TIMEOUT: int = getattr(socket, "TCP_USER_TIMEOUT", 0)  # macOS has none


def drop_unread(milliseconds: int) -> None:
    """Have the system drop callers who read nothing for so long, of all that come from now on; not all systems can."""
    for each in _sockets():
        with each:
            listens = each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and _written(each.getsockname())
            if listens and _USER_TIMEOUT:
                each.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, milliseconds)


def connection_to(client: str) -> socket.socket:
    """Return a handle of the connection to *client*, besides granian's: as long as it is open, it is that connection.

    :raises ConnectionError: there is none any more.
    """
    for each in _sockets():
        if _peer(each) == client:
            each.setblocking(False)
            return each
        each.close()
    raise ConnectionError(f"{client} has gone")


def _sockets() -> Iterator[socket.socket]:
    """Yield another handle of each; whoever takes it closes it."""
    for each in Path("/dev/fd").iterdir():
        if handle := _socket(int(each.name)):
            yield handle


def _socket(number: int) -> socket.socket | None:
    """Return another handle of what is open under *number*, if that is a socket.

    Nothing else is even opened: to close a handle of the store's file would let go of its lock.
    """
    try:
        return socket.socket(fileno=os.dup(number)) if stat.S_ISSOCK(os.fstat(number).st_mode) else None
    except OSError:  # closed since it was listed
        return None


def _peer(connection: socket.socket) -> str:
    """Return the address at the other end; nothing where there is none."""
    try:
        return _written(connection.getpeername())
    except OSError:
        return ""


def _written(address: Any) -> str:  # noqa: ANN401  # each family has its own
    """Return an address as RSGI writes it; nothing for one that is not on the network."""
    if isinstance(address, str | bytes):  # a Unix socket
        return ""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
