"""Manners about results: the caller collects each paid result once, and answers webhooks."""

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
"""The flag that a failure names if the emulator refused to send a webhook."""

WHOLE: Final = 200
DOWNLOADED: Final = frozenset({WHOLE, 206, 304})
"""Statuses of successful downloads, including "not modified"."""

TRIES: Final = 2
"""Number of failed downloads after which the caller is not at fault."""


@manner(
    "results.learned",
    "The caller learns how each paid prediction ended.",
    why="a prediction runs on and is charged, even if no program waits for it",
    right="store every predictionID first, then poll until the end, or pass a webhook_url that answers 2xx; after "
    "giving up, ask for the result later",
)
def learned(journal: Journal) -> Observations:
    """Looks for charged predictions whose end no read, no accepted webhook and no download showed.

    A create whose response was lost, and with it the id, does not count against the caller.
    """
    ends, fetched, known = ends_seen(journal), fetches(journal), ids_seen(journal)
    for prediction in _paid(journal):
        if prediction.id not in known:
            continue
        if prediction.id in ends or _is_collected(prediction, fetched.get(prediction.id, [])):
            yield None
            continue
        yield Violation(f"{_made(prediction)}, and the caller never learned of it", (), (prediction,))


@manner(
    "outputs.fetched",
    "The caller downloads each paid result.",
    level=Level.SHOULD,
    why="the URL of an output expires, and the paid picture is lost",
    right="download the output as soon as the prediction has succeeded, and retry a failed download",
)
def outputs_fetched(journal: Journal) -> Observations:
    """Looks for successful predictions that the caller knew of, without a download or a second attempt at one."""
    ends, fetched = ends_seen(journal), fetches(journal)
    for prediction in _paid(journal):
        tries = fetched.get(prediction.id, [])
        if prediction.status is not Status.SUCCESS or (prediction.id not in ends and not tries):
            continue
        if _is_collected(prediction, tries) or len(tries) >= TRIES:
            yield None
            continue
        done = (
            f"{event_name(tries[0])} {answer_summary(tries[0])}, and was not sent again" if tries else "not downloaded"
        )
        evidence: tuple[Event, ...] = (*ends.get(prediction.id, [])[:1], *tries)
        yield Violation(f"{_made(prediction)}; its output: {done}", evidence, (prediction,))


@manner(
    "effects.once",
    "The caller processes each result once, even if it arrives more than once.",
    level=Level.SHOULD,
    why="a webhook may come twice, or after a poll with the same result: a caller that acts on both works twice",
    right="store the ids of processed results, and ignore a result whose id is stored",
)
def once(journal: Journal) -> Observations:
    """Counts complete downloads of each output whose end arrived more than once; traffic shows no other effects."""
    fetched = fetches(journal)
    for name, ends in ends_seen(journal).items():
        for downloads in _whole(fetched.get(name, [])) if len(ends) > 1 else ():
            done = (
                f"the end of {short_ids(name)} arrived {len(ends)} times ({event_name(ends[0])} and "
                f"{event_name(ends[1])}); its output was downloaded {len(downloads)} times, the last time by "
                f"{event_name(downloads[-1])}"
            )
            yield Violation(done, (*ends, *downloads)) if len(downloads) > 1 else None


@manner(
    "webhooks.answered",
    "The caller answers each webhook in time and with 2xx.",
    why="to the service a webhook without a timely 2xx was not delivered, and it may never send the result again",
    right="answer 204 at once and do the work afterwards; answer 2xx to unknown ids, too",
)
def webhooks_answered(journal: Journal) -> Observations:
    """Checks every webhook attempt, except those that the emulator refused to send."""
    for attempt in journal.episode.deliveries:
        if REFUSED_TO_CALL not in attempt.failure:
            outcome = f"was answered {attempt.answered}" if attempt.answered else f"failed: {attempt.failure}"
            is_kept = attempt.answered in ACCEPTED
            yield None if is_kept else Violation(f"{event_name(attempt)} {outcome}", (attempt,))


def _is_collected(prediction: Prediction, tries: Sequence[Exchange]) -> bool:
    """Return whether an output was downloaded, according to the emulator or else to *tries*."""
    if prediction.fetched is not None:
        return prediction.fetched
    return any(download.status in DOWNLOADED and not download.failure for download in tries)


def _whole(tries: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return the complete downloads, grouped by file."""
    files: dict[str, list[Exchange]] = {}
    for download in tries:
        if download.status == WHOLE and not download.failure:
            files.setdefault(download.request.path, []).append(download)
    return list(files.values())


def _paid(journal: Journal) -> list[Prediction]:
    ended = (prediction for prediction in in_view(journal) if prediction.status in TERMINAL)
    return [prediction for prediction in ended if is_charged(journal, prediction)]


def _made(prediction: Prediction) -> str:
    return f"{prediction.id} ({prediction.model}) ended at {clock_time(prediction.ends_at or prediction.created_at)}"


MANNERS: Final[tuple[Manner, ...]] = (learned, outputs_fetched, once, webhooks_answered)
