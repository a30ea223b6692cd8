"""A door to a server that opens late: until then nobody listens at its port, so that connections are refused.

It is started as a file of its own, on the standard library alone::

    python -I -S delayed_proxy.py HOST PORT SECONDS

It writes its own port to standard output at once, listens there so many real seconds later, and carries bytes to and
fro from then on. It ends when its standard input does.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading


async def stand(held: socket.socket, host: str, port: int, seconds: float) -> None:
    """Open the door at *held* after so many *seconds*, and keep it open."""

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer))

    await asyncio.sleep(seconds)
    server = await asyncio.start_server(visited, sock=held)
    await server.serve_forever()


async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry bytes from *source* to *sink* until one of them is gone."""
    with contextlib.suppress(ConnectionError):
        while piece := await source.read(65_536):
            sink.write(piece)
            await sink.drain()
    sink.close()


def main() -> None:
    """Stand where and as long as the command line says."""
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    threading.Thread(target=_end_with_input, daemon=True).start()
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        print(held.getsockname()[1], flush=True)  # noqa: T201  # this is how it is told
        asyncio.run(stand(held, host, port, seconds))


def _end_with_input() -> None:
    os.read(0, 1)  # nothing is ever written: this returns when nobody holds the other end
    os._exit(0)


if __name__ == "__main__":
    main()
