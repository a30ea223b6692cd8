"""What stands between a WSGI application and granian: bodies read to their end, and what WSGI can do of a `Wire`."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.clock import Stopwatch
from mock_server.reply import AS_SENT, WIRE, Wire
from mock_server.wsgi import MOST_DRAINED, called, served

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Chunks:
    """A body that notes whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"012", b"345", b"6789")

    def close(self) -> None:
        self.is_closed = True


def answering(chunks: Iterable[bytes], wire: Wire | None = None) -> "WSGIApplication":
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if wire:
            environ[WIRE] = wire
        start_response("200 OK", [("Content-Length", "10")])
        return chunks

    return app


def call(app: "WSGIApplication", method: str = "GET", body: bytes = b"") -> tuple[Iterable[bytes], BytesIO]:
    left = BytesIO(body)
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "wsgi.input": left}
    return served(app)(environ, lambda *_: lambda _: None), left


def test_usual_answer_is_passed_on_as_it_is() -> None:
    chunks = [b"0123456789"]

    assert call(answering(chunks))[0] is chunks


@pytest.mark.parametrize(("method", "left"), [("POST", b""), ("PUT", b""), ("DELETE", b""), ("GET", b"unread")])
def test_body_is_read_to_its_end_where_the_method_has_one(method: str, left: bytes) -> None:
    assert call(answering([]), method, b"unread")[1].read() == left


def test_endless_body_is_not_read_for_ever() -> None:
    assert call(answering([]), "POST", b" " * (MOST_DRAINED + 1))[1].read() == b" "


def test_delay_is_waited_for() -> None:
    watch = Stopwatch()

    answer, _ = call(answering([b"0123456789"], Wire(delay=0.02)))

    assert list(answer) == [b"0123456789"]
    assert watch.millis() >= 20


@pytest.mark.parametrize(("cut_after", "seen"), [(0, b""), (5, b"01234"), (10, b"0123456789"), (None, b"0123456789")])
def test_cut_body_has_so_many_bytes_and_is_closed(cut_after: int | None, seen: bytes) -> None:
    chunks = Chunks()

    answer, _ = call(answering(chunks, Wire(cut_after=cut_after, end="close")))

    assert b"".join(answer) == seen
    assert chunks.is_closed


@pytest.mark.parametrize("wire", [Wire(end="reset", cut_after=0), Wire(end="hang", cut_after=0), Wire(spread=9)])
def test_what_needs_the_socket_is_left_undone(wire: Wire) -> None:
    chunks = [b"0123456789"]

    assert call(answering(chunks, wire))[0] is chunks


@pytest.mark.parametrize("wire", [AS_SENT, Wire(delay=3)])
def test_called_application_gives_its_answer_whole_with_its_wire(wire: Wire) -> None:
    chunks = Chunks()

    answer = called(answering(chunks, wire), {})

    assert (answer.status, answer.headers, answer.body) == (200, [("Content-Length", "10")], b"0123456789")
    assert answer.wire == wire
    assert chunks.is_closed


def test_application_that_names_no_wire_is_sent_as_usual() -> None:
    assert called(answering([b""]), {}).wire is AS_SENT
