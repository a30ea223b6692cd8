"""Callers that are slow, many, rude or broken off, at a served emulator: nobody else waits, and nothing is left."""

import json
import re
import resource
import socket
import struct
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

import pytest

from bench import procfs
from eachlabs_mock.server.serve import STOP_TIMEOUT
from helpers import served as served_module
from helpers.served import BODY, Served, serving

PATIENCE = 20
"""Real seconds after which a test that waits for an answer gives up."""
UNLIMITED = ("--rate-limit", "off", "--max-in-flight", "off", "--log-format", "off")
UNKNOWN = "/v1/prediction/00000000-0000-4000-8000-000000000000"
HEAD = b"Host: localhost\r\nX-API-Key: rude\r\n"
CREATE = b"POST /v1/prediction/ HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\n"
WHOLE = CREATE + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY

Call = Callable[[], int]


@contextmanager
def silent(*flags: str) -> Iterator[Served]:
    """Serve with a store of either kind, and hold it to write nothing to standard error until it is gone."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(*[each.replace("FOLDER", folder) for each in flags]) as served,
    ):
        yield served
        assert served.errors() == ""


STORES = {"memory": (), "sqlite": ("--store", "sqlite:FOLDER/store.db")}


@pytest.fixture(scope="module", params=STORES)
def server(request: pytest.FixtureRequest) -> Iterator[Served]:
    with silent(*UNLIMITED, *STORES[request.param]) as served:
        yield served


def connected(server: Served) -> socket.socket:
    caller = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return caller


def answer(caller: socket.socket) -> tuple[int, bytes]:
    """Return status and body of the next answer."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += some(caller)
    head, _, body = seen.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length and len(body) < int(length[1]):
        body += some(caller)
    return int(head[9:12]), body


def some(caller: socket.socket) -> bytes:
    piece = caller.recv(65_536)
    assert piece, "the connection was closed before an answer"
    return piece


def ask(server: Served, raw: bytes) -> tuple[int, bytes]:
    with closing(connected(server)) as caller:
        caller.sendall(raw)
        return answer(caller)


def is_well(server: Served) -> bool:
    """Tell whether another caller is served: a create, and a poll of it."""
    status, body = server.create("somebody-else")
    made = json.loads(body)["predictionID"]
    return status == server.call("GET", f"/v1/prediction/{made}", X_API_Key="somebody-else")[0] == 200


def made(server: Served, key: str) -> int:
    return len(json.loads(server.call("GET", "/__mock/predictions", X_API_Key=key)[1])["predictions"])


# Slow ones


@pytest.mark.parametrize("begun", [1, len(CREATE) // 2, len(WHOLE) - 5], ids=["first byte", "head", "body"])
def test_slow_callers_hold_up_nobody_and_are_answered_in_the_end(server: Served, begun: int) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(connected(server))) for _ in range(64)]
        for at in range(begun):
            for each in slow:
                each.send(WHOLE[at : at + 1])

        assert all(is_well(server) for _ in range(10))

        for at in range(begun, len(WHOLE)):
            for each in slow:
                each.send(WHOLE[at : at + 1])
        assert [answer(each)[0] for each in slow] == [200] * 64


HURRIED = """
import sys
from eachlabs_mock.server import request_bodies
from eachlabs_mock.__main__ import main
request_bodies.BODY_TIMEOUT, request_bodies.CHECK_INTERVAL = 0.5, 0.05
main(["serve", *sys.argv[1:]])
"""


@pytest.mark.parametrize("call", [b"POST /v1/prediction/", b"POST /__mock/reset"])
@pytest.mark.parametrize("length", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_that_never_ends_is_given_up_and_nothing_comes_of_its_call(
    monkeypatch: pytest.MonkeyPatch, call: bytes, length: bytes
) -> None:
    monkeypatch.setattr(served_module, "COMMAND", [sys.executable, "-c", HURRIED])

    with silent(*UNLIMITED) as server, closing(connected(server)) as caller:
        assert server.create("rude")[0] == 200
        caller.sendall(call + b" HTTP/1.1\r\n" + HEAD + length + b"\r\n\r\n1\r\n{")

        assert answer(caller) == (408, b"")
        assert caller.recv(1) == b""
        assert made(server, "rude") == 1
        assert is_well(server)


# Many


@contextmanager
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_a_thousand_idle_connections_cost_nobody_anything_and_do_not_hold_up_the_end() -> None:
    with silent(*UNLIMITED) as server, many_files(), ExitStack() as stack:
        idle = [stack.enter_context(closing(connected(server))) for _ in range(1000)]
        for each in idle[:500]:
            each.sendall(b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert {answer(each)[0] for each in idle[:500]} == {200}
        idle[-1].sendall(WHOLE[:-5])  # and one that will never end

        assert all(is_well(server) for _ in range(20))
        idle[999 - 1].sendall(WHOLE)
        assert answer(idle[999 - 1])[0] == 200

        server.process.terminate()
        assert server.process.wait(STOP_TIMEOUT + 6) == 0


def test_more_connections_than_a_process_may_open_by_default_are_taken() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2048:
        pytest.skip("this machine allows no process 2,048 files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with silent(*UNLIMITED) as server, many_files(), ExitStack() as stack:
            callers = [stack.enter_context(closing(connected(server))) for _ in range(400)]
            for each in callers:
                each.sendall(b"GET /v1/models HTTP/1.1\r\n" + HEAD + b"\r\n")
            assert {answer(each)[0] for each in callers} == {200}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="no prlimit on this system")
def test_connections_beyond_what_the_system_allows_wait_until_others_go() -> None:
    with silent(*UNLIMITED) as server:
        for process in procfs.tree(server.process.pid):
            resource.prlimit(process, resource.RLIMIT_NOFILE, (64, 64))
        with ExitStack() as stack:
            callers = [stack.enter_context(closing(connected(server))) for _ in range(200)]
            for each in callers:
                each.sendall(WHOLE)
            for each in callers:  # those beyond come in as others go
                assert answer(each)[0] == 200
                each.close()
        assert is_well(server)


@pytest.mark.slow
def test_ten_thousand_calls_in_one_go_are_answered_each_in_its_turn(server: Served) -> None:
    calls = b"".join(
        b"GET %s HTTP/1.1\r\n%sX-Request-Id: n%d\r\n\r\n" % (UNKNOWN.encode(), HEAD, n) for n in range(10_000)
    )
    with closing(connected(server)) as caller:
        sender = threading.Thread(target=caller.sendall, args=(calls,))
        sender.start()
        seen = b""
        while seen.count(b"HTTP/1.1 404") < 10_000 or not seen.endswith(b"}"):
            seen += some(caller)
        sender.join(PATIENCE)

    assert [int(each) for each in re.findall(rb"x-request-id: n(\d+)", seen.lower())] == list(range(10_000))


# Odd, but whole


def chunked(*sizes: int, trailer: bytes = b"") -> bytes:
    pieces, at = [], 0
    for size in (*sizes, len(BODY) - sum(sizes)):
        pieces.append(b"%x;odd=1\r\n%s\r\n" % (size, BODY[at : at + size]))
        at += size
    return CREATE + CHUNKED + b"".join(pieces) + b"0\r\n" + trailer + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
MEBIBYTE = b"100000\r\n%s\r\n" % (b" " * 0x100000)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(chunked(1, 2, 3, 5, 8, 13), 200, id="odd chunks"),
        pytest.param(chunked(7, trailer=b"X-API-Key: other\r\n"), 200, id="trailer"),
        pytest.param(WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"), 200, id="HTTP/1.0"),
        pytest.param(WHOLE.replace(b"POST /v1", b"POST http://localhost/v1"), 200, id="absolute form"),
        pytest.param(WHOLE.replace(b"POST", b"post"), 200, id="lower case method"),
        pytest.param(WHOLE.replace(b"POST", b"BREW"), 405, id="unknown method"),
        pytest.param(WHOLE.replace(b"X-API-Key: rude", b"X-API-Key: r\xc3\xbcde"), 401, id="key beyond ASCII"),
        pytest.param(WHOLE.replace(b"/v1/prediction/", b"/v1/prediction/%00"), 405, id="NUL in the path"),
        pytest.param(WHOLE.replace(b"Host:", b"X-Filler: y\r\n" * 60 + b"Host:"), 200, id="many headers"),
        pytest.param(WHOLE.replace(b"rude", b"rude\r\nX-Long: " + b"y" * 60_000), 200, id="long header"),
        pytest.param(CREATE + b"Content-Length: 2000000\r\n\r\n" + b" " * 2_000_000, 413, id="too long"),
        pytest.param(
            CREATE + b"Transfer-Encoding: chunked\r\n\r\n" + MEBIBYTE * 2 + b"0\r\n\r\n", 413, id="too many chunks"
        ),
    ],
)
def test_odd_call_is_answered_as_it_should_be(server: Served, raw: bytes, status: int) -> None:
    assert ask(server, raw)[0] == status
    assert is_well(server)


def test_caller_who_waits_to_be_asked_on_is_asked_on(server: Served) -> None:
    with closing(connected(server)) as caller:
        caller.sendall(CREATE + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        assert caller.recv(65_536).startswith(b"HTTP/1.1 100 ")
        caller.sendall(BODY)

        assert answer(caller)[0] == 200


# Broken off, or nothing at all


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, id="TLS"),
        pytest.param(b"\x00\xff" * 5000, id="bytes"),
        pytest.param(b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="version to come"),
        pytest.param(b"POST /v1/prediction/ HTTP/1.1\r\nContent-Length: -5\r\n\r\n", id="negative length"),
        pytest.param(CREATE + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello", id="two lengths"),
        pytest.param(CREATE + b"Content-Length: 99999999999999999999999\r\n\r\n", id="endless length"),
        pytest.param(CREATE + CHUNKED + b"zz\r\n", id="no chunk"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X-Flood: %s\r\n" % (b"y" * 1000) * 2000, id="flood of headers"),
        pytest.param(b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\n\r\n", id="endless path"),
        pytest.param(b"GET / HTTP/1.1\r\nX: \x00\r\n\r\n", id="NUL in a header"),
    ],
)
def test_what_is_no_call_is_refused_or_dropped_and_harms_nobody(server: Served, raw: bytes) -> None:
    with closing(connected(server)) as caller:
        try:
            caller.sendall(raw)
            caller.shutdown(socket.SHUT_WR)
            seen = caller.recv(65_536)
        except OSError:  # it was dropped already
            seen = b""

    assert seen == b"" or int(seen[9:12]) >= 400
    assert is_well(server)


@pytest.mark.parametrize("at", [1, len(CREATE), len(WHOLE) - 1])
@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
def test_call_that_breaks_off_creates_nothing(server: Served, at: int, *, is_reset: bool) -> None:
    key = f"cut-{at}-{is_reset}"
    for _ in range(5):
        with closing(connected(server)) as caller:
            caller.sendall(WHOLE.replace(b"rude", key.encode())[: at + len(key) - 4])
            if is_reset:
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert is_well(server)
    assert made(server, key) == 0


def test_caller_who_leaves_before_the_answer_harms_nobody(server: Served) -> None:
    for _ in range(50):
        with closing(connected(server)) as caller:
            caller.sendall(WHOLE)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert is_well(server)


# All at once


@pytest.fixture(scope="module", params=STORES)
def limited(request: pytest.FixtureRequest) -> Iterator[Served]:
    with silent("--log-format", "off", "--duration", "60", *STORES[request.param]) as served:
        yield served


def at_once(number: int, call: Call) -> Counter[int]:
    """Return how often each status was answered to *number* callers who start together."""
    barrier = threading.Barrier(number)

    def one(_: int) -> int:
        barrier.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(number) as pool:
        return Counter(pool.map(one, range(number)))


@pytest.mark.parametrize("turn", range(4))
def test_of_many_creates_at_once_no_more_than_ten_are_let_in(limited: Served, turn: int) -> None:
    assert at_once(32, lambda: limited.create(f"creates-{turn}")[0]) == {200: 10, 429: 22}
    assert made(limited, f"creates-{turn}") == 10


@pytest.mark.parametrize("turn", range(2))
def test_of_many_calls_at_once_no_more_than_a_hundred_are_let_through(limited: Served, turn: int) -> None:
    assert at_once(120, lambda: limited.call("GET", UNKNOWN, X_API_Key=f"calls-{turn}")[0]) == {404: 100, 429: 20}
