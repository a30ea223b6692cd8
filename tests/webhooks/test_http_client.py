"""The http_client's thread is there while there is something to carry, and no longer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from eachlabs_mock.webhooks import http_client
from eachlabs_mock.webhooks.http_client import Destination, HttpClient
from helpers.receivers import Receiver, receiving

PATIENCE = 20
"""Real seconds after which a test gives up."""
BODY = b"{}"
FILES = Path("/proc/self/fd")


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def post(carried_by: HttpClient, receiver: Receiver) -> int:
    port = int(receiver.url.rpartition(":")[2].partition("/")[0])
    headers = {"Host": "localhost", "Content-Length": str(len(BODY))}
    return carried_by.post(Destination("localhost", ["127.0.0.1"], port), "/hook", headers, BODY, 100, PATIENCE)[0]


def its_threads() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name == "http_client"}


def pollers() -> set[str]:
    """Return what this process has open to wait for many at once, one for each event loop."""
    found = set()
    for each in FILES.iterdir():
        with suppress(FileNotFoundError):  # that of the listing itself
            found.add(f"{each.name} {each.readlink()}")
    return {each for each in found if "eventpoll" in each}


def test_nothing_is_begun_before_there_is_something_to_carry() -> None:
    others = its_threads()

    HttpClient()

    assert its_threads() <= others


@pytest.mark.skipif(not FILES.is_dir(), reason="this system does not list open files there")
def test_it_leaves_nothing_behind_once_there_is_nothing_to_carry(receiver: Receiver) -> None:
    others, before = its_threads(), pollers()

    assert post(HttpClient(), receiver) == 204

    for each in its_threads() - others:
        each.join(PATIENCE)
    assert its_threads() <= others
    assert pollers() <= before


def test_it_takes_up_its_work_again_however_it_rests(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    monkeypatch.setattr(http_client, "LINGER", 0.0005)
    hasty = HttpClient()

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda _: post(hasty, receiver), range(300)))

    assert statuses == [204] * 300


def test_where_no_thread_can_be_begun_the_call_fails_and_the_next_may_not(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    crowded = HttpClient()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        with pytest.raises(OSError, match="can't start new thread"):
            post(crowded, receiver)

    assert post(crowded, receiver) == 204
