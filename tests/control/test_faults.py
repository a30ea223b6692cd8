"""The control plane's routes of faults: what is armed, added, replaced and disarmed, and what is refused."""

from typing import Any

import pytest

from helpers.armed import arm, counts, rule
from helpers.owner import Owner, named

FAIL = rule("fail", message="Prediction failed", details="This failure was injected by the fault 'fail'.")


def ids(owner: Owner) -> list[str]:
    return [each["id"] for each in owner.ask("GET", "/faults")["faults"]]


def test_nothing_is_armed_at_first() -> None:
    assert Owner().ask("GET", "/faults") == {"faults": []}


def test_a_rule_is_shown_with_its_parameters_and_its_counts() -> None:
    owner = Owner()

    shown = owner.ask("POST", "/faults", {"fault": "fail", "times": 2, "rate": 1.0})

    assert shown == {"faults": [{**FAIL, "id": "rule-1", "times": 2, "matches": 0, "strikes": 0}]}
    assert owner.ask("GET", "/faults") == shown


def test_rules_are_added_and_replaced_and_taken_away() -> None:
    owner = Owner()
    owner.ask("POST", "/faults", rule("fail"))
    owner.ask("POST", "/faults", rule("slow", id="mine"))
    added = ids(owner)
    owner.ask("DELETE", "/faults/rule-1")
    left = ids(owner)
    owner.ask("PUT", "/faults", {"faults": [rule("stuck"), rule("lost", id="b")]})
    replaced = ids(owner)
    owner.ask("DELETE", "/faults")

    assert (added, left, replaced, ids(owner)) == (["rule-1", "mine"], ["mine"], ["rule-2", "b"], [])


def test_a_rule_with_the_id_of_another_takes_its_place_and_counts_anew() -> None:
    owner = Owner()
    owner.ask("POST", "/faults", rule("slow", id="mine"))
    owner.created()
    before = counts(owner)

    owner.ask("POST", "/faults", rule("lost", id="mine"))

    assert (before, counts(owner)) == ([(1, 1)], [(0, 0)])


def test_a_number_that_somebody_has_taken_for_a_name_is_given_to_no_other_rule() -> None:
    owner = Owner()
    owner.ask("POST", "/faults", rule("slow", id="rule-1"))
    owner.ask("POST", "/faults", rule("fail"))

    assert ids(owner) == ["rule-1", "rule-2"]


def test_a_world_is_named_by_header_or_key() -> None:
    owner = Owner()
    owner.ask("POST", "/faults", rule("fail"), key=None, **named("w"))

    assert len(owner.ask("GET", "/faults", key=None, **named("w"))["faults"]) == 1
    assert ids(owner) == []


def test_whole_numbers_may_be_written_with_a_point() -> None:
    owner = Owner()
    arm(owner, rule("http_error", status=503.0, times=1.0))

    assert owner.create().status_code == 503
    assert owner.ask("GET", "/faults")["faults"][0]["times"] == 1


@pytest.mark.parametrize(
    ("document", "field", "told"),
    [
        (rule("nonsense"), "fault", "unknown fault 'nonsense'; the faults are: http_error, rate_limited"),
        (rule("stucked"), "fault", "did you mean stuck?"),
        ({}, "fault", 'a rule must be an object whose "fault" is one of'),
        ({"fault": 3}, "fault", "not {'fault': 3}"),
        ([], "fault", "a rule must be an object"),
        ("fail", "fault", "a rule must be an object"),
        (rule("fail", rate=1.5), "rate", "maximum 1"),
        (rule("fail", rate=-0.1), "rate", "minimum 0"),
        (rule("fail", rate=True), "rate", "a number"),
        (rule("fail", messag="x"), "messag", 'send "message" instead'),
        (rule("fail", route="read"), "route", 'send "prediction"'),
        (rule("drop", route="output"), "route", 'send "webhook"'),
        (rule("fail", route="nowhere"), "route", 'send "prediction"'),
        (rule("fail", times=0), "times", "minimum 1"),
        (rule("fail", nth=0), "nth", "minimum 1"),
        (rule("fail", skip=-1), "skip", "minimum 0"),
        (rule("fail", times=10**18), "times", "maximum 1000000000"),
        (rule("fail", after=5, until=4.5), "until", "until 4.5 is before after 5"),
        (rule("fail", message=[]), "message", "must be a string, a number, true or false"),
        (rule("fail", message=None), "message", "must be a string, a number, true or false"),
        (rule("fail", id="x" * 101), "id", "at most 100 characters"),
        (rule("http_error", status=200), "status", "minimum 400"),
        (rule("hang"), "fault", "--wire-faults"),
        (rule("wrong_content_type", content_type="a/b\r\nX-Evil: 1"), "content_type", "pattern"),
    ],
)
def test_a_rule_that_will_not_do_is_refused_and_nothing_changes(document: Any, field: str, told: str) -> None:
    owner = Owner()
    owner.ask("POST", "/faults", rule("slow"))

    alone = owner.refusal("POST", "/faults", document)
    listed = owner.refusal("PUT", "/faults", {"faults": [rule("stuck"), document]})

    assert alone["field"] == field
    assert told in alone["detail"]
    assert told in listed["detail"]
    assert listed["field"] == (field if "--wire-faults" in told else f"faults[1].{field}")
    assert ids(owner) == ["rule-1"]


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("PUT", {}, "faults"),
        ("PUT", {"faults": {}}, "faults"),
        ("PUT", {"faults": None}, "faults"),
        ("PUT", {"rules": []}, "rules"),
        ("PUT", b"[]", None),
        ("PUT", b"{", None),
        ("POST", b"{", None),
    ],
)
def test_a_body_that_holds_no_rules_is_refused(method: str, body: object, field: str | None) -> None:
    assert Owner().refusal(method, "/faults", body).get("field") == field


def test_two_rules_of_one_name_are_refused() -> None:
    owner = Owner()

    refusal = owner.refusal("PUT", "/faults", {"faults": [rule("fail", id="a"), rule("slow", id="a")]})

    assert (refusal["field"], "'a'" in refusal["detail"]) == ("id", True)


def test_a_rule_that_is_not_armed_cannot_be_disarmed() -> None:
    assert "No rule 'x' is armed" in Owner().refusal("DELETE", "/faults/x", status=404)["detail"]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("POST", ""), ("DELETE", ""), ("DELETE", "/a")])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.test", "X-Mock-Token": "t"}, 403),
        ({"Origin": "http://evil.test", "X-Mock-Token": "t"}, 403),
        ({}, 401),
    ],
)
def test_strangers_neither_see_nor_change_what_goes_wrong(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    owner = Owner(control_token="t")

    answer = owner.control(method, f"/faults{path}", rule("fail"), headers=headers)

    assert answer.status_code == status
    assert not owner.world().rules
