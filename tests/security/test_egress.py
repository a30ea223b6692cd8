"""Webhooks call this machine alone, by the address that was checked, however a host is written."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eachlabs_mock.webhooks.egress import Egress, Outcome, without_secrets
from eachlabs_mock.webhooks.http_client import Streams
from helpers.egress import HEADERS, LONG, LOOPBACK_ONLY, Peer, Resolver, answers, receiver
from helpers.owner import Owner
from helpers.receivers import receiving
from helpers.tools import need

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

ELSEWHERE = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""


def request_for(host: str, egress: Egress = LOOPBACK_ONLY, path: str = "/hook") -> tuple[Outcome, str]:
    """Send to a receiver of this machine under the name *host*; return what came of it, and the request."""
    with receiver(answers(OK)) as peer:
        outcome = egress.send(peer.url(path, host), b"{}", HEADERS, LONG)
        return outcome, peer.request.decode().replace(str(peer.port), "PORT")


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "LOCALHOST",
        "LocalHost",
        "\uff11\uff12\uff17.0.0.1",  # full-width digits
        "127\u30020\u30020\u30021",  # ideographic full stops
        "\uff2c\uff2f\uff23\uff21\uff2c\uff28\uff2f\uff33\uff34",  # full-width letters
        "\u2113ocalhost",  # a script l
        "user:password@127.0.0.1",
        f"{ELSEWHERE}@127.0.0.1",
        f"{ELSEWHERE}:80@localhost",
        f"{ELSEWHERE}\\@127.0.0.1",
    ],
)
def test_what_means_this_machine_is_called_however_it_is_written(host: str) -> None:
    outcome, _ = request_for(host)

    assert outcome.accepted, outcome.error


@pytest.mark.parametrize(
    "host",
    [
        "[fe80::1]",
        "[::]",
        "[::ffff:10.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::7f00:1]",  # 127.0.0.1 behind a translator
        "[2002:7f00:1::]",  # and in 6to4
        "[fc00::1]",
        "[ff02::1]",
        "0.0.0.0",
        "0",
        "0x0",
        "10.1",
        "0xa9fea9fe",  # 169.254.169.254, where clouds keep their keys
        "\uff11\uff10.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        f"127.0.0.1@{ELSEWHERE}",
        f"127.0.0.1\\@{ELSEWHERE}",
        f"localhost:80@{ELSEWHERE}",
    ],
)
def test_what_means_another_machine_is_refused_however_it_is_written(host: str) -> None:
    outcome = LOOPBACK_ONLY.send(f"http://{host}/hook", b"{}", HEADERS, LONG)

    assert "is not on this machine; allow it" in outcome.error


NO_URL = "not sent: the webhook URL is not an absolute http or https URL"

NO_HOSTS = [
    "http://",
    "http:///hook",
    "http://[",
    "http://[::1",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:x/",
    "http://127.0.0.1\r\nX-Added: 1/",
    "//127.0.0.1/",
    "127.0.0.1/",
    "",
    "ftp://127.0.0.1/",
    "file:///etc/hostname",
    "gopher://127.0.0.1/",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", NO_HOSTS)
def test_what_is_no_address_of_the_web_is_called_by_nobody(url: str) -> None:
    assert Egress(["any"]).send(url, b"{}", HEADERS, LONG) == Outcome(None, "", NO_URL)
    assert LOOPBACK_ONLY.refusal(url) == NO_URL
    assert not LOOPBACK_ONLY.allows_unseen(url)


def test_no_secret_of_an_address_that_is_none_gets_into_a_log() -> None:
    secret = "http://user:s3cret@127.0.0.1:0/?token=s3cret"

    assert "s3cret" not in LOOPBACK_ONLY.send(secret, b"", HEADERS, LONG).error + without_secrets(secret)
    assert "s3cret" not in without_secrets("http://user:s3cret@[")


@pytest.mark.parametrize("url", NO_HOSTS)
def test_any_text_can_be_told_to_the_log(url: str) -> None:
    assert "\n" not in without_secrets(url)


@pytest.mark.parametrize(
    "host",
    [
        "%31%32%37.0.0.1",
        "127.0.0.1%00.example",
        "[fe80::1%25eth0]",
        "[::1%25lo]",
        "a b",
        "a\tb",
        "a\nb",
        "a\x00b",
        "127.0.0.1\\.example",
        "127\u30020\u30020\u30021",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "@",
        "",
    ],
)
def test_a_create_takes_no_host_that_readers_of_urls_differ_about(host: str) -> None:
    answer = Owner().create(webhook_url=f"http://{host}/hook")

    assert answer.status_code == 400
    assert "webhook_url: must be an absolute http or https URL" in answer.json["details"]


def resolving(monkeypatch: pytest.MonkeyPatch, *found: list[str]) -> Resolver:
    """Let `hook.test` resolve to each of the lists *found* in turn."""
    resolver = Resolver({"hook.test": list(found)})
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that will hold every address that is called."""
    called: list[str] = []
    connect = asyncio.open_connection

    async def noting(address: str, *args: Any, **options: Any) -> Streams:
        called.append(address)
        return await connect(address, *args, **options)

    monkeypatch.setattr(asyncio, "open_connection", noting)
    return called


@pytest.mark.parametrize(
    "first", [["192.0.2.1", "127.0.0.1"], ["127.0.0.1", "192.0.2.1"], ["::ffff:192.0.2.1", "127.0.0.1"]]
)
def test_of_a_name_with_two_kinds_of_addresses_only_this_machine_is_called(
    monkeypatch: pytest.MonkeyPatch, first: list[str]
) -> None:
    resolving(monkeypatch, first)
    called = dialled(monkeypatch)

    outcome, _ = request_for("hook.test")

    assert outcome.accepted
    assert called == ["127.0.0.1"]


def test_a_name_that_resolves_elsewhere_the_second_time_is_not_followed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = resolving(monkeypatch, ["127.0.0.1"], [ELSEWHERE])
    called = dialled(monkeypatch)

    outcome, _ = request_for("hook.test")

    assert outcome.accepted
    assert (called, resolver.asked) == (["127.0.0.1"], ["hook.test"])


def test_a_name_that_came_home_the_second_time_is_looked_up_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, [ELSEWHERE], ["127.0.0.1"])

    assert "is not on this machine" in request_for("hook.test")[0].error
    assert request_for("hook.test")[0].accepted


@pytest.mark.parametrize("host", ["sub.hook.test", "hook.test.evil.example", "evilhook.test", "hook.tes", "hook-test"])
def test_a_host_is_allowed_exactly_and_nothing_like_it(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver({host: [[ELSEWHERE]]}))

    assert "is not on this machine" in Egress(["hook.test"]).refusal(f"http://{host}/")


def test_the_receiver_is_told_the_name_of_the_url_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["127.0.0.1"])

    assert "\r\nHost: hook.test:PORT\r\n" in request_for("hook.test")[1]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_told_of_a_webhook(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with receiver(answers(OK)) as proxy:
        monkeypatch.setenv(name, proxy.url(""))
        monkeypatch.setenv("NO_PROXY", "")
        outcome, request = request_for("localhost")

    assert outcome.accepted
    assert request.startswith("POST /hook HTTP/1.1\r\n")
    assert proxy.request == b""


def test_no_password_is_taken_from_a_file_or_a_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("default login me password from-a-file\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    request = request_for("me:from-a-url@127.0.0.1")[1].lower()

    assert "authorization" not in request
    assert "from-a" not in request


def test_no_cookie_is_kept_from_one_webhook_to_the_next() -> None:
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 0\r\n\r\n"
    with receiver(answers(cookie)) as first:
        LOOPBACK_ONLY.send(first.url(), b"{}", HEADERS, LONG)

    assert "cookie" not in request_for("127.0.0.1")[1].lower()


@pytest.mark.parametrize("place", ["http://192.0.2.1/", "/__mock/reset", "//192.0.2.1/", "http://127.0.0.1:9/"])
def test_a_redirect_is_told_and_not_followed(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    called = dialled(monkeypatch)
    moved = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % place.encode()

    with receiver(answers(moved)) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(), b"{}", HEADERS, LONG)

    assert outcome == Outcome(307, "", "HTTP 307")
    assert called == ["127.0.0.1"]


def test_an_imported_world_whose_webhooks_go_nowhere_says_so_and_sends_the_rest() -> None:
    owner = Owner(send=LOOPBACK_ONLY.send, max_in_flight=None)
    with receiving() as hook:
        *_, last = [owner.created(webhook_url=hook.url) for _ in (*NO_HOSTS, "and a good one")]
        state = owner.ask("GET", "/state")
        for prediction, url in zip(state["predictions"], NO_HOSTS, strict=False):
            prediction["webhook_url"] = url
        owner.ask("PUT", "/state", state)

        owner.ask("POST", "/clock/advance", {"seconds": 3})

        assert hook.next()["exec_id"] == last
    told = [each["attempts"][0]["error_message"] for each in owner.ask("GET", "/deliveries")["deliveries"]]
    assert sorted(told) == ["", *[NO_URL] * len(NO_HOSTS)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `hook.test` that signs itself, with its key, in one file."""
    openssl = need("openssl", "apt-get install openssl")
    file = tmp_path_factory.mktemp("tls") / "hook.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hook.test"
    added = ["-addext", "subjectAltName=DNS:hook.test", "-keyout", str(file), "-out", str(file) + ".crt"]
    subprocess.run([openssl, *made.split(), *added], check=True, capture_output=True, timeout=30)
    file.write_bytes(file.read_bytes() + file.with_name(file.name + ".crt").read_bytes())
    return file


def over_tls(
    monkeypatch: pytest.MonkeyPatch, certificate: Path, host: str, trusted: Sequence[Path]
) -> tuple[Outcome, bytes]:
    """Send to *host*, which is this machine, where a receiver shows *certificate*."""
    monkeypatch.setattr(socket, "getaddrinfo", Resolver({host: [["127.0.0.1"]]}))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]) if trusted else "")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(peer: Peer, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            answers(OK)(peer, secure)

    with receiver(behave) as peer:
        outcome = LOOPBACK_ONLY.send(peer.url(host=host, scheme="https"), b"{}", HEADERS, LONG)
    return outcome, peer.request


def test_a_certificate_for_the_name_of_the_url_is_good_though_the_address_was_called(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    outcome, request = over_tls(monkeypatch, certificate, "hook.test", [certificate])

    assert outcome.accepted, outcome.error
    assert b"\r\nHost: hook.test:" in request


@pytest.mark.parametrize(
    ("host", "is_trusted", "reason"),
    [("other.test", True, "Hostname mismatch"), ("hook.test", False, "self-signed certificate")],
)
def test_a_certificate_for_another_name_or_from_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    certificate: Path,
    host: str,
    is_trusted: bool,  # noqa: FBT001  # a column
    reason: str,
) -> None:
    outcome, request = over_tls(monkeypatch, certificate, host, [certificate] if is_trusted else [])

    assert (outcome.status_code, request) == (None, b"")
    assert reason in outcome.error
