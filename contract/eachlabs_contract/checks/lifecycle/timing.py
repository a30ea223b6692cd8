"""Checks of when a prediction ends: after its own duration, whatever other requests come."""

from collections.abc import Iterator
from typing import Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.lifecycle.support import READS, TAKES, ended, status_in
from eachlabs_contract.checks.session import TICK, Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.spec import TERMINAL, Level, Status, page
from eachlabs_contract.targets import SECONDS, Need

EARLY: Final = (0, TICK, SECONDS / 2, SECONDS - 0.1, SECONDS - TICK)
"""Ages in seconds at which a prediction still runs."""

APART: Final = 3
"""Seconds between two neighbouring creates."""


def _shows(session: Session, exchange: Exchange, status: Status, why: str) -> None:
    session.promise(status_in(exchange) is status, f"{status.value}, since {why}", exchange)


def _young(session: Session, prediction_id: str) -> Iterator[tuple[float, Exchange]]:
    """Read a prediction at each of the early ages."""
    passed = 0.0
    for age in EARLY:
        session.advance(age - passed)
        passed = age
        yield age, session.read(prediction_id)


@check("lifecycle.ends", "Every prediction ends in success or in error.", source=READS, executions=1)
def ends(session: Session) -> None:
    """Advances the clock by the duration and a second more, then reads; waits where the clock is real."""
    prediction_id = session.created()
    session.advance(1)
    exchange = ended(session, prediction_id)
    session.promise(status_in(exchange) in TERMINAL, "success or error, since its duration is over", exchange)


@check(
    "lifecycle.succeeds",
    "A plain prediction succeeds unless it was told to fail.",
    source=READS,
    level=Level.SHOULD,
    needs=(Need.FAILURE,),
    executions=1,
)
def succeeds(session: Session) -> None:
    """Reads a prediction after its end."""
    _shows(session, ended(session, session.created()), Status.SUCCESS, "it was not told to fail")


@check(
    "lifecycle.not-early",
    "A prediction is processing until its duration is over, to the millisecond.",
    source=TAKES,
    level=Level.SHOULD,
    needs=(Need.CLOCK,),
    executions=1,
    minimum=len(EARLY),
)
def not_early(session: Session) -> None:
    """Reads a prediction that takes 17 s at several ages up to 16.999 s."""
    for age, exchange in _young(session, session.created()):
        _shows(session, exchange, Status.PROCESSING, f"it takes {SECONDS} s and is {age:g} s old")


@check(
    "lifecycle.on-time",
    "A prediction has ended at the instant its duration is over.",
    source=TAKES,
    level=Level.SHOULD,
    needs=(Need.CLOCK,),
    executions=2,
    minimum=2,
)
def on_time(session: Session) -> None:
    """Reads two predictions at exactly 17 s: one for the first time, one that was also read a millisecond before."""
    unread, watched = session.created(), session.created()
    session.advance(SECONDS - TICK)
    session.read(watched)
    session.advance(TICK)
    for prediction_id in (unread, watched):
        exchange = session.read(prediction_id)
        why = f"it takes {SECONDS} s and is {SECONDS} s old"
        session.promise(status_in(exchange) in TERMINAL, f"success or error, since {why}", exchange)


@check(
    "lifecycle.unread",
    "A prediction ends without any read, and can be read an hour later.",
    source=READS,
    needs=(Need.CLOCK,),
    executions=1,
)
def unread(session: Session) -> None:
    """Creates a prediction, lets an hour pass, and reads it for the first time."""
    prediction_id = session.created()
    session.advance(3600)
    exchange = session.read(prediction_id)
    session.promise(status_in(exchange) in TERMINAL, "success or error, since an hour has passed", exchange)


@check(
    "lifecycle.neighbours",
    "Each prediction ends after its own duration, whatever happens to others.",
    source=TAKES,
    needs=(Need.CLOCK,),
    executions=4,
    minimum=16,
)
def neighbours(session: Session) -> None:
    """Creates four predictions three seconds apart; reads all of them each time one ends, in alternating order."""
    ids = []
    for _ in range(4):
        ids.append(session.created())
        session.advance(APART)
    session.advance(SECONDS - 4 * APART)

    for youngest in range(1, 5):
        numbered = list(enumerate(ids, 1))
        for number, prediction_id in numbered[:: -1 if youngest % 2 else 1]:
            exchange = session.read(prediction_id)
            age = SECONDS + (youngest - number) * APART
            due = number <= youngest
            expected = f"{'an end' if due else 'processing'}, since it takes {SECONDS} s and is {age} s old"
            session.promise((status_in(exchange) in TERMINAL) is due and status_in(exchange), expected, exchange)
        session.advance(APART)


@check(
    "lifecycle.reading-changes-nothing",
    "Reads neither hasten nor delay the end of a prediction.",
    source=f"{READS}: a read changes nothing",
    needs=(Need.CLOCK,),
    executions=2,
    minimum=4,
)
def reading_changes_nothing(session: Session) -> None:
    """Reads one of two identical predictions thirty times before its end, and the other only at its end."""
    watched, left = session.created(), session.created()
    for seconds in (0, 5, 11.999):
        session.advance(seconds)
        for _ in range(10):
            exchange = session.read(watched)
        _shows(session, exchange, Status.PROCESSING, f"it takes {SECONDS} s, however often it is read")
    session.advance(TICK)

    ends = session.read(left), session.read(watched)
    times = [page.prediction(read.document).predict_time for read in ends]
    same = status_in(ends[0]) is status_in(ends[1]) and times[0] == times[1]
    session.promise(same, "the same end and predict_time as its twin, which was not read before", *ends)


@check(
    "lifecycle.with-webhook",
    "A prediction with a webhook runs like one without, whatever the receiver answers.",
    source='page, "Webhooks (Optional)": a webhook reports the result and does not change it',
    level=Level.SHOULD,
    needs=(Need.CLOCK, Need.RECEIVER),
    executions=2,
    minimum=6,
)
def with_webhook(session: Session) -> None:
    """Answers one webhook with 204 and another with 500; reads both predictions just before, at and after their end."""
    ids = [session.created(webhook_url=session.hook(status)) for status in (204, 500)]
    stages = (
        (SECONDS - TICK, Status.PROCESSING, f"it takes {SECONDS} s"),
        (TICK, Status.SUCCESS, f"its {SECONDS} s are over"),
        (60, Status.SUCCESS, "it had succeeded before"),
    )
    for seconds, status, why in stages:
        session.advance(seconds)
        session.deliveries()
        for prediction_id in ids:
            _shows(session, session.read(prediction_id), status, why)


@check(
    "lifecycle.output-only-at-success",
    "A prediction has no output before it succeeds.",
    source=READS,
    needs=(Need.CLOCK,),
    executions=1,
    minimum=len(EARLY) + 1,
)
def output_only_at_success(session: Session) -> None:
    """Looks for `output` in reads up to a millisecond before the end, and at the end."""
    for age, exchange in _young(session, session.created()):
        document = exchange.document if isinstance(exchange.document, dict) else {}
        session.promise(document.get("output") is None, f"no output at {age:g} s, since it takes {SECONDS} s", exchange)
    session.advance(TICK)
    exchange = session.read(exchange.request.path.rpartition("/")[2])
    session.promise(page.prediction(exchange.document).output, "an output, since its duration is over", exchange)


CHECKS = (
    ends, succeeds, not_early, on_time, unread, neighbours, reading_changes_nothing, with_webhook,
    output_only_at_success,
)  # fmt: skip
