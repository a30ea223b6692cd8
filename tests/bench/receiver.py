"""A webhook receiver that answers every call with 200 and does nothing else, so that little of the machine is its own.

`python receiver.py` prints its port, and then how many calls it took, once its standard input ends.
"""

import asyncio
import sys

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_HEAD_END = b"\r\n\r\n"
_BACKLOG = 4096


class Taking(asyncio.Protocol):
    """One connection, whose calls come one after another, each with its body."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while (end := self._seen.find(_HEAD_END)) >= 0:
            whole = end + len(_HEAD_END) + _length(self._seen[:end])
            if len(self._seen) < whole:
                return
            self._seen = self._seen[whole:]
            Taking.taken += 1
            self._transport.write(_ANSWER)  # type: ignore[attr-defined]  # one of a stream writes


def _length(head: bytes) -> int:
    lines = (line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:])
    return next((int(value) for name, value in lines if name == b"content-length"), 0)


async def main() -> None:
    """Receive until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Taking, "127.0.0.1", 0, backlog=_BACKLOG)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    sys.stdout.write(f"{Taking.taken}\n")


if __name__ == "__main__":
    asyncio.run(main())
