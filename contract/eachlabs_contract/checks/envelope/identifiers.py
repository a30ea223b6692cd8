"""Checks of ids: each prediction has its own, and no other id finds it."""

from typing import Final
from uuid import UUID, uuid5

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Level, page

ERRORS: Final = 'page, "Error Response" and "Error Handling"'
CREATED: Final = 'page, "Create Prediction Response"'
NAMESPACE: Final = UUID(int=0)
STRANGE_IDS: Final = (
    "1",
    "0",
    "-1",
    "null",
    "undefined",
    "not-a-uuid",
    "%7BPREDICTION_ID%7D",
    "%00",
    "%FF",
    "%27%20OR%201%3D1--",
    "%F0%9F%9A%80",
    "00000000-0000-4000-8000-00000000000g",
    "a" * 2000,
)
"""Percent-encoded, as they stand in a path."""

REPEATS: Final = 3


def unknown_ids(seed: int, count: int) -> list[str]:
    """Return ids that look like any other and that no server has given out."""
    return [str(uuid5(NAMESPACE, f"{seed}/{number}")) for number in range(count)]


@check(
    "envelope.created-id",
    "The predictionID is a UUID, and no field is called id.",
    source=f"{CREATED} shows a UUID as predictionID, and no id",
    level=Level.SHOULD,
    executions=1,
)
def created_id(session: Session) -> None:
    """Sends a create and checks the id."""
    exchange = session.create()
    body = page.created(exchange.document)
    expected = "a UUID as predictionID, and no field id"
    session.promise(body.prediction_id and not body.doubts, expected, exchange, got="; ".join(body.doubts))


@check(
    "envelope.ids-differ",
    "Two identical creates make two predictions with different ids.",
    source='page, "Create a Prediction": a POST request creates a new prediction',
    executions=REPEATS + 1,
    minimum=REPEATS,
)
def ids_differ(session: Session) -> None:
    """Sends the same create three times while the first prediction runs, and once after its end; compares the ids."""
    exchanges = [session.create() for _ in range(REPEATS)]
    session.finish(page.created(exchanges[0].document).prediction_id)
    exchanges.append(session.create())

    ids: list[str] = []
    for exchange in exchanges:
        prediction_id = page.created(exchange.document).prediction_id
        if ids:
            session.promise(prediction_id not in ids, "an id that was not used before", *exchanges[:1], exchange)
        ids.append(prediction_id)


@check(
    "envelope.unknown-id",
    "A read of an unknown id is refused.",
    source=f"{ERRORS}; HTTP uses 404 for this, and the page names 400",
    minimum=5,
)
def unknown_id(session: Session) -> None:
    """Reads ids drawn from the run's seed, and the id that is all zeros."""
    for unknown in [*unknown_ids(session.seed, 4), str(NAMESPACE)]:
        exchange = session.read(unknown)
        expected = "404 or 400, since no create was answered with this id"
        session.promise(exchange.status in {400, 404}, expected, exchange)


@check(
    "envelope.near-id",
    "A read of an id that is one character off is refused.",
    source=f"{ERRORS}; only its own id finds a prediction",
    executions=1,
    minimum=2,
)
def near_id(session: Session) -> None:
    """Creates a prediction and reads its id with the first or the last digit changed, and without the last digit."""
    prediction_id = session.created()
    other = {"0": "1"}.get(prediction_id[0], "0"), {"0": "1"}.get(prediction_id[-1], "0")

    for near in (other[0] + prediction_id[1:], prediction_id[:-1] + other[1], prediction_id[:-1]):
        exchange = session.read(near)
        expected = f"404 or 400, since the prediction has the id {prediction_id}"
        session.promise(400 <= exchange.status < 500, expected, exchange)


@check(
    "envelope.strange-id",
    "A read of a malformed id is refused like one of an unknown id.",
    source=f"{ERRORS}; a caller's mistake is no server error",
    level=Level.SHOULD,
    minimum=len(STRANGE_IDS),
)
def strange_id(session: Session) -> None:
    """Reads numbers, words, encoded control characters and 2,000 letters in place of an id."""
    for strange in STRANGE_IDS:
        exchange = session.read(strange)
        refused = 400 <= exchange.status < 500 and exchange.status != 401
        session.promise(refused, "404 or another 4xx, since no prediction has this id", exchange)


CHECKS = (created_id, ids_differ, unknown_id, near_id, strange_id)
