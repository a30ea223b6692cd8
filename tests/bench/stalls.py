"""How long a poll waits while 32 calls hang, by the number of threads: `PYTHONPATH=tests python -m bench.stalls`."""

import math
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection

from bench.caller import Caller
from bench.calls import CREATE_BODY, CREATE_PATH, HEADERS
from bench.children import Server, serving
from bench.rounds import predictions
from bench.subjects import OURS, SUBJECTS, Subject

THREADS = (1, 4, 16, 32, 64)
HANGING = 32
SECONDS = 3
"""For which a call hangs; a poll that takes as long has waited for it."""
CALLS = 40

POLL, MODELS = "", "/v1/models"
"""What is called meanwhile: a poll is answered in the event loop, models by a thread."""

WAIT = "POST", "/__mock/deliveries/wait", f'{{"timeout": {SECONDS}}}', {**HEADERS, "X-API-Key": "idle"}
LATE = "POST", CREATE_PATH, CREATE_BODY, {**HEADERS, "X-Mock-Fault": f"latency; seconds={SECONDS}"}
UNENDING = "POST", CREATE_PATH, "", {**HEADERS, "Content-Length": "100"}

KINDS = {"waits at the control plane": WAIT, "late answers": LATE, "unending bodies": UNENDING}
Kind = tuple[str, str, str, dict[str, str]]


def main() -> None:
    """Print the longest of some calls, in milliseconds, for each kind of call that hangs and number of threads."""
    print(f"{HANGING} calls hang: {'':<22}meanwhile        " + "".join(f"{each:>9}" for each in THREADS))
    for name, kind in KINDS.items():
        for path in (POLL, MODELS):
            figures = "".join(f"{_longest(each, kind, path):9.1f}" for each in THREADS)
            print(f"{name:<38}{path or 'a poll':<16} {figures}", flush=True)


def _longest(threads: int, kind: Kind, path: str) -> float:
    with serving(OURS, _subject("--threads", str(threads))) as server:
        (made,) = predictions(server, 1)
        with _hanging(server, kind):
            try:
                return max(_took(server, path or CREATE_PATH + made))
            except TimeoutError:  # after ten seconds
                return math.inf


def _subject(*flags: str) -> Subject:
    flags = ("-m", "eachlabs_mock", "serve", "--rate-limit", "off", "--log-format", "off", "--duration", "0.1", *flags)
    ours = SUBJECTS[OURS]
    return Subject(lambda port, _: (sys.executable, *flags, "--port", str(port)), (), ours.probe, ours.calls)


@contextmanager
def _hanging(server: Server, kind: Kind) -> Iterator[None]:
    callers = [HTTPConnection(server.url.removeprefix("http://"), timeout=60) for _ in range(HANGING)]
    for each in callers:
        each.request(*kind)
    time.sleep(SECONDS / 6)  # until they hang
    try:
        yield
    finally:
        for each in callers:
            each.close()


def _took(server: Server, path: str) -> Iterator[float]:
    with closing(Caller(server.url, server.calls)) as caller:
        for _ in range(CALLS):
            began = time.perf_counter()
            caller.get(path)
            yield (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
