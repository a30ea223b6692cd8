"""Finds sockets among the open files of this process: granian gives access to none of its own."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

UNREAD = 60_000
"""Milliseconds for which a caller may leave an answer unread; granian alone would wait for ever."""

_USER_TIMEOUT: int = getattr(socket, "TCP_USER_TIMEOUT", 0)  # macOS has none


def drop_unread(milliseconds: int) -> None:
    """Make the system drop later callers that leave an answer unread for so long; not all systems can."""
    for handle in _sockets():
        with handle:
            listens = handle.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and _rsgi_text(handle.getsockname())
            if listens and _USER_TIMEOUT:
                handle.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, milliseconds)


def connection_to(client: str) -> socket.socket:
    """Return another handle of the connection to *client*, which stays that connection while the handle is open.

    :raises ConnectionError: the connection is closed.
    """
    for handle in _sockets():
        if _peer(handle) == client:
            handle.setblocking(False)
            return handle
        handle.close()
    raise ConnectionError(f"{client} has gone")


def _sockets() -> Iterator[socket.socket]:
    """Yield another handle of each open socket; the caller closes it."""
    for file in Path("/dev/fd").iterdir():
        if handle := _socket(int(file.name)):
            yield handle


def _socket(number: int) -> socket.socket | None:
    """Return another handle of the file *number* if it is a socket.

    Only sockets are duplicated: to close a handle of the store's file would release its lock.
    """
    try:
        return socket.socket(fileno=os.dup(number)) if stat.S_ISSOCK(os.fstat(number).st_mode) else None
    except OSError:  # closed meanwhile
        return None


def _peer(connection: socket.socket) -> str:
    """Return the address of the other end; empty where there is none."""
    try:
        return _rsgi_text(connection.getpeername())
    except OSError:
        return ""


def _rsgi_text(address: Any) -> str:  # noqa: ANN401  # it depends on the address family
    """Return an address as RSGI writes it; empty for one that is not on the network."""
    if isinstance(address, str | bytes):  # a Unix socket
        return ""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
