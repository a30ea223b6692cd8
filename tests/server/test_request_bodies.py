"""Bodies as they are read from a connection: whole, too long, cut off, and never ending."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # public, but not marked so

from eachlabs_mock.server import request_bodies
from eachlabs_mock.server.request_bodies import MOST_DRAINED, Bodies
from eachlabs_mock.web.call import MAX_BODY

CREATE = "/v1/prediction/"
STATE = "/__mock/state"
MIB = 1024 * 1024


class Sender:
    """Stands in for granian's protocol: the pieces of a body, and what comes after them."""

    def __init__(self, *pieces: bytes, hangs: bool = False, hangs_up: bool = False) -> None:
        self.pieces, self.hangs, self.hangs_up = pieces, hangs, hangs_up
        self.taken = 0

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.taken += len(piece)
            yield piece
        if self.hangs:
            await asyncio.Event().wait()
        if self.hangs_up:
            raise ProtocolClosed


def read(sender: Sender, length: object = "", path: str = CREATE) -> bytes | None:
    """Return what is read of *sender*'s body, of which *length* is declared, by a reader that watches the time."""

    async def reading() -> bytes | None:
        reader = Bodies()
        reader.watch(asyncio.get_running_loop())
        return await reader.read({"CONTENT_LENGTH": str(length), "PATH_INFO": path}, sender)  # type: ignore[arg-type]

    return asyncio.run(reading())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "BODY_TIMEOUT", 0.02)
    monkeypatch.setattr(request_bodies, "CHECK_INTERVAL", 0.001)


PIECES: Sequence[Any] = [(b"",), (b"{}",), (b"{", b"}"), (b"x" * MAX_BODY,)]


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("is_declared", [True, False])
def test_body_is_read_whole(pieces: Sequence[bytes], is_declared: bool) -> None:  # noqa: FBT001  # a column
    whole = b"".join(pieces)

    assert read(Sender(*pieces), len(whole) if is_declared else "") == whole


@pytest.mark.parametrize("length", [MAX_BODY + 1, "9" * 30, "", "-1", "some"])
def test_of_a_body_that_is_too_long_no_more_is_kept_than_tells_that(length: object) -> None:
    sender = Sender(*[b"x" * MIB] * 3)

    assert MAX_BODY < len(read(sender, length) or b"") <= MAX_BODY + MIB
    assert sender.taken == 3 * MIB  # or its sender might never see the refusal


def test_a_body_without_an_end_is_not_read_for_ever() -> None:
    sender = Sender(*[b"x" * MIB] * 100)

    read(sender)

    assert sender.taken == MOST_DRAINED + MIB


def test_a_world_may_be_longer_than_a_create() -> None:
    assert read(Sender(*[b"x" * MIB] * 3), 3 * MIB, STATE) == b"x" * (3 * MIB)


def test_of_a_body_whose_sender_hangs_up_there_is_nothing() -> None:
    assert read(Sender(b'{"model"', hangs_up=True), 100) == b""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("length", [100, ""])
def test_a_body_that_never_ends_is_given_up(length: object) -> None:
    assert read(Sender(b'{"model"', hangs=True), length) is None


@pytest.mark.usefixtures("impatient")
def test_of_those_that_are_read_only_the_late_are_given_up() -> None:
    async def reading() -> list[bytes | None]:
        reader, environ = Bodies(), {"CONTENT_LENGTH": "100", "PATH_INFO": CREATE}
        reader.watch(asyncio.get_running_loop())
        senders = Sender(b"slow", hangs=True), Sender(b"quick"), Sender(b"slow", hangs=True)
        return await asyncio.gather(*(reader.read(environ, each) for each in senders))  # type: ignore[arg-type]

    assert asyncio.run(reading()) == [None, b"quick", None]


def test_a_call_that_is_given_up_as_a_whole_is_not_answered() -> None:
    async def reading() -> None:
        reader, environ = Bodies(), {"CONTENT_LENGTH": "100", "PATH_INFO": CREATE}
        call = asyncio.create_task(reader.read(environ, Sender(hangs=True)))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        call.cancel()
        await call

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(reading())
