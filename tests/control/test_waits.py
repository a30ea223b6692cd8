"""Waiting for something to happen in a world: until so much of it did, or with what came instead."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from eachlabs_mock.control import routes
from helpers.harness import UNKNOWN_ID
from helpers.owner import HOOK, PATIENCE, Owner

Begin = Callable[..., "Future[Any]"]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts a call in a thread of its own; its result is awaited at the end of the test at the latest."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def wait_for(name: str, **body: object) -> tuple[str, str, dict[str, object]]:
    return "POST", f"/{name}/wait", {"timeout": PATIENCE, **body}


def test_what_has_happened_already_is_not_waited_for() -> None:
    owner = Owner()
    made = owner.created()

    assert [each["id"] for each in owner.ask(*wait_for("predictions", timeout=0))["predictions"]] == [made]


def test_a_wait_goes_on_until_so_many_requests_came(begin: Begin) -> None:
    owner = Owner()
    answer = begin(owner.ask, *wait_for("requests", count=3))

    before = [answer.done() for _ in range(3) if owner.read(UNKNOWN_ID)]

    assert len(answer.result(PATIENCE)["requests"]) == 3
    assert not before[0]


def test_a_wait_for_a_status_ends_when_the_clock_is_moved_there(begin: Begin) -> None:
    owner = Owner()
    made = owner.created()
    answer = begin(owner.ask, *wait_for("predictions", status="success"))

    owner.ask("POST", "/clock/advance", {"seconds": 3})

    assert [each["id"] for each in answer.result(PATIENCE)["predictions"]] == [made]


def test_a_wait_for_a_webhook_ends_when_it_was_attempted(begin: Begin) -> None:
    owner = Owner()
    made = owner.created(webhook_url=HOOK)
    answer = begin(owner.ask, *wait_for("deliveries", status="SUCCESS"))

    owner.ask("POST", "/clock/next")

    assert [each["execution_id"] for each in answer.result(PATIENCE)["deliveries"]] == [made]


def test_a_wait_looks_again_by_itself_where_time_passes_without_a_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "CHECK_INTERVAL", 0.001)
    owner = Owner()
    owner.created()
    owner.ask("PUT", "/clock", {"mode": "scaled", "speed": 100_000})

    assert owner.ask(*wait_for("predictions", status="success"))["predictions"]


@pytest.mark.parametrize(
    ("name", "filters", "seen"),
    [
        ("predictions", {}, 2),
        ("predictions", {"since": 1}, 1),
        ("predictions", {"status": "success"}, 0),
        ("requests", {}, 2),
        ("requests", {"status": 404}, 0),
        ("requests", {"status": "200", "since": 1}, 1),
        ("deliveries", {}, 0),
    ],
)
def test_a_wait_that_never_comes_true_is_408_with_what_was_seen(
    name: str, filters: dict[str, object], seen: int
) -> None:
    owner = Owner()
    owner.created(webhook_url=HOOK)
    owner.created()

    refusal = owner.refusal(*wait_for(name, count=3, timeout=0, **filters), status=408)

    assert len(refusal[name]) == seen
    assert (refusal["field"], refusal["detail"]) == (
        "count",
        f"count: got {seen} of 3 {name} within 0 s.",
    )


@pytest.mark.parametrize("name", ["predictions", "requests", "deliveries"])
@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ({"count": 0}, "count", "from 1 to 100000"),
        ({"count": 1.5}, "count", "whole number"),
        ({"timeout": -1}, "timeout", "from 0 to 60"),
        ({"timeout": 61}, "timeout", "from 0 to 60"),
        ({"since": -1}, "since", "from 0"),
        ({"status": "nonsense"}, "status", "must be"),
        ({"status": []}, "status", "must be"),
        ({"number": 3}, "number", "known fields: count, timeout, since, status"),
    ],
)
def test_a_wait_that_makes_no_sense_is_refused_at_once(
    name: str, body: dict[str, object], field: str, detail: str
) -> None:
    refusal = Owner().refusal("POST", f"/{name}/wait", body)

    assert refusal["field"] == field
    assert detail in refusal["detail"]


def test_a_wait_in_vain_leaves_the_world_as_it_was() -> None:
    owner = Owner()
    owner.created(webhook_url=HOOK)
    before = owner.ask("GET", "/state")

    owner.refusal(*wait_for("deliveries", timeout=0), status=408)

    assert owner.ask("GET", "/state") == before


def test_a_wait_in_one_world_ends_by_nothing_that_happens_in_another() -> None:
    owner = Owner()
    owner.created(key="other")

    assert owner.refusal(*wait_for("predictions", timeout=0), status=408)["predictions"] == []
