"""Each law sees the one thing it is about, and nothing else in what a server may lawfully do."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.history.events import Answer, Delivery, Episode, Event, Exchange, Request
from eachlabs_contract.history.recording import load_history
from eachlabs_contract.laws import LAWS
from eachlabs_contract.laws.law import Judgement, judgement, unless
from eachlabs_contract.spec.lifecycle import Status, may_follow
from eachlabs_contract.verdict import Verdict

HISTORIES: Final = Path(__file__).parents[3] / "fixtures" / "histories"
LEGAL: Final = sorted(path.stem for path in (HISTORIES / "legal").glob("*.json"))
BY_NAME: Final = {each.claim.id.removeprefix("laws."): each for each in LAWS}
BESIDES: Final = {"output-at-success": {"answers-read"}}
"""Laws that cannot be broken alone."""

ID: Final = "5f0c2f3a-9d1b-4c0e-8a57-000000000001"
URL: Final = f"http://127.0.0.1:8780/outputs/{ID}.webp"
BODIES: Final = {
    Status.PROCESSING: f'{{"status":"processing","predictionID":"{ID}","message":"Prediction is being processed"}}',
    Status.SUCCESS: f'{{"status":"success","predictionID":"{ID}","output":"{URL}","metrics":{{"predict_time":2}}}}',
    Status.ERROR: '{"status":"error","message":"Prediction failed","details":"The provider gave up."}',
}


def episodes(folder: str, name: str) -> tuple[Episode, ...]:
    return load_history((HISTORIES / folder / f"{name}.json").read_text())


def looked(name: str, *events: Event, capped: bool = False, rate_limited: bool = False) -> Judgement:
    return BY_NAME[name].look(Episode("test", events, rate_limited, capped))


def created(number: int = 1, hook: str = "", caller: str = "owner") -> Exchange:
    asked = f'{{"model":"qwen-image","input":{{}},"webhook_url":"{hook}"}}'.encode()
    said = f'{{"status":"success","message":"Prediction created successfully","predictionID":"{_id(number)}"}}'.encode()
    return Exchange(caller, Request("POST", "/v1/prediction/", (), asked), Answer(200, (), said), 0)


def read(status: Status | int, number: int = 1, at: int = 0, caller: str = "owner") -> Exchange:
    request = Request("GET", f"/v1/prediction/{_id(number)}")
    if isinstance(status, int):
        body = BODIES[Status.ERROR] if status else ""
        return Exchange(caller, request, Answer(status, (), body.encode()) if status else None, at)
    return Exchange(caller, request, Answer(200, (), BODIES[status].replace(ID, _id(number)).encode()), at)


def webhook(number: int = 1, path: str = "/hook/1", answered: int = 204) -> Delivery:
    said = f'{{"error":"","exec_id":"{_id(number)}","flow_id":"","output":"{URL}","status":"succeeded"}}'
    return Delivery(path, Request("POST", path, (), said.encode()), 0, answered)


def _id(number: int) -> str:
    return f"{ID[:-2]}{number:02x}"


# --- the histories that are kept ---


@pytest.mark.parametrize("name", LEGAL)
def test_nothing_in_a_legal_history_breaks_a_law(name: str) -> None:
    findings = [each.judge(episodes("legal", name)) for each in LAWS]

    assert [(each.claim.id, each.got) for each in findings if each.verdict is Verdict.BROKEN] == []


@pytest.mark.parametrize("name", BY_NAME)
def test_every_law_is_put_to_the_test_by_a_legal_history(name: str) -> None:
    everything = [each for legal in LEGAL for each in episodes("legal", legal)]

    assert BY_NAME[name].judge(everything).verdict is Verdict.HOLDS


@pytest.mark.parametrize("name", BY_NAME)
def test_every_law_has_a_history_that_breaks_it_and_no_other(name: str) -> None:
    broken = {other for other, law in BY_NAME.items() if law.judge(episodes("broken", name)).verdict is Verdict.BROKEN}

    assert broken == {name, *BESIDES.get(name, ())}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_violation_says_what_was_expected_what_came_and_shows_it(name: str) -> None:
    finding = BY_NAME[name].judge(episodes("broken", name))

    assert finding.expected
    assert finding.got
    assert finding.evidence[-1] in episodes("broken", name)[0].events


@pytest.mark.parametrize("name", BY_NAME)
def test_a_law_about_which_nothing_happened_is_not_exercised(name: str) -> None:
    assert BY_NAME[name].judge([Episode("nothing", ())]).verdict is Verdict.NOT_EXERCISED


# --- how laws are made ---


def test_a_judgement_counts_observations_up_to_the_first_breach() -> None:
    violation = unless(False, "this", "that")

    assert judgement(iter([None, None])) == Judgement(2)
    assert judgement(iter([None, violation, None])) == Judgement(2, violation)


def test_a_law_tells_in_words_how_it_is_tested() -> None:
    assert BY_NAME["status-order"].method == "Compares each read of a prediction with the one before it."


# --- what each of them sees ---


@given(st.lists(st.sampled_from(sorted(BODIES, key=str)), max_size=6))
def test_statuses_are_in_order_exactly_if_each_may_follow_the_one_before(statuses: list[Status]) -> None:
    judged = looked("status-order", *map(read, statuses))

    assert (judged.violation is None) == all(may_follow(*pair) for pair in pairwise(statuses))


@pytest.mark.parametrize("status", [0, 401, 429, 500, 502, 503])
@pytest.mark.parametrize("name", BY_NAME)
def test_an_answer_that_says_nothing_about_a_prediction_breaks_no_law(name: str, status: int) -> None:
    events = created(), read(Status.PROCESSING), read(status), read(Status.SUCCESS), read(status), read(Status.SUCCESS)

    assert looked(name, *events, capped=True, rate_limited=True).violation is None


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_ended_prediction_that_is_gone_breaks_the_law(status: int) -> None:
    assert looked("ended-stays", read(Status.SUCCESS), read(status)).violation


def test_an_ended_prediction_is_gone_for_others_by_right() -> None:
    assert looked("ended-stays", read(Status.SUCCESS), read(404, caller="second")) == Judgement(0)


@pytest.mark.parametrize(("answered", "breaks"), [(200, True), (204, True), (302, False), (500, False)])
def test_a_second_webhook_breaks_the_law_only_if_the_first_was_taken(answered: int, *, breaks: bool) -> None:
    judged = looked("webhook-once", created(hook="/hook/1"), webhook(answered=answered), webhook())

    assert (judged.violation is not None) is breaks


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_webhook_of_a_create_whose_answer_was_lost_is_nobodys_fault(status: int) -> None:
    lost = replace(created(2, "/hook/1"), answer=Answer(status, (), b"") if status else None)

    assert looked("webhook-addressee", lost, created(1, "/hook/1"), webhook(2)).violation is None


@pytest.mark.parametrize(
    ("hook", "number", "path", "breaks"),
    [
        ("http://127.0.0.1:9/hook/1", 1, "/hook/1", False),
        ("http://127.0.0.1:9/hook/1?a=b", 1, "/hook/1?a=b", False),
        ("http://127.0.0.1:9/hook/1", 1, "/redirected", True),
        ("http://127.0.0.1:9/hook/1", 2, "/hook/1", True),
        ("", 1, "/hook/1", True),
        ("http://[", 1, "/hook/1", True),
        ("http://127.0.0.1:9/hook/1", 2, "/hook/of-somebody-else", False),
    ],
)
def test_a_webhook_is_for_its_own_prediction_at_its_own_address(
    hook: str, number: int, path: str, *, breaks: bool
) -> None:
    judged = looked("webhook-addressee", created(1, hook), webhook(number, path))

    assert (judged.violation is not None) is breaks


def test_a_webhook_that_names_nobody_is_not_counted() -> None:
    nameless = Delivery("/hook/1", Request("POST", "/hook/1", (), b"{}"), 0)

    assert looked("webhook-once", nameless, nameless) == Judgement(0)


def test_predictions_that_may_have_ended_do_not_count_as_in_flight() -> None:
    eleven = [created(number) for number in range(1, 12)]
    seen = [read(Status.PROCESSING, number) for number in range(2, 12)]

    assert looked("in-flight-cap", *eleven, *seen, capped=True) == Judgement(1)
    assert looked("in-flight-cap", *eleven, *seen, read(Status.PROCESSING, 1), capped=True).violation
    assert looked("in-flight-cap", *eleven, *seen, read(Status.PROCESSING, 1)) == Judgement(0)


def test_predictions_of_another_key_do_not_count() -> None:
    eleven = [created(number, caller="owner" if number % 2 else "second") for number in range(1, 12)]
    seen = [read(Status.PROCESSING, number) for number in range(1, 12)]

    assert looked("in-flight-cap", *eleven, *seen, capped=True) == Judgement(0)


def reads_at(times: Iterable[int]) -> list[Exchange]:
    return [read(Status.SUCCESS, at=at) for at in times]


@pytest.mark.parametrize(
    ("times", "breaks"),
    [
        ([0] * 100, False),
        ([0] * 101, True),
        ([0] * 100 + [1] * 100, False),
        ([0] * 100 + [1] * 100 + [59_999], True),
        ([0] * 100 + [1] * 100 + [60_000], False),
        (range(0, 60_000, 300), False),
        (range(0, 60_000, 298), True),
    ],
)
def test_a_window_is_broken_only_where_no_kind_of_window_lets_it_pass(times: Iterable[int], *, breaks: bool) -> None:
    judged = looked("request-window", *reads_at(times), rate_limited=True)

    assert (judged.violation is not None) is breaks


@pytest.mark.parametrize("status", [0, 400, 404, 429, 503])
def test_what_is_not_answered_200_does_not_count_in_a_window(status: int) -> None:
    assert looked("request-window", *[read(status)] * 150, *reads_at([0] * 100), rate_limited=True).violation is None


def test_a_refusal_for_now_must_read_well_only_where_a_limit_is_on() -> None:
    bare = replace(read(429), answer=Answer(429, (), b"slow down"))

    assert looked("refusals-read", bare) == Judgement(0)
    assert looked("refusals-read", bare, capped=True).violation
