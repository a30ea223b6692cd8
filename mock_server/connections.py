"""Finds the connection to a caller among the files of this process, where the server tells only an address."""

import os
import socket
from pathlib import Path


def connection_to(client: str) -> socket.socket:
    """Return a handle of the connection to *client*, besides granian's: as long as it is open, it is that connection.

    :raises ConnectionError: there is none any more.
    """
    for each in Path("/dev/fd").iterdir():
        connection = _socket(int(each.name))
        if connection and _peer(connection) == client:
            connection.setblocking(False)
            return connection
        if connection:
            connection.close()
    raise ConnectionError(f"{client} has gone")


def _socket(number: int) -> socket.socket | None:
    """Return another handle of what is open under *number*, if that is a socket."""
    try:
        handle = os.dup(number)
    except OSError:  # closed since it was listed
        return None
    try:
        return socket.socket(fileno=handle)
    except OSError:
        os.close(handle)
        return None


def _peer(connection: socket.socket) -> str:
    """Return the address at the other end as RSGI writes it; nothing where there is none, or not on the network."""
    try:
        address = connection.getpeername()
    except OSError:
        return ""
    if isinstance(address, str | bytes):  # a Unix socket
        return ""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
