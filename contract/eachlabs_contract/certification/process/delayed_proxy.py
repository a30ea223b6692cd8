"""A proxy to a server that starts to listen late; until then its port refuses connections.

It runs as a script with the standard library only::

    python -I -S delayed_proxy.py HOST PORT SECONDS

It prints its own port at once, listens after so many real seconds, and then forwards bytes in both directions. It ends
when its standard input closes.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading


async def serve(listener: socket.socket, host: str, port: int, seconds: float) -> None:
    """Listen on *listener* after so many *seconds*, and forward each connection."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(forward(reader, server_writer), forward(server_reader, writer))

    await asyncio.sleep(seconds)
    server = await asyncio.start_server(connected, sock=listener)
    await server.serve_forever()


async def forward(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Forward bytes from *source* to *sink* until either closes."""
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(65_536):
            sink.write(chunk)
            await sink.drain()
    sink.close()


def main() -> None:
    """Run the proxy that the command line describes."""
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    threading.Thread(target=_end_with_input, daemon=True).start()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)  # noqa: T201  # the parent reads it
        asyncio.run(serve(listener, host, port, seconds))


def _end_with_input() -> None:
    os.read(0, 1)  # returns when the parent closes its end; it never writes
    os._exit(0)


if __name__ == "__main__":
    main()
