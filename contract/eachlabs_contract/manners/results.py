"""Manners with results: what was paid for is collected, once, and webhooks are answered."""

from collections.abc import Sequence
from typing import Final

from eachlabs_contract.history import ACCEPTED, Event, Exchange, Journal, Prediction
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.prices import is_charged
from eachlabs_contract.manners.traffic import (
    answer_summary,
    clock_time,
    ends_seen,
    event_name,
    fetches,
    ids_seen,
    in_view,
    short_ids,
)
from eachlabs_contract.spec import TERMINAL, Level, Status
from eachlabs_contract.verdict import Violation

REFUSED_TO_CALL: Final = "--allow-webhook-host"
"""Names, in the text of a failure, the flag without which the emulator calls nobody."""

WHOLE: Final = 200
DOWNLOADED: Final = frozenset({WHOLE, 206, 304})
"""Statuses of downloads that brought something, or showed that it was there already."""

TRIES: Final = 2
"""Downloads that fail before the fault is not the caller's."""


@manner(
    "results.learned",
    "Whoever pays for a prediction finds out how it ended.",
    why="a prediction goes on, and is charged for, whether anybody waits for it or not",
    right="note every predictionID before anything else, and poll until the end, or name a webhook_url that answers "
    "2xx; after giving up, come back for the result later",
)
def learned(journal: Journal) -> Observations:
    """Looks for predictions that were charged, and whose end neither a read, a webhook taken nor a download told.

    Where the answer to the create was lost, and with it the id, that is not held against the caller.
    """
    told, fetched, known = ends_seen(journal), fetches(journal), ids_seen(journal)
    for each in _paid(journal):
        if each.id not in known:
            continue
        if each.id in told or _is_collected(each, fetched.get(each.id, [])):
            yield None
            continue
        yield Violation(f"{_made(each)}, and nobody ever learned of it", (), (each,))


@manner(
    "outputs.fetched",
    "A result that was paid for is downloaded.",
    level=Level.SHOULD,
    why="an output's address does not last, and then the picture is lost that was paid for",
    right="download the output as soon as the end is known, and try again where the download fails",
)
def outputs_fetched(journal: Journal) -> Observations:
    """Looks for predictions whose success was told and whose output nobody downloaded, or tried to more than once."""
    told, fetched = ends_seen(journal), fetches(journal)
    for each in _paid(journal):
        tries = fetched.get(each.id, [])
        if each.status is not Status.SUCCESS or (each.id not in told and not tries):
            continue
        if _is_collected(each, tries) or len(tries) >= TRIES:
            yield None
            continue
        what = (
            f"{event_name(tries[0])} was answered {answer_summary(tries[0])}, and not sent again"
            if tries
            else "not downloaded"
        )
        evidence: tuple[Event, ...] = (*told.get(each.id, [])[:1], *tries)
        yield Violation(f"{_made(each)}; its output: {what}", evidence, (each,))


@manner(
    "effects.once",
    "A result that is told more than once has its effect once.",
    level=Level.SHOULD,
    why="a webhook may come twice, or after a poll has told the same: whoever acts on each does what follows twice",
    right="keep the ids that are done with, and ignore whatever tells of one again",
)
def once(journal: Journal) -> Observations:
    """Counts the whole downloads of each output whose end was told more than once; other effects no traffic shows."""
    fetched = fetches(journal)
    for name, told in ends_seen(journal).items():
        for same in _whole(fetched.get(name, [])) if len(told) > 1 else ():
            done = (
                f"the end of {short_ids(name)} was told {len(told)} times ({event_name(told[0])} and "
                f"{event_name(told[1])}), and its output downloaded {len(same)} times, the last time by "
                f"{event_name(same[-1])}"
            )
            yield Violation(done, (*told, *same)) if len(same) > 1 else None


@manner(
    "webhooks.answered",
    "A webhook is answered in time, and with 2xx.",
    why="what is not answered 2xx in time was not delivered for the service: the result may never be told again",
    right="answer 204 at once and do the work afterwards; answer 2xx to ids that are not known, too",
)
def webhooks_answered(journal: Journal) -> Observations:
    """Looks at every attempt at a webhook; those that the emulator itself refused to make are none."""
    for each in journal.episode.deliveries:
        if REFUSED_TO_CALL not in each.failure:
            what = f"answered {each.answered}" if each.answered else f"not answered: {each.failure}"
            yield None if each.answered in ACCEPTED else Violation(f"{event_name(each)} was {what}", (each,))


def _is_collected(prediction: Prediction, tries: Sequence[Exchange]) -> bool:
    """Say whether an output was downloaded: as the emulator says, or else as *tries* show."""
    if prediction.fetched is not None:
        return prediction.fetched
    return any(each.status in DOWNLOADED and not each.failure for each in tries)


def _whole(tries: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return the downloads of whole files, those of each file together."""
    whole = [each for each in tries if each.status == WHOLE and not each.failure]
    return [
        [each for each in whole if each.request.path == path]
        for path in dict.fromkeys(each.request.path for each in whole)
    ]


def _paid(journal: Journal) -> list[Prediction]:
    return [each for each in in_view(journal) if each.status in TERMINAL and is_charged(journal, each)]


def _made(prediction: Prediction) -> str:
    return f"{prediction.id} ({prediction.model}) ended at {clock_time(prediction.ends_at or prediction.created_at)}"


MANNERS: Final[tuple[Manner, ...]] = (learned, outputs_fetched, once, webhooks_answered)
