"""Steps that change a world, and the state that its owner sees."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from helpers.harness import UNKNOWN_ID
from helpers.owner import HOOK, Owner, named

FEWER = settings(max_examples=max(8, settings().max_examples // 6))
"""For properties that make several emulators."""


Step = tuple[str, str, Any]


CREATE = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": HOOK}


STEPS: list[Step] = [
    ("POST", "/v1/prediction/", CREATE),
    ("POST", "/v1/prediction/", {"model": "nonsense", "input": {}}),
    ("GET", f"/v1/prediction/{UNKNOWN_ID}", None),
    ("POST", "/__mock/clock/next", None),
    ("POST", "/__mock/clock/advance", {"seconds": 1.25}),
    ("POST", "/__mock/predictions/fail-next", {"times": 2}),
    ("PATCH", "/__mock/settings", {"duration": 17, "rate_limit": "3/60", "max_in_flight": 2}),
    ("PATCH", "/__mock/settings", {"progress": "reads:1", "charge": "accept", "webhook_attempts": 3}),
    ("POST", "/__mock/reset?scope=faults", None),
    ("POST", "/__mock/reset?scope=journal", None),
    ("POST", "/__mock/reset", None),
    ("GET", "/__mock/ledger", None),
]


LISTINGS = ["clock", "predictions", "requests", "deliveries", "ledger", "settings"]


STEP = st.sampled_from(STEPS)


def take(owner: Owner, world: str, step: Step) -> str:
    """Do *step* in a world and return the answer, without the ids of control calls, which no world counts."""
    method, path, body = step
    sent = {} if body is None else {"json": body}
    answer = owner.call(method, path, headers=named(world), **sent)
    if path.startswith("/__mock/"):
        del answer.headers["X-Request-Id"]
    return f"{answer.status} {answer.headers} {answer.text}"


def views(owner: Owner, world: str) -> list[str]:
    """Return everything that an owner sees of a world, byte for byte."""
    return [owner.call("GET", f"/__mock/{each}", key=None, headers=named(world)).text for each in LISTINGS]
