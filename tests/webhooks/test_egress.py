"""Calls to webhook receivers, over real sockets of this machine: kind, hostile, and those that are not to be called."""

import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from eachlabs_mock.core.clock import Stopwatch
from eachlabs_mock.webhooks.egress import LONGEST_RESPONSE, Egress, EgressRefusedError, Outcome, without_secrets
from helpers.egress import HEADERS, LONG, LOOPBACK_ONLY, Behaviour, Peer, Resolver, answers, receiver

SHORT = 0.1
ON_TIME = 5_000
"""Real milliseconds that a call bounded to SHORT may take on a busy machine; a call without a bound takes for ever."""


def dribbles(head: bytes, drop: bytes) -> Behaviour:
    """Say *head*, and then *drop* for ever, a hundred times a second."""

    def behave(peer: Peer, connection: socket.socket) -> None:
        connection.sendall(head)
        while not peer.over.wait(0.01):
            connection.sendall(drop)

    return behave


def hangs(peer: Peer, _: socket.socket) -> None:
    peer.over.wait()


def closes(_: Peer, connection: socket.socket) -> None:
    connection.close()


def resets(_: Peer, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def floods(peer: Peer, connection: socket.socket) -> None:
    peer.read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not peer.over.is_set():
        connection.sendall(b"x" * 65_536)


def call(behave: Behaviour, path: str = "/hook", *, seconds: float = LONG) -> Outcome:
    with receiver(behave) as peer:
        return LOOPBACK_ONLY.send(peer.url(path), b'{"a":1}', HEADERS, seconds)


def request_of(path: str, host: str = "127.0.0.1") -> list[str]:
    """Return the lines of the request for *path*."""
    with receiver(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as peer:
        LOOPBACK_ONLY.send(peer.url(path, host), b'{"a":1}', HEADERS, LONG)
        return peer.request.decode().replace(str(peer.port), "PORT").split("\r\n")


def test_an_answer_of_200_is_accepted() -> None:
    outcome = call(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks"))

    assert outcome == Outcome(200, "thanks", "")
    assert outcome.accepted


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_accepted(status: int) -> None:
    outcome = call(answers(b"HTTP/1.1 %d Fine\r\nContent-Length: 0\r\n\r\n" % status))

    assert (outcome.status_code, outcome.accepted, outcome.error) == (status, True, "")


@pytest.mark.parametrize("status", [300, 304, 400, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_not_accepted(status: int) -> None:
    outcome = call(answers(b"HTTP/1.1 %d Sorry\r\nContent-Length: 2\r\n\r\nno" % status))

    assert outcome.error == f"HTTP {status}"
    assert not outcome.accepted


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiver(answers(b"HTTP/1.1 %d Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n" % status)) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(), b"{}", HEADERS, LONG)
        is_called_again = peer.is_called_again()

    assert (outcome.status_code, outcome.accepted) == (status, False)
    assert not is_called_again


def test_a_post_carries_the_headers_and_the_body() -> None:
    lines = request_of("/hook?a=1")

    assert lines[0] == "POST /hook?a=1 HTTP/1.1"
    assert {"Host: 127.0.0.1:PORT", "Content-Type: application/json", "Content-Length: 7"} <= set(lines)
    assert lines[-1] == '{"a":1}'


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", "/"),
        ("/", "/"),
        ("?a=1", "/?a=1"),
        ("/hook#part", "/hook"),
        ("/a%20b", "/a%20b"),
        ("/é", "/%C3%A9"),
        ("/?q=é", "/?q=%C3%A9"),
        ("/a:b@c;d=e,f/(g)*'!$&+~", "/a:b@c;d=e,f/(g)*'!$&+~"),
    ],
)
def test_the_request_names_what_the_url_names(path: str, target: str) -> None:
    assert request_of(path)[0] == f"POST {target} HTTP/1.1"


def test_the_receiver_is_told_the_host_of_its_url() -> None:
    assert "Host: localhost:PORT" in request_of("/", "localhost")


def test_a_receiver_that_closes_at_once_is_a_failure_with_a_reason() -> None:
    outcome = call(closes)

    assert (outcome.status_code, outcome.accepted) == (None, False)
    assert outcome.error


def test_a_receiver_that_resets_is_a_failure_with_a_reason() -> None:
    outcome = call(resets)

    assert outcome.status_code is None
    assert outcome.error


def test_a_port_where_nobody_listens_is_a_failure_with_a_reason() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        outcome = LOOPBACK_ONLY.send(f"http://127.0.0.1:{bound.getsockname()[1]}/", b"", HEADERS, LONG)

    assert outcome.error.startswith("ConnectionRefusedError: ")


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(hangs, id="hangs"),
        pytest.param(dribbles(b"", b"H"), id="dribbles a status line"),
        pytest.param(dribbles(b"HTTP/1.1 200 OK\r\nX: ", b"x"), id="dribbles a header"),
        pytest.param(dribbles(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"), id="dribbles headers"),
        pytest.param(dribbles(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="goes on and on"),
        pytest.param(dribbles(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), id="dribbles a body"),
        pytest.param(
            dribbles(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"), id="dribbles a body of a length"
        ),
        pytest.param(
            dribbles(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="dribbles chunks"
        ),
    ],
)
def test_the_time_for_the_whole_answer_is_bounded(behave: Behaviour) -> None:
    watch = Stopwatch()

    outcome = call(behave, seconds=SHORT)

    assert outcome == Outcome(None, "", "no answer within 0.1 s")
    assert watch.millis() < ON_TIME


def test_fifty_calls_that_hang_hold_up_no_other() -> None:
    egress, watch = Egress(()), Stopwatch()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as deaf, ThreadPoolExecutor(50) as callers:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        hanging = [callers.submit(egress.send, url, b"{}", HEADERS, 1.0) for _ in range(50)]
        with receiver(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as peer:
            outcome = egress.send(peer.url(), b"{}", HEADERS, LONG)

    assert outcome.accepted
    assert {each.result() for each in hanging} == {Outcome(None, "", "no answer within 1 s")}
    assert watch.millis() < ON_TIME


def test_the_time_for_a_handshake_is_bounded() -> None:
    with receiver(hangs) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(scheme="https"), b"", HEADERS, SHORT)

    assert outcome.error == "no answer within 0.1 s"


def test_a_receiver_that_does_not_speak_tls_is_a_failure_with_a_reason() -> None:
    with receiver(lambda _, connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(scheme="https"), b"", HEADERS, LONG)

    assert outcome.error.startswith("SSLError: ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe\x80" * 10 + b"\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"\r\n\r\n",
        b"x" * 200_000,
        b"x" * 50_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
    ],
)
def test_garbage_is_a_failure_with_a_short_reason(garbage: bytes) -> None:
    outcome = call(answers(garbage))

    assert (outcome.status_code, outcome.accepted) == (None, False)
    assert 0 < len(outcome.error) <= 1000


def test_of_a_long_answer_the_beginning_is_kept() -> None:
    outcome = call(floods)

    assert outcome == Outcome(200, "x" * LONGEST_RESPONSE, "")


def test_a_receiver_that_hangs_up_within_its_answer_has_said_enough() -> None:
    outcome = call(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nthan"))

    assert outcome == Outcome(200, "than", "")


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints\r\nLink: </a.css>"])
def test_what_is_said_in_the_meantime_is_no_answer(interim: bytes) -> None:
    outcome = call(answers(b"HTTP/1.1 %s\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok" % interim))

    assert outcome == Outcome(202, "ok", "")


def test_an_answer_in_chunks_is_put_together() -> None:
    outcome = call(answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nthan\r\n2\r\nks\r\n0\r\n\r\n"))

    assert outcome == Outcome(200, "thanks", "")


def test_an_answer_that_is_no_text_is_kept_as_far_as_it_is() -> None:
    outcome = call(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xffb"))

    assert outcome.response == "a\ufffdb"


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "126.255.255.255",
        "128.0.0.1",
        "3221225985",
        "0xc0.0.2.1",
        "0300.0.2.1",
        "192.0.513",
        "0",
        "[::]",
        "[fe80::1]",
        "[2001:db8::1]",
        "[::ffff:192.0.2.1]",
        "[::ffff:0.0.0.0]",
        "[::127.0.0.1]",
    ],
)
def test_no_address_beyond_loopback_is_called(host: str) -> None:
    outcome = LOOPBACK_ONLY.send(f"http://{host}/hook", b"{}", HEADERS, LONG)

    assert outcome.status_code is None
    assert f"; allow it with --allow-webhook-host {host.strip('[]')}" in outcome.error


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.255.255.254", "127.255.255.254"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("::1", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
    ],
)
def test_loopback_is_called_however_it_is_spelled(host: str, address: str) -> None:
    assert LOOPBACK_ONLY.addresses_of(host, 80) == [address]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Resolver]:
    def install(*answers: list[str]) -> Resolver:
        resolver = Resolver({"hook.test": list(answers)})
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        return resolver

    return install


def test_the_address_that_was_checked_is_the_one_that_is_called(resolve: Callable[..., Resolver]) -> None:
    resolver = resolve(["127.0.0.1"], ["192.0.2.1"])

    with receiver(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(host="hook.test"), b"", HEADERS, LONG)

    assert outcome.accepted
    assert resolver.asked == ["hook.test"]


def test_of_a_names_addresses_only_those_of_this_machine_are_called(resolve: Callable[..., Resolver]) -> None:
    resolve(["192.0.2.1", "127.0.0.1", "127.0.0.2"])

    assert LOOPBACK_ONLY.addresses_of("hook.test", 80) == ["127.0.0.1", "127.0.0.2"]


def test_a_name_with_two_addresses_is_reached_by_the_second(resolve: Callable[..., Resolver]) -> None:
    resolve(["127.0.0.2", "127.0.0.1"])

    with receiver(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(host="hook.test"), b"", HEADERS, LONG)

    assert outcome.accepted


def test_a_name_that_means_another_machine_is_refused(resolve: Callable[..., Resolver]) -> None:
    resolve(["192.0.2.1"])

    with pytest.raises(EgressRefusedError, match=r"hook\.test \(192\.0\.2\.1\) is not on this machine"):
        LOOPBACK_ONLY.addresses_of("hook.test", 80)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("hook.test", "hook.test"),
        ("192.0.2.1", "hook.test"),
        ("any", "hook.test"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "3221225985"),
        ("any", "192.0.2.1"),
    ],
)
def test_what_was_allowed_is_called(resolve: Callable[..., Resolver], allowed: str, host: str) -> None:
    resolve(["192.0.2.1"])

    assert Egress([allowed]).addresses_of(host, 80) == ["192.0.2.1"]


@pytest.mark.parametrize("allowed", ["hook.test", "any"])
def test_hosts_are_compared_in_any_case(resolve: Callable[..., Resolver], allowed: str) -> None:
    resolver = resolve(["192.0.2.1"])
    resolver.answers = {"HOOK.test.": [["192.0.2.1"]]}

    assert Egress([allowed]).addresses_of("HOOK.test.", 80) == ["192.0.2.1"]


@pytest.mark.parametrize("allowed", ["other.test", "test", "192.0.2.2", "192.0.2"])
def test_what_was_not_allowed_is_not_called(resolve: Callable[..., Resolver], allowed: str) -> None:
    resolve(["192.0.2.1"])

    with pytest.raises(EgressRefusedError):
        Egress([allowed]).addresses_of("hook.test", 80)


def test_loopback_stays_allowed_beside_what_was_allowed() -> None:
    assert Egress(["hook.test"]).addresses_of("127.0.0.1", 80) == ["127.0.0.1"]


def test_a_name_without_an_address_is_a_failure_with_a_reason(resolve: Callable[..., Resolver]) -> None:
    resolve([])

    assert "Name or service not known" in LOOPBACK_ONLY.send("http://hook.test/", b"", HEADERS, LONG).error


IMPOSSIBLE = ["http://" + "a" * 64 + "/", "http://a..b/", "http://.localhost/"]


@pytest.mark.parametrize("url", IMPOSSIBLE)
def test_a_name_that_no_machine_can_have_is_a_failure_with_a_reason(url: str) -> None:
    assert LOOPBACK_ONLY.send(url, b"", HEADERS, LONG).error


@pytest.mark.parametrize("url", ["http://192.0.2.1/hook", "https://192.0.2.1:8443/"])
def test_a_refusal_is_foretold_with_the_flag_that_would_lift_it(url: str) -> None:
    assert "allow it with --allow-webhook-host 192.0.2.1" in LOOPBACK_ONLY.refusal(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook", "https://[::1]/", *IMPOSSIBLE])
def test_no_refusal_is_foretold_where_there_is_none(url: str) -> None:
    assert LOOPBACK_ONLY.refusal(url) == ""


def test_nothing_is_foretold_of_a_name_that_nobody_knows_yet(resolve: Callable[..., Resolver]) -> None:
    resolve([])

    assert LOOPBACK_ONLY.refusal("http://hook.test/") == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9000/hook", "http://127.0.0.1:9000/hook"),
        ("http://127.0.0.1/hook?token=t", "http://127.0.0.1/hook"),
        ("http://127.0.0.1/hook#t", "http://127.0.0.1/hook"),
        ("https://user:password@example.com/hook", "https://example.com/hook"),
        ("https://a@b@example.com/", "https://example.com/"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_logs_show_a_url_without_its_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:9/hook", True),
        ("http://127.8.8.8/hook", True),
        ("http://[::1]/hook", True),
        ("http://[::ffff:127.0.0.1]/hook", True),
        ("http://localhost./hook", True),
        ("http://hook.test/hook", True),
        ("http://192.0.2.1/hook", False),
        ("http://0.0.0.0/hook", False),
        ("http://other.test/hook", False),
    ],
)
def test_host_is_allowed_unseen_only_where_no_lookup_could_change_it(url: str, allowed: bool) -> None:  # noqa: FBT001  # a column
    assert Egress(["hook.test"]).allows_unseen(url) is allowed


def test_any_host_is_allowed_unseen_where_any_is() -> None:
    assert Egress(["any"]).allows_unseen("http://192.0.2.1/hook")
