"""What a WSGI application answers, taken as a value."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from eachlabs_mock.core.reply import AS_SENT, TRANSFER, Transfer
from eachlabs_mock.web.wsgi import called

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


def answering(chunks: Iterable[bytes], transfer: Transfer | None = None) -> "WSGIApplication":
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if transfer:
            environ[TRANSFER] = transfer
        start_response("200 OK", [("Content-Length", "10")])
        return chunks

    return app


@pytest.mark.parametrize("transfer", [AS_SENT, Transfer(delay=3)])
def test_called_application_gives_its_answer_whole_with_its_wire(transfer: Transfer) -> None:
    chunks = Chunks()

    answer = called(answering(chunks, transfer), {})

    assert (answer.status, answer.headers, answer.body) == (200, [("Content-Length", "10")], b"0123456789")
    assert answer.transfer == transfer
    assert chunks.is_closed


def test_application_that_names_no_wire_is_sent_as_usual() -> None:
    assert called(answering([b""]), {}).transfer is AS_SENT
