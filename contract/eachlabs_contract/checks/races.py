"""Checks of the limits and ids under simultaneous requests."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import page
from eachlabs_contract.targets import CAP, RATE, SECONDS, Need

AT_ONCE: Final = 120
"""Threads of a race for the window: enough to exceed it, and within the connections that a transport keeps open."""

ROUNDS: Final = 5
PAGE: Final = 'page, "Rate Limits"'

SWITCH_SECONDS: Final = 0.000_05
"""Seconds after which Python switches threads: in one process, threads would hardly meet otherwise."""


def simultaneously(asks: Sequence[Callable[[], Exchange]]) -> tuple[Exchange, ...]:
    """Call all *asks* at the same moment, each in its own thread, and return the exchanges in the same order."""
    start = Barrier(len(asks))

    def run(ask: Callable[[], Exchange]) -> Exchange:
        start.wait()
        return ask()

    with _fast_switching(), ThreadPoolExecutor(len(asks)) as pool:
        return tuple(pool.map(run, asks))


@contextmanager
def _fast_switching() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _passed(exchanges: Sequence[Exchange]) -> int:
    return sum(exchange.status == 200 for exchange in exchanges)


def _exactly(session: Session, limit: int, ask: Callable[[], Exchange], threads: int, of: str) -> None:
    """Promise that exactly *limit* of *threads* simultaneous requests pass.

    If fewer pass, the rest must pass right after: a server may refuse under load, but must not miscount.
    """
    exchanges = simultaneously([ask] * threads)
    passed = _passed(exchanges)
    violation = [exchange for exchange in exchanges if exchange.status == 200][-1:]
    expected = f"at most {limit} of {threads} simultaneous {of} answered 200"
    session.promise(passed <= limit, expected, *violation, got=f"{passed} answered 200")
    after = sum(session.insist(ask).status == 200 for _ in range(limit - passed))
    expected = f"{limit} {of} answered 200: {limit - passed} right after the {passed} of {threads} simultaneous ones"
    session.promise(passed + after == limit, expected, got=f"{after} answered 200 after the {passed}")


@check(
    "races.cap",
    "Of more than 10 simultaneous creates, exactly 10 are accepted.",
    source=PAGE + ": 10 concurrent predictions",
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def cap(session: Session) -> None:
    """Sends 32 creates at the same moment and counts those accepted; five rounds, each after the last has ended."""
    for _ in range(ROUNDS):
        _exactly(session, 10, session.create, 32, "creates")
        session.advance(SECONDS)


@check(
    "races.last-slot",
    "Simultaneous creates never share the last free slot.",
    source=PAGE + ": 10 concurrent predictions",
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def last_slot(session: Session) -> None:
    """With 9 predictions in flight, sends 16 creates at the same moment; ten rounds."""
    for _ in range(2 * ROUNDS):
        for _ in range(9):
            session.created()
        _exactly(session, 1, session.create, 16, "creates")
        session.advance(SECONDS)


@check(
    "races.window",
    "Of more than 100 simultaneous requests, exactly 100 pass in a minute.",
    source=PAGE + ": 100 requests per minute",
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window(session: Session) -> None:
    """Sends 120 reads of one prediction at the same moment and counts those that pass; again a minute later."""
    prediction_id = session.created()
    for _ in range(2):
        session.advance(120)
        _exactly(session, 100, lambda: session.read(prediction_id), AT_ONCE, "reads")


@check(
    "races.ids",
    "Simultaneous identical creates make separate predictions.",
    source='page, "Create Prediction Response": predictionID',
    needs=(Need.CLOCK,),
)
def separate_ids(session: Session) -> None:
    """Sends 32 identical creates at the same moment, three times: all ids differ, and each can be read."""
    exchanges = [exchange for _ in range(3) for exchange in simultaneously([session.create] * 32)]
    ids = [page.created(exchange.document).prediction_id for exchange in exchanges if exchange.status == 200]

    session.promise(len(ids) == len(exchanges), "200 for every create, since no limit is on", got=f"{len(ids)} of 96")
    session.promise(len(set(ids)) == len(ids), "96 different ids", got=f"{len(set(ids))} different ids")
    for prediction_id in ids:
        exchange = session.read(prediction_id)
        session.promise(exchange.status == 200, "200, since a create has just returned this id", exchange)


@check(
    "races.reads",
    "Simultaneous reads of an ended prediction have the same answer.",
    source='page, "Get Prediction Response (Success)"',
    needs=(Need.CLOCK,),
)
def reads(session: Session) -> None:
    """Reads a prediction 32 times at the same moment, for the first time after its end; three rounds."""
    for _ in range(3):
        prediction_id = session.created()
        session.advance(SECONDS)
        first, *others = simultaneously([partial(session.read, prediction_id)] * 32)

        for other in others:
            session.promise(other.document == first.document, "the same as a simultaneous read", first, other)


CHECKS = (cap, last_slot, window, separate_ids, reads)
