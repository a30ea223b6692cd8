"""Manners about creates: the caller pays for nothing twice, and does not repeat a request that was refused for good."""

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
    "The caller never repeats a create whose outcome is unknown.",
    why="after a server failure or a lost response the first create may have been carried out and charged",
    right="repeat a create only after a 4xx, which proves that no prediction was made, or if the request was never "
    "sent; otherwise report the failure to a person",
)
def blind_repeat(journal: Journal) -> Observations:
    """Looks for creates with the same model and input after a create that got a 5xx, no readable id, or no response."""
    creates = create_calls(journal)
    for create in creates:
        if not is_open(create):
            continue
        later = (other for other in creates if follows(other, create))
        repeat = next((other for other in later if work_of_create(other) == work_of_create(create)), None)
        if not repeat:
            yield None
            continue
        made = unheard(journal, create)
        known = "; the server had carried it out" if made else ""
        done = f"{event_name(create)} {_outcome(create)}{known}; {event_name(repeat)} sent the same again"
        yield Violation(done, (create, repeat), tuple(made))


@manner(
    "creates.identical",
    "The caller never pays twice for the same work.",
    level=Level.SHOULD,
    why="the same model, input and seed give the same picture, and the service charges again",
    right="cache the result by model and input, or omit the seed to get a different picture",
)
def identical(journal: Journal) -> Observations:
    """Looks for accepted creates with a seed that repeat the model and input of a prediction that did not fail.

    Without a seed every prediction gives a different picture, so a repeat may be intended.
    """
    predictions = {prediction.id: prediction for prediction in journal.predictions}
    first: dict[str, tuple[Exchange, str]] = {}
    for create in create_calls(journal):
        name = id_seen(create)
        if not name or not _has_seed(create):
            continue
        earlier, earlier_name = first.get(work_of_create(create), (None, ""))
        if earlier is None or _had_failed(predictions.get(earlier_name), arrival_time(create)):
            first[work_of_create(create)] = create, name
            yield None
            continue
        same = f"has the same model, input and seed as {event_name(earlier)}"
        done = f"{event_name(create)} {same}, and the server carried out both"
        yield Violation(done, (earlier, create), (predictions[name],) if name in predictions else ())


@manner(
    "requests.refused-for-good",
    "The caller never repeats an unchanged request that was refused as wrong.",
    why="a 4xx means that the request is wrong: the server refuses it again, and each attempt counts against the limit",
    right="show the message and details of the refusal, and stop; retry only a 429",
)
def refused_for_good(journal: Journal) -> Observations:
    """Looks for the same method, path and body after a 4xx other than 429."""
    refused: dict[tuple[str, str, bytes], Exchange] = {}
    for call in api_calls(journal):
        request = call.request.method, call.request.path, call.request.body
        earlier = refused.get(request)
        if earlier and follows(call, earlier):
            done = f"{event_name(call)} repeated {event_name(earlier)}, which {answer_summary(earlier)}"
            yield Violation(done, (earlier, call))
        elif BAD_REQUEST <= call.status < BAD_SERVER and call.status != TOO_MANY:
            refused[request] = call
            yield None


def _outcome(create: Exchange) -> str:
    is_whole = create.status and not create.failure and create.status < BAD_SERVER
    return f"{answer_summary(create)}{' without a readable id' if is_whole else ''}"


def _has_seed(create: Exchange) -> bool:
    body = read_json(create.request.body)
    parameters = body.get("input") if isinstance(body, dict) else None
    return isinstance(parameters, dict) and parameters.get("seed") is not None


def _had_failed(prediction: Prediction | None, at: int) -> bool:
    return prediction is not None and prediction.status is Status.ERROR and (prediction.ends_at or 0) <= at


MANNERS: Final[tuple[Manner, ...]] = (blind_repeat, identical, refused_for_good)
