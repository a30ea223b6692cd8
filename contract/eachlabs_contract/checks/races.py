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
"""Threads of a race for the window: enough to overrun it, and within what a target's transport keeps open."""

ROUNDS: Final = 5
PAGE: Final = 'page, "Rate Limits"'

HASTE: Final = 0.000_05
"""Seconds after which Python lets another thread run: in one process, threads would hardly meet otherwise."""


def simultaneously(asks: Sequence[Callable[[], Exchange]]) -> tuple[Exchange, ...]:
    """Call all at the same moment, a thread each, and return what came of each, in their order."""
    start = Barrier(len(asks))

    def run(ask: Callable[[], Exchange]) -> Exchange:
        start.wait()
        return ask()

    with _haste(), ThreadPoolExecutor(len(asks)) as pool:
        return tuple(pool.map(run, asks))


@contextmanager
def _haste() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(HASTE)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _passed(exchanges: Sequence[Exchange]) -> int:
    return sum(each.status == 200 for each in exchanges)


def _exactly(session: Session, limit: int, ask: Callable[[], Exchange], threads: int, of: str) -> None:
    """Promise that exactly *limit* of so many simultaneous requests pass.

    Where fewer do, the rest must pass right after: a server may refuse in the crowd, and must not miscount.
    """
    exchanges = simultaneously([ask] * threads)
    passed = _passed(exchanges)
    violation = [each for each in exchanges if each.status == 200][-1:]
    expected = f"at most {limit} of {threads} simultaneous {of} answered 200"
    session.promise(passed <= limit, expected, *violation, got=f"{passed} answered 200")
    after = sum(session.insist(ask).status == 200 for _ in range(limit - passed))
    expected = f"{limit} {of} answered 200: {limit - passed} right after the {passed} of {threads} simultaneous ones"
    session.promise(passed + after == limit, expected, got=f"{after} answered 200 after the {passed}")


@check(
    "races.cap",
    "However many creates come at once, exactly 10 predictions are in flight.",
    source=PAGE + ": 10 concurrent predictions",
    needs=(Need.CLOCK, Need.LIMITS),
    settings=CAP,
)
def cap(session: Session) -> None:
    """Sends 32 creates at the same moment and counts those taken; when these have ended, again, five rounds in all."""
    for _ in range(ROUNDS):
        _exactly(session, 10, session.create, 32, "creates")
        session.advance(SECONDS)


@check(
    "races.last-slot",
    "Two creates never get the same last slot.",
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
    "However many requests come at once, exactly 100 pass in a minute.",
    source=PAGE + ": 100 requests per minute",
    needs=(Need.CLOCK, Need.LIMITS),
    settings=RATE,
)
def window(session: Session) -> None:
    """Sends 120 reads of one prediction at the same moment and counts what passes; again when the minute is over."""
    prediction_id = session.created()
    for _ in range(2):
        session.advance(120)
        _exactly(session, 100, lambda: session.read(prediction_id), AT_ONCE, "reads")


@check(
    "races.ids",
    "Identical creates at the same moment are predictions of their own.",
    source='page, "Create Prediction Response": predictionID',
    needs=(Need.CLOCK,),
)
def ids(session: Session) -> None:
    """Sends 32 identical creates at the same moment, three times: all ids differ, and each can be read."""
    exchanges = [each for _ in range(3) for each in simultaneously([session.create] * 32)]
    taken = [page.created(each.document).prediction_id for each in exchanges if each.status == 200]

    session.promise(
        len(taken) == len(exchanges), "200 for every create, since no limit is on", got=f"{len(taken)} of 96"
    )
    session.promise(len(set(taken)) == len(taken), "96 different ids", got=f"{len(set(taken))} different ids")
    for each in taken:
        exchange = session.read(each)
        session.promise(exchange.status == 200, "200, since this id was given out a moment ago", exchange)


@check(
    "races.reads",
    "Simultaneous reads of a prediction that has ended say the same.",
    source='page, "Get Prediction Response (Success)"',
    needs=(Need.CLOCK,),
)
def reads(session: Session) -> None:
    """Reads a prediction 32 times at the same moment, the first reads ever after its end; three times."""
    for _ in range(3):
        prediction_id = session.created()
        session.advance(SECONDS)
        first, *others = simultaneously([partial(session.read, prediction_id)] * 32)

        for each in others:
            session.promise(each.document == first.document, "the same as another read at this moment", first, each)


CHECKS = (cap, last_slot, window, ids, reads)
