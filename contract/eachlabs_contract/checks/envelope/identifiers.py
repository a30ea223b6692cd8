"""Checks of identifiers: each prediction has one of its own, and nothing else is found by it."""

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
"""As they stand in a path, quoted."""

REPEATS: Final = 3


def unknown_ids(seed: int, count: int) -> list[str]:
    """Return ids that look like any other and that no server has made."""
    return [str(uuid5(NAMESPACE, f"{seed}/{number}")) for number in range(count)]


@check(
    "envelope.created-id",
    "The predictionID is a UUID, and stands under no other name.",
    source=f"{CREATED} shows a UUID under predictionID, and no id",
    level=Level.SHOULD,
    executions=1,
)
def created_id(session: Session) -> None:
    """Creates once and looks at the id."""
    exchange = session.create()
    seen = page.created(exchange.document)
    expected = "a UUID under predictionID, and no field id"
    session.promise(seen.prediction_id and not seen.doubts, expected, exchange, got="; ".join(seen.doubts))


@check(
    "envelope.ids-differ",
    "Two creates of the same are two predictions, each with an id of its own.",
    source='page, "Create a Prediction": a POST request creates a new prediction',
    executions=REPEATS + 1,
    minimum=REPEATS,
)
def ids_differ(session: Session) -> None:
    """Creates the same three times over while the first runs, and once more when it has ended; compares the ids."""
    exchanges = [session.create() for _ in range(REPEATS)]
    session.finish(page.created(exchanges[0].document).prediction_id)
    exchanges.append(session.create())

    ids: list[str] = []
    for exchange in exchanges:
        prediction_id = page.created(exchange.document).prediction_id
        if ids:
            session.promise(prediction_id not in ids, "an id that was not given before", *exchanges[:1], exchange)
        ids.append(prediction_id)


@check(
    "envelope.unknown-id",
    "An id that was never given is refused.",
    source=f"{ERRORS}; 404 is HTTP's word for it, 400 the page's",
    minimum=5,
)
def unknown_id(session: Session) -> None:
    """Reads ids drawn from the run's seed, and the one of only zeros."""
    for unknown in [*unknown_ids(session.seed, 4), str(NAMESPACE)]:
        exchange = session.read(unknown)
        expected = "404 (400 would do), since no create was answered with this id"
        session.promise(exchange.status in {400, 404}, expected, exchange)


@check(
    "envelope.near-id",
    "An id that differs from a prediction's in one place is not that prediction's.",
    source=f"{ERRORS}; a prediction is found by its own id",
    executions=1,
    minimum=2,
)
def near_id(session: Session) -> None:
    """Creates, then reads the id with its first, and its last, digit changed, and cut by one."""
    prediction_id = session.created()
    other = {"0": "1"}.get(prediction_id[0], "0"), {"0": "1"}.get(prediction_id[-1], "0")

    for near in (other[0] + prediction_id[1:], prediction_id[:-1] + other[1], prediction_id[:-1]):
        exchange = session.read(near)
        expected = f"404 (400 would do), since the prediction has the id {prediction_id}"
        session.promise(400 <= exchange.status < 500, expected, exchange)


@check(
    "envelope.strange-id",
    "Something that cannot be an id is refused like any unknown one.",
    source=f"{ERRORS}; what a caller sends is no failure of the server",
    level=Level.SHOULD,
    minimum=len(STRANGE_IDS),
)
def strange_id(session: Session) -> None:
    """Reads numbers, words, quoted control characters and two thousand letters in the place of an id."""
    for strange in STRANGE_IDS:
        exchange = session.read(strange)
        refused = 400 <= exchange.status < 500 and exchange.status != 401
        session.promise(refused, "404 (or another 4xx), since this is nobody's id", exchange)


CHECKS = (created_id, ids_differ, unknown_id, near_id, strange_id)
