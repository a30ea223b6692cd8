"""Makes observations of programs, and certificates."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.certification.observation import FaultCount, Observation
from eachlabs_contract.certification.process.result import CompletedRun
from eachlabs_contract.certification.result import judged, judged_habit
from eachlabs_contract.certification.trials import BASELINE, TRIALS
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.history.events import Answer, Delivery, Episode, Event, Exchange, Request
from eachlabs_contract.history.journal import Bill, Journal, Prediction
from eachlabs_contract.spec.lifecycle import Status

ONE, TWO = (f"{number}0000000-0000-4000-8000-000000000000" for number in "12")
START = 1_770_249_600_000
PRICE = Decimal("0.025")
NASTY = "<script>alert(1)</script>&\"'\x00\x1b[31m\ud800\U0001f680"


def exchange(
    method: str, path: str, *, at: int = 0, status: int = 200, said: object = None, sent: object = None, **facts: Any
) -> Exchange:
    """Return an exchange at so many milliseconds after `START`; status 0: no response."""
    wait = facts.pop("retry_after", None)
    headers = (("Retry-After", wait),) if wait else ()
    answer = Answer(status, headers, b"" if said is None else json.dumps(said).encode()) if status else None
    body = b"" if sent is None else json.dumps(sent).encode()
    agent = (("User-Agent", facts.pop("agent", "a-test/1")),)
    facts = {"keys": ("X-API-Key",), "number": at + 1, "came_at": START + at, **facts}
    return Exchange("owner", Request(method, path, agent, body), answer, START + at, **facts)


def create(identity: str = ONE, *, hook: str = "", **facts: Any) -> Exchange:
    """Return a create, by default answered with *identity*."""
    sent = {"model": "qwen-image", "input": {"prompt": "a kite"}, "webhook_url": hook}
    said = {"status": "success", "message": "Prediction created successfully", "predictionID": identity}
    return exchange("POST", "/v1/prediction/", **{"sent": sent, "said": said, **facts})


def read(identity: str = ONE, *, status_word: str = "success", **facts: Any) -> Exchange:
    """Return a read, by default of a success."""
    said = {"status": status_word, "predictionID": identity}
    if status_word == "success":
        said |= {"output": f"http://127.0.0.1:8780/outputs/{identity}.webp", "metrics": {"predict_time": 2.5}}
    return exchange("GET", f"/v1/prediction/{identity}", **{"said": said, **facts})


def fetch(identity: str = ONE, **facts: Any) -> Exchange:
    """Return a download of an output."""
    return exchange("GET", f"/outputs/{identity}.webp", **{"keys": (), **facts})


def webhook(identity: str = ONE, *, at: int = 0, answered: int = 204, status: str = "succeeded") -> Delivery:
    """Return an attempt at a webhook."""
    said = {"exec_id": identity, "status": status, "output": "", "error": "", "flow_id": ""}
    return Delivery("/hook", Request("POST", "/hook", (), json.dumps(said).encode()), START + at, answered, 1)


def prediction(identity: str = ONE, **facts: Any) -> Prediction:
    """Return a prediction, by default a success whose output was not downloaded."""
    usual = {
        "model": "qwen-image",
        "input": '{"prompt": "a kite"}',
        "status": Status.SUCCESS,
        "created_at": START,
        "ends_at": START + 2500,
        "outputs": (f"http://127.0.0.1:8780/outputs/{identity}.webp",),
        "fetched": False,
    }
    return Prediction(identity, **{**usual, **facts})


def observed(
    *events: Event,
    predictions: Sequence[Prediction] = (),
    run: Mapping[str, Any] | None = None,
    faults: Mapping[str, int] | None = None,
    **facts: Any,
) -> Observation:
    """Return an observation; without *needed*, that of the baseline."""
    paid = sum(each.status is Status.SUCCESS for each in predictions)
    bill = Bill(paid * PRICE, paid, 0, (("qwen-image", paid * PRICE),) if paid else ())
    journal = Journal(Episode("journal", events), tuple(predictions), bill=bill)
    end = CompletedRun(**{"exit_code": 0, "output": "", "seconds": 1.0, **(run or {})})
    return Observation(end, journal, tuple(FaultCount(*each) for each in (faults or {}).items()), **facts)


def good(**facts: Any) -> Observation:
    """Return the observation of a program that made a prediction, polled it twice, and learned of its success."""
    return observed(
        create(at=0),
        read(at=1000, status_word="processing"),
        read(at=2600),
        predictions=[prediction()],
        **facts,
    )


def hung(**facts: Any) -> Observation:
    """Return the observation of a program that was killed while it waited for a response."""
    run = {"exit_code": None, "output": NASTY, "seconds": 60.0, "left_behind": 2}
    lost = read(at=1000, status=0, failure="the answer stopped and the connection stayed open")
    return observed(create(at=0), lost, predictions=[prediction()], run=run, **facts)


def certificate(label: str = "mine", command: str = "python mine.py") -> Certificate:
    """Return a certificate with a result of each kind."""
    named = {each.id: each for each in TRIALS}
    runs = {
        BASELINE.id: good(),
        "limits.poll": good(needed=1, faults={"rate_limited": 0}),
        "transport.hang": hung(needed=1, faults={"hang": 1}),
        "flow.no-metrics": good(needed=1, faults={"missing_field": 1}, run={"exit_code": 1, "output": NASTY}),
    }
    results = tuple(judged(named[identity], seen) for identity, seen in runs.items())
    noisy = {**runs, BASELINE.id: observed(create(), read(at=1000), read(at=2000), predictions=[prediction()])}
    return Certificate(label, command, results, tuple(judged_habit(each, noisy) for each in HABITS), 12.5)
