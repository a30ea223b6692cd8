"""Faults of a served emulator as a raw socket sees them."""

import json
import select
import socket
from collections.abc import Iterator

import pytest
import requests

from helpers.live_server import LiveServer
from helpers.wired import serving

BODY = b'{"model":"qwen-image","input":{"prompt":"a red bicycle"}}'
KEY = "key-of-the-wire"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving("--wire-faults", "--seed", "7", "--progress", "immediate") as (_, port):
        yield port


@pytest.fixture
def caller(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        yield connection


def create(caller: socket.socket, scenario: str) -> None:
    head = (
        f"POST /v1/prediction/ HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\nX-Mock-Fault: {scenario}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    caller.sendall(head.encode() + BODY)


def until_the_end(caller: socket.socket) -> tuple[bytes, str]:
    """Return what came, and how the connection ended."""
    came = b""
    while True:
        try:
            piece = caller.recv(65_536)
        except ConnectionResetError:
            return came, "reset"
        if not piece:
            return came, "closed"
        came += piece


def made(port: int) -> int:
    """Return how many predictions there are."""
    answer = requests.get(f"http://127.0.0.1:{port}/__mock/predictions", headers={"X-API-Key": KEY}, timeout=10)
    return len(answer.json()["predictions"])


@pytest.mark.parametrize(
    ("scenario", "end", "work"),
    [
        ("reset", "reset", 0),
        ("reset; after_commit=true", "reset", 1),
        ("reset; at=middle", "reset", 1),
        ("truncate", "closed", 1),
    ],
)
def test_connection_ends_as_asked_and_the_work_is_done_or_not(
    port: int, caller: socket.socket, scenario: str, end: str, work: int
) -> None:
    before = made(port)
    create(caller, scenario)

    came, ended = until_the_end(caller)

    assert ended == end
    assert made(port) - before == work
    head, _, body = came.partition(b"\r\n\r\n")
    if scenario in {"reset; at=middle", "truncate"}:
        assert b"content-length: 118" in head.lower()
        assert len(body) == 59
    else:
        assert came == b""


def test_hanging_call_gets_nothing_and_keeps_its_connection(caller: socket.socket) -> None:
    create(caller, "hang")

    assert select.select([caller], [], [], 0.2)[0] == []


def test_dribbled_body_comes_in_pieces_and_whole(caller: socket.socket) -> None:
    create(caller, "dribble; seconds=0.3")
    came, pieces = b"", 0
    while not came.endswith(b"}"):
        came += caller.recv(65_536)
        pieces += 1

    assert pieces >= 3
    assert json.loads(came.partition(b"\r\n\r\n")[2])["status"] == "success"


def test_late_answer_is_later_than_a_prompt_one(port: int, caller: socket.socket) -> None:
    create(caller, "latency; seconds=0.3")
    with socket.create_connection(("127.0.0.1", port), 10) as other:
        create(other, "latency; seconds=0")
        first = select.select([caller, other], [], [], 10)[0]

    assert first == [other]


def test_gateways_page_comes_with_its_status_and_type(caller: socket.socket) -> None:
    create(caller, "http_error; status=502; body=html")

    came = caller.recv(65_536)

    assert came.startswith(b"HTTP/1.1 502 ")
    assert b"content-type: text/html" in came.lower()
    assert b"<h1>502 Bad Gateway</h1>" in came


@pytest.mark.parametrize("scenario", ["reset", "hang", "dribble"])
def test_a_wire_fault_is_refused_where_it_is_not_allowed(live_server: LiveServer, scenario: str) -> None:
    headers = {"X-API-Key": KEY, "X-Mock-Fault": scenario}

    answer = requests.get(f"{live_server.base_url}/prediction/x", headers=headers, timeout=10)

    assert answer.status_code == 400
    assert "--wire-faults" in answer.json()["details"]
