"""Manners of creating: nothing is paid for twice, and nothing is asked for again that was refused for good."""

from typing import Final

from eachlabs_contract.history import BAD_REQUEST, BAD_SERVER, TOO_MANY, Exchange, Journal, Prediction, read_json
from eachlabs_contract.manners.manner import Manner, Observations, manner
from eachlabs_contract.manners.traffic import (
    answer_summary,
    api_calls,
    arrival_time,
    create_calls,
    event_name,
    follows,
    id_seen,
    is_open,
    unheard,
    work_of_create,
)
from eachlabs_contract.spec import Level, Status
from eachlabs_contract.verdict import Violation


@manner(
    "creates.blind-repeat",
    "A create is not sent again while it is open whether the first one was carried out.",
    why="a server's failure or a lost answer does not prove that no work was done: the prediction may run, and be paid "
    "for",
    right="repeat a create only after a refusal, which proves that nothing was made (a 4xx), or where no request was "
    "sent at all; else report the failure, and let a person decide",
)
def blind_repeat(journal: Journal) -> Observations:
    """Looks for creates of the same model and input after one answered 5xx, without a readable id, or not at all."""
    for create in create_calls(journal):
        if not is_open(create):
            continue
        again = next(
            (
                each
                for each in create_calls(journal)
                if follows(each, create) and work_of_create(each) == work_of_create(create)
            ),
            None,
        )
        if not again:
            yield None
            continue
        made = unheard(journal, create)
        known = "; it had been carried out" if made else ""
        done = f"{event_name(create)} was answered {_as_told(create)}{known}; {event_name(again)} sent the same again"
        yield Violation(done, (create, again), tuple(made))


@manner(
    "creates.identical",
    "The same work is not paid for twice.",
    level=Level.SHOULD,
    why="with the same model, input and seed the same picture is made again, and charged for again",
    right="keep the result by model and input, or leave the seed out where another picture is wanted",
)
def identical(journal: Journal) -> Observations:
    """Looks for creates that were taken, with a seed, after one of the same model and input that did not fail.

    Without a seed every prediction makes another picture, which may well be what is wanted.
    """
    predictions = {each.id: each for each in journal.predictions}
    first: dict[str, tuple[Exchange, str]] = {}
    for create in create_calls(journal):
        name = id_seen(create)
        if not name or not _has_seed(create):
            continue
        earlier, of = first.get(work_of_create(create), (None, ""))
        if earlier is None or _had_failed(predictions.get(of), arrival_time(create)):
            first[work_of_create(create)] = create, name
            yield None
            continue
        same = f"the same model, input and seed as {event_name(earlier)}"
        done = f"{event_name(create)} asked for {same}, and both were carried out"
        yield Violation(done, (earlier, create), tuple(each for each in journal.predictions if each.id == name))


@manner(
    "requests.refused-for-good",
    "A request that was refused as wrong is not sent again unchanged.",
    why="a 4xx says that the request itself is at fault: it is refused again, and each try takes one from the limit",
    right="show the refusal's message and details, and stop; only 429 is worth another try",
)
def refused_for_good(journal: Journal) -> Observations:
    """Looks for the same method, path and body after an answer 4xx other than 429."""
    refused: dict[tuple[str, str, bytes], Exchange] = {}
    for each in api_calls(journal):
        request = each.request.method, each.request.path, each.request.body
        earlier = refused.get(request)
        if earlier and follows(each, earlier):
            done = f"{event_name(each)} sent again what {event_name(earlier)} had been refused with {earlier.status}"
            yield Violation(done, (earlier, each))
        elif BAD_REQUEST <= each.status < BAD_SERVER and each.status != TOO_MANY:
            refused[request] = each
            yield None


def _as_told(create: Exchange) -> str:
    is_whole = create.status and not create.failure
    return (
        f"{answer_summary(create)} without a readable id"
        if is_whole and create.status < BAD_SERVER
        else answer_summary(create)
    )


def _has_seed(create: Exchange) -> bool:
    body = read_json(create.request.body)
    given = body.get("input") if isinstance(body, dict) else None
    return isinstance(given, dict) and given.get("seed") is not None


def _had_failed(prediction: Prediction | None, at: int) -> bool:
    return prediction is not None and prediction.status is Status.ERROR and (prediction.ends_at or 0) <= at


MANNERS: Final[tuple[Manner, ...]] = (blind_repeat, identical, refused_for_good)
