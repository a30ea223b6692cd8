"""Answers that are delayed, dribbled, cut, reset or left hanging, seen from a raw socket before a served emulator."""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

import orjson
import pytest

import helpers.wired
from eachlabs_mock.core.clock import Stopwatch
from eachlabs_mock.server.sockets import connection_to

LIVE = "/__mock/health/live"
BODY = b'{"status":"live"}\n'
LONG = 3600
"""Seconds that no test waits for."""

CREATE = b'{"model":"qwen-image","input":{"prompt":"a red bicycle"}}'
FLAGS = ("--seed", "5", "--clock", "manual", "--start", "2026-02-05T00:00:00Z", "--progress", "immediate")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with helpers.wired.serving("--wire-faults", "--threads", "2", *FLAGS) as served:
        yield served


@pytest.fixture(scope="module")
def port(server: tuple[subprocess.Popen[str], int]) -> int:
    return server[1]


@pytest.fixture(scope="module")
def laneless() -> Iterator[int]:
    with helpers.wired.serving("--no-lane", *FLAGS) as (_, port):
        yield port


@pytest.fixture
def both(port: int, laneless: int) -> tuple[int, int]:
    return port, laneless


class Caller:
    """A raw connection to a served emulator."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, **wire: Any) -> Self:
        """Send a request whose answer is to go out as *wire* says."""
        headers = f"Host: x\r\nX-Wire: {orjson.dumps(wire).decode()}\r\n\r\n"
        self.socket.sendall(f"GET {LIVE} HTTP/1.1\r\n{headers}".encode())
        return self

    def answer(self) -> tuple[bytes, bytes]:
        """Return head and body of a whole answer, leaving the connection open."""
        seen = b""
        while not seen.endswith(BODY):
            seen += self._some()
        head, _, body = seen.partition(b"\r\n\r\n")
        return head, body

    def until_the_end(self) -> tuple[bytes, str]:
        """Return what comes, and how the connection ends."""
        seen = b""
        try:
            while part := self.socket.recv(4096):
                seen += part
        except ConnectionResetError:
            return seen, "reset"
        return seen, "closed"

    def is_silent(self, seconds: float = 0.1) -> bool:
        """Whether nothing comes for some time, not even an end."""
        return not select.select([self.socket], [], [], seconds)[0]

    def _some(self) -> bytes:
        part = self.socket.recv(4096)
        assert part, "closed too early"
        return part


# What is not disturbed


def whole(port: int, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, str, list[Any], bytes]:
    """Return status, phrase, headers and body; a body in a list is sent chunked.

    Left out are headers that tell the time, whether the connection is kept, which after a body that nobody read is a
    matter of luck, and the framing of an empty body: where the application names no length, granian sends no chunks
    over WSGI, and no bytes over RSGI.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Host": "api.test", "X-Request-Id": "same", **headers})
        answer = connection.getresponse()
        seen = answer.read()
        left_out = {"date", "expires", "connection"}
        left_out |= set() if seen or method == "HEAD" else {"content-length", "transfer-encoding"}
        kept = [(name, value) for name, value in answer.getheaders() if name not in left_out]
        return answer.status, answer.reason, kept, seen
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        pytest.param("POST", "/v1/prediction/", CREATE, {}, id="create"),
        pytest.param("POST", "/v1/prediction/", [CREATE[:9], CREATE[9:]], {}, id="chunked create"),
        pytest.param("POST", "/v1/prediction/", b"{", {}, id="bad JSON"),
        pytest.param("POST", "/v1/prediction/", CREATE, {"Content-Type": "text/plain"}, id="wrong type"),
        pytest.param("POST", "/v1/prediction/", b" " * 1_048_577, {}, id="long body"),
        pytest.param("POST", "/v1/prediction/", [b" " * 700_000] * 3, {}, id="long chunked body"),
        pytest.param("POST", "/v1/nowhere", b" " * 3_000_000, {}, id="long body to nowhere"),
        pytest.param("POST", "/v1/prediction/", CREATE, {"X-API-Key": ""}, id="no key"),
        pytest.param("POST", "/v1/prediction/", CREATE, {"X-API-Key": "ключ".encode()}, id="key beyond ASCII"),
        pytest.param("POST", "/v1/prediction/", CREATE, {"Expect": "100-continue"}, id="expectation"),
        pytest.param("GET", "/v1/prediction/nobody", None, {}, id="unknown prediction"),
        pytest.param("GET", "/v1/prediction/nobody", b"{}", {}, id="get with a body"),
        pytest.param("GET", "/v1/prediction/%C3%A9%2F%20", None, {}, id="path beyond ASCII"),
        pytest.param("GET", "/%FF", None, {}, id="path in no UTF-8"),
        pytest.param("GET", "/v1/models?name=qwen&name=%C3%A9", None, {}, id="query"),
        pytest.param("GET", "/v1/models", None, {"Connection": "Upgrade", "Upgrade": "websocket"}, id="upgrade"),
        pytest.param("HEAD", "/v1/models", None, {}, id="head"),
        pytest.param("OPTIONS", "/v1/prediction/", None, {"Origin": "https://x.test"}, id="options"),
        pytest.param("PUT", "/v1/prediction/", b"{}", {}, id="wrong method"),
        pytest.param("GET", "/v1/docs", None, {}, id="page"),
        pytest.param("GET", "/__mock/requests", None, {}, id="control plane"),
    ],
)
def test_plain_call_is_answered_alike_at_once_and_by_flask(
    both: tuple[int, int], request: pytest.FixtureRequest, method: str, path: str, body: Any, headers: dict[str, str]
) -> None:
    given = {"X-API-Key": request.node.callspec.id, "Content-Type": "application/json", **headers}

    at_once, by_flask = (whole(port, method, path, body, given) for port in both)

    assert at_once == by_flask


def test_output_is_the_same_with_and_without_the_lane(both: tuple[int, int]) -> None:
    headers = {"X-API-Key": "a-key-with-an-output", "Content-Type": "application/json"}
    images = []
    for port in both:
        prediction_id = orjson.loads(whole(port, "POST", "/v1/prediction/", CREATE, headers)[3])["predictionID"]
        read = orjson.loads(whole(port, "GET", f"/v1/prediction/{prediction_id}", None, headers)[3])
        images.append(whole(port, "GET", str(read["output"]).removeprefix("http://api.test"), None, headers))

    assert images[0] == images[1]
    assert images[0][3][:4] == b"RIFF"


def test_repeated_header_is_folded_alike(both: tuple[int, int]) -> None:
    answers = []
    for port in both:
        with Caller(port) as caller:
            caller.socket.sendall(b"GET /v1/prediction/x HTTP/1.0\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n")
            lines = caller.until_the_end()[0].split(b"\r\n")
        answers.append([each for each in lines if not each.startswith((b"date", b"x-request-id"))])

    assert answers[0] == answers[1]
    assert answers[0][0] == b"HTTP/1.0 401 Unauthorized"


def test_calls_in_one_packet_are_answered_in_their_order(port: int) -> None:
    with Caller(port) as caller:
        caller.ask(spread=0.02).ask().ask()
        seen = b""
        while seen.count(BODY) < 3:
            seen += caller.socket.recv(4096)

    assert seen.count(b"HTTP/1.1 200 OK") == 3


# Late answers


def test_delayed_answer_is_whole_and_not_there_before(port: int) -> None:
    watch = Stopwatch()
    with Caller(port) as caller:
        body = caller.ask(delay=0.1).answer()[1]

    assert body == BODY
    assert watch.millis() >= 100


def test_connection_of_a_delayed_answer_is_kept(port: int) -> None:
    with Caller(port) as caller:
        caller.ask(delay=0.01).answer()

        assert caller.ask().answer()[1] == BODY


def test_dribbled_body_has_begun_long_before_it_ends(port: int) -> None:
    with Caller(port) as caller:
        caller.ask(spread=LONG / 200)  # a byte a second
        seen = b""
        while b"\r\n\r\n{" not in seen:
            seen += caller.socket.recv(4096)

        assert BODY not in seen
        assert caller.is_silent()


def test_dribbled_body_is_whole_in_the_end_and_its_connection_kept(port: int) -> None:
    with Caller(port) as caller:
        assert caller.ask(spread=0.1).answer()[1] == BODY
        assert caller.ask().answer()[1] == BODY


# Answers that break off


def test_cut_body_ends_in_order_and_short_of_what_was_promised(port: int) -> None:
    with Caller(port) as caller:
        seen, end = caller.ask(cut_after=5, end="close").until_the_end()

    assert (seen[:15], seen[-9:], end) == (b"HTTP/1.1 200 OK", b'\r\n\r\n{"sta', "closed")
    assert b"\r\ncontent-length: 18\r\n" in seen


def test_reset_at_the_start_lets_nothing_be_seen(port: int) -> None:
    with Caller(port) as caller:
        assert caller.ask(cut_after=0, end="reset").until_the_end() == (b"", "reset")


def test_reset_in_the_middle_comes_after_what_was_sent(port: int) -> None:
    with Caller(port) as caller:
        seen, end = caller.ask(cut_after=5, end="reset").until_the_end()

    assert (seen[:15], seen[-9:], end) == (b"HTTP/1.1 200 OK", b'\r\n\r\n{"sta', "reset")


@pytest.mark.parametrize("end", ["close", "reset"])
def test_head_of_an_answer_that_breaks_off_is_that_of_a_whole_one(port: int, end: str) -> None:
    def names(head: bytes) -> list[bytes]:
        return [line.partition(b":")[0] for line in head.split(b"\r\n")]

    with Caller(port) as caller:
        usual = names(caller.ask().answer()[0])
        broken = names(caller.ask(cut_after=5, end=end).until_the_end()[0].partition(b"\r\n\r\n")[0])

    assert broken == usual


def test_connection_that_was_used_before_is_reset_too(port: int) -> None:
    with Caller(port) as caller:
        caller.ask().answer()

        assert caller.ask(cut_after=0, end="reset").until_the_end() == (b"", "reset")


def test_reset_strikes_a_call_whose_body_nobody_reads(port: int) -> None:
    with Caller(port) as caller:
        wire = b'X-Wire: {"cut_after": 0, "end": "reset"}'
        caller.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" + wire + b"\r\n\r\n{}")

        assert caller.until_the_end() == (b"", "reset")


# Answers that never come


def test_hanging_call_gets_nothing_and_stays_open(port: int) -> None:
    with Caller(port) as caller:
        assert caller.ask(cut_after=0, end="hang").is_silent()


def test_answer_that_hangs_in_the_middle_has_begun(port: int) -> None:
    with Caller(port) as caller:
        caller.ask(cut_after=5, end="hang")
        seen = b""
        while b'{"sta' not in seen:
            seen += caller.socket.recv(4096)

        assert caller.is_silent()


@pytest.mark.parametrize("wire", [{"cut_after": 0, "end": "hang"}, {"delay": LONG}, {"spread": LONG}], ids=str)
def test_forty_calls_that_wait_do_not_stall_a_plain_one(port: int, wire: dict[str, Any]) -> None:
    waiting = [Caller(port).ask(**wire) for _ in range(40)]

    with Caller(port) as caller:
        assert caller.ask().answer()[1] == BODY
    for each in waiting:
        each.socket.close()


def worker_of(process: subprocess.Popen[str]) -> int:
    (worker,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(worker)


@pytest.mark.parametrize("end", ["close", "reset"])
def test_broken_connections_leave_no_open_file_behind(server: tuple[subprocess.Popen[str], int], end: str) -> None:
    files = Path(f"/proc/{worker_of(server[0])}/fd")
    before = len(list(files.iterdir()))
    for _ in range(50):
        with Caller(server[1]) as caller:
            caller.ask(cut_after=0, end=end).until_the_end()

    assert len(list(files.iterdir())) < before + 25  # some connections of this and other tests may be closing still


def test_hanging_calls_do_not_hold_up_the_end_and_get_no_answer() -> None:
    with helpers.wired.serving("--wire-faults") as (process, port):
        worker = os.pidfd_open(worker_of(process))
        hanging = [Caller(port).ask(cut_after=0, end="hang") for _ in range(5)]
        with Caller(port) as caller:
            caller.ask().answer()  # so those, which came first, have been taken up

        process.send_signal(signal.SIGTERM)

        assert process.wait(3) == 0  # before the grace of calls in flight is over
        assert select.select([worker], [], [], 0)[0] == [worker]  # readable once it has ended
        assert {each.until_the_end()[0] for each in hanging} == {b""}
        os.close(worker)
        for each in hanging:
            each.socket.close()


# How a connection is found


@pytest.mark.parametrize(("host", "text"), [("127.0.0.1", "127.0.0.1:{}"), ("::1", "[::1]:{}")])
def test_connection_is_found_by_the_address_of_the_caller(host: str, text: str) -> None:
    if ":" in host and (not socket.has_ipv6 or not Path("/proc/net/if_inet6").read_text()):
        pytest.skip("this machine has no IPv6")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, 0), family=family) as listening,
        socket.create_connection(listening.getsockname()[:2]) as caller,
        listening.accept()[0],
    ):
        with connection_to(text.format(caller.getsockname()[1])) as found:
            found.sendall(b"it")

        assert caller.recv(9) == b"it"


def test_caller_who_has_gone_is_told_apart() -> None:
    with pytest.raises(ConnectionError, match=r"^192\.0\.2\.1:5 has gone$"):
        connection_to("192.0.2.1:5")


# Bodies that never come whole


@pytest.mark.parametrize("path", ["/v1/prediction/", "/__mock/predictions/fail-next"])
@pytest.mark.parametrize("declared", ["100", "2000000"])
def test_body_that_ends_before_its_length_is_refused_and_does_nothing(port: int, path: str, declared: str) -> None:
    key = {"Host": "localhost", "X-API-Key": f"cut-{path}-{declared}"}

    with Caller(port) as caller:
        head = "\r\n".join([f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in key.items())])
        caller.socket.sendall(f"{head}\r\nContent-Length: {declared}\r\n\r\n".encode())
        caller.socket.shutdown(socket.SHUT_WR)
        seen, end = caller.until_the_end()

    assert (seen[9:12], end) in {(b"400", "closed"), (b"413", "closed")}
    for listing in ("predictions", "faults"):
        assert orjson.loads(whole(port, "GET", f"/__mock/{listing}", None, key)[3])[listing] == []
