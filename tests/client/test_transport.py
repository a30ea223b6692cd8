"""Nothing of the layers below comes through, and what comes is told apart rightly; partly over real sockets."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
import requests
from urllib3.exceptions import DecodeError, HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError

import eachlabs_mock
from eachlabs_client import AnswerTimeoutError, Client, ConnectionLostError, EachlabsError, NotSentError, TransportError
from eachlabs_client.transport import VERSION
from helpers.client_fakes import BASE, ID, KEY, FakeApi, Reply, client_of


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


OF_REQUESTS = sorted(set(subclasses(requests.RequestException)), key=lambda kind: kind.__name__)
OF_REQUESTS = [kind for kind in OF_REQUESTS if kind.__module__.startswith("requests")]
OF_URLLIB3 = [HTTPError("x"), DecodeError("x"), ProtocolError("x"), ReadTimeoutError(None, BASE, "x")]  # type: ignore[arg-type]


def raised_for(api: FakeApi, error: Exception) -> EachlabsError:
    api.script = [error]
    with pytest.raises(EachlabsError) as caught:
        client_of(api).create("m", {})
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize("kind", [kind for kind in OF_REQUESTS if kind is not requests.exceptions.JSONDecodeError])
def test_no_exception_of_requests_comes_through(kind: type[Exception], api: FakeApi) -> None:
    assert isinstance(raised_for(api, kind("x")), TransportError)


@pytest.mark.parametrize("error", OF_URLLIB3, ids=lambda error: type(error).__name__)
def test_no_exception_of_urllib3_comes_through(error: Exception, api: FakeApi) -> None:
    assert isinstance(raised_for(api, error), TransportError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout("x"), NotSentError),
        (requests.ReadTimeout("x"), AnswerTimeoutError),
        (requests.Timeout(), AnswerTimeoutError),
        (requests.ConnectionError("x"), ConnectionLostError),
        (requests.ConnectionError(ProtocolError("aborted", ConnectionResetError("reset"))), ConnectionLostError),
        (requests.ConnectionError(ReadTimeoutError(None, BASE, "x")), AnswerTimeoutError),  # type: ignore[arg-type]
        (
            requests.ConnectionError(MaxRetryError(None, BASE, ProtocolError("aborted"))),  # type: ignore[arg-type]
            ConnectionLostError,
        ),
        (requests.exceptions.SSLError("x"), ConnectionLostError),
        (requests.exceptions.ChunkedEncodingError("x"), ConnectionLostError),
        (requests.exceptions.InvalidURL("x"), TransportError),
        (requests.TooManyRedirects("x"), TransportError),
    ],
)
def test_transport_errors_are_told_apart(error: Exception, kind: type[TransportError], api: FakeApi) -> None:
    assert type(raised_for(api, error)) is kind


def test_first_cause_is_what_a_person_is_told(api: FakeApi) -> None:
    error = requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "Reset by peer")))

    assert str(raised_for(api, error)) == f"the connection to {BASE}/prediction/ broke: [Errno 104] Reset by peer"


def test_unreadable_answer_keeps_status_and_request_id(api: FakeApi) -> None:
    api.script = [Reply(200, b"<html>", {"X-Request-Id": "r-1"})]

    with pytest.raises(TransportError) as caught:
        client_of(api).create("m", {})

    assert (caught.value.status, caught.value.request_id) == (200, "r-1")


def test_version_is_the_projects() -> None:
    assert eachlabs_mock.__version__ == VERSION


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def client_of_port(port: int, api: FakeApi) -> Client:
    return Client(f"http://127.0.0.1:{port}/v1", KEY, clock=api.clock, timeouts=(5, 0.05))


def test_closed_port_means_that_nothing_was_sent(listener: socket.socket, api: FakeApi) -> None:
    port = listener.getsockname()[1]
    listener.close()

    with client_of_port(port, api) as client, pytest.raises(NotSentError, match="refused") as caught:
        client.create("m", {})

    assert caught.value.definite


def test_server_that_never_answers_meets_our_own_timeout(listener: socket.socket, api: FakeApi) -> None:
    with client_of_port(listener.getsockname()[1], api) as client, pytest.raises(AnswerTimeoutError) as caught:
        client.create("m", {})

    assert not caught.value.definite


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ConnectionLostError),
        (b"no http at all\r\n\r\n", ConnectionLostError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", ConnectionLostError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ConnectionLostError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n{", TransportError),
    ],
)
def test_server_that_breaks_off_is_no_end_of_the_world(
    answer: bytes, kind: type[TransportError], listener: socket.socket, api: FakeApi
) -> None:
    def answer_once() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    thread = Thread(target=answer_once)
    thread.start()

    with client_of_port(listener.getsockname()[1], api) as client, pytest.raises(kind) as caught:
        client.create("m", {"prompt": ID})

    thread.join()
    assert not caught.value.definite
