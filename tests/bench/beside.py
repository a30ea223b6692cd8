"""Polls a second beside callers of something dear, in a full world: `PYTHONPATH=tests python -m bench.beside`."""

import json
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection

from bench import wrk
from bench.calls import CREATE_PATH, HEADERS
from bench.children import Server, serving
from bench.rounds import MIXED_CONNECTIONS, create, poll_of, predictions
from bench.subjects import OURS, SUBJECTS

FILLING = 4
"""Seconds of creates at full speed: some 50,000 predictions."""
SECONDS = 3
CALLERS = (1, 8)

Call = tuple[str, str, str | None, Mapping[str, str]]


def _looked(path: str) -> Call:
    return "GET", f"/__mock/{path}", None, HEADERS


def _waited(path: str) -> Call:
    return "POST", f"/__mock/{path}/wait", json.dumps({"count": 100_000, "timeout": SECONDS}), HEADERS


def _created(content: object) -> Call:
    return "POST", CREATE_PATH, json.dumps({"model": "qwen-image", "input": content}), HEADERS


CALLS: Mapping[str, Call] = {
    "requests listed": _looked("requests"),
    "predictions listed": _looked("predictions"),
    "the clock": _looked("clock"),
    "the ledger": _looked("ledger"),
    "the whole state": _looked("state"),
    "waits for requests": _waited("requests"),
    "waits for predictions": _waited("predictions"),
    "a prompt of 900 kB": _created({"prompt": "x" * 900_000}),
    "900 kB of escapes": _created({"prompt": "\u00e9" * 150_000}),
    "60,000 unknown fields": _created({f"k{number}": number for number in range(60_000)}),
}


def main() -> None:
    """Print polls a second, and the 99th percentile, beside so many callers of each."""
    program = shutil.which("wrk")
    if program is None:
        sys.exit(wrk.MISSING)
    subject = SUBJECTS[OURS]
    with serving(OURS, subject) as server:
        wrk.run(program, server.url, create(subject.calls), MIXED_CONNECTIONS, FILLING)
        load = poll_of(predictions(server, 100), subject.calls)
        print(f"{'beside':<24}" + "".join(f"{f'{each}: polls/s':>16}{'p99 ms':>8}" for each in CALLERS))
        for name, call in {"nothing": None, **CALLS}.items():
            figures = [_polled(server, program, load, call, each) for each in CALLERS]
            print(
                f"{name:<24}" + "".join(f"{each.per_second:16,.0f}{each.p99_ms:8.1f}" for each in figures), flush=True
            )


def _polled(server: Server, program: str, load: wrk.Load, call: Call | None, callers: int) -> wrk.Outcome:
    with _calling(server, call, callers):
        return wrk.run(program, server.url, load, MIXED_CONNECTIONS, SECONDS)


@contextmanager
def _calling(server: Server, call: Call | None, callers: int) -> Iterator[None]:
    """Let so many make that *call*, again and again."""
    enough = threading.Event()

    def work() -> None:
        with closing(HTTPConnection(server.url.removeprefix("http://"), timeout=60)) as connection:
            while call and not enough.is_set():
                connection.request(*call)
                connection.getresponse().read()

    threads = [threading.Thread(target=work) for _ in range(callers)]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        enough.set()
        for each in threads:
            each.join()


if __name__ == "__main__":
    main()
