"""Faults that a call requests in a header or a prompt: grammar, effect and refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from eachlabs_mock.emulator.world import world_of_key
from eachlabs_mock.faults.registry import FAULTS
from eachlabs_mock.faults.rule import RuleError, read_rule, read_rule_text
from helpers.armed import CALLS, HOOK, arm, counts, ended, journal, rule, take
from helpers.harness import KEY, Api, MakeApi
from helpers.owner import Owner
from helpers.refusal import page_error


def asking(text: str) -> dict[str, str]:
    return {"X-Mock-Fault": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fail", rule("fail")),
        ("  fail  ", rule("fail")),
        ("http_error;status=502;body=html", rule("http_error", status=502, body="html")),
        ("http_error ; status = 502 ; after_commit = true", rule("http_error", status=502, after_commit=True)),
        ('http_error; status="502"', rule("http_error", status=502)),
        ("latency; seconds=0.25; rate=1e-1", rule("latency", seconds=0.25, rate=0.1)),
        ('fail; message="out of paint; sorry"', rule("fail", message="out of paint; sorry")),
        (r'fail; message="a \"b\" \\ c"', rule("fail", message=r'a "b" \ c')),
        ('fail; message="4"', rule("fail", message="4")),
        ("fail; message=4", rule("fail", message="4")),
        ('fail; message="a] b"', rule("fail", message="a] b")),
        ("drop; route=webhook; times=2; id=mine", rule("drop", route="webhook", times=2, id="mine")),
    ],
)
def test_a_rule_in_text_equals_the_rule_in_json(text: str, expected: dict[str, Any]) -> None:
    assert read_rule_text(text) == read_rule(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the name of a fault is missing; write NAME; key=value"),
        (" ; fail", "the name of a fault is missing"),
        ("nonsense", "unknown fault 'nonsense'; the faults are: http_error, "),
        ("fial", "did you mean fail? the faults are:"),
        ("fail; mesage=x", 'send "message" instead'),
        ("fail; zzz=1", "only known fields"),
        ("fail message=x", "cannot read 'message=x'"),
        ("fail; message", "cannot read '; message'"),
        ("fail;", "cannot read ';'"),
        ('fail; message="open', "cannot read"),
        ('fail; message=""', "minLength"),
        ("http_error; status=502.5", "status"),
        ("http_error; status=99", "minimum 400"),
        ("http_error; body=xml", 'one of "json", "html", "empty"'),
        ("fail; rate=2", "maximum 1"),
        ("fail; rate=often", "a number"),
        ("fail; times=1; times=2", "times appears twice"),
        ("fail; fault=stuck", "fault appears twice"),
        ("fail; route=read", 'send "prediction"'),
        ("fail; after=2; until=1", "until 1 is before after 2, so it would never strike"),
        ("fail; nth=1; skip=1", "match 1 is skipped by skip 1"),
        ("fail; prediction=x", "no prediction has an id yet on the route prediction"),
        ("fail; id=a/b", "pattern"),
        ("fail; message=" + "x" * 1000, "at most 1000 characters, not 1014"),
    ],
)
def test_a_text_that_is_not_a_rule_is_refused_with_the_grammar(text: str, told: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule_text(text)

    assert told in str(refused.value)


def test_an_unknown_name_is_answered_with_all_that_are_known(api: Api) -> None:
    answers = [api.create(headers=asking("nonsense")), api.create(prompt="[mock:nonsense] a kite")]

    for each in answers:
        assert all(name in page_error(each, 400) for name in FAULTS)


@pytest.mark.parametrize("route", CALLS)
def test_a_header_asks_for_a_fault_of_its_own_call(api: Api, route: str) -> None:
    made = api.created()
    asked = asking(f"http_error; status=502; body=html; route={route}")

    struck, next_one = take(api, route, made, headers=asked), take(api, route, made)

    assert (struck.status_code, struck.content_type) == (502, "text/html")
    assert next_one.status_code == (404 if route == "output" else 200)  # it has not ended yet


@pytest.mark.parametrize(
    ("route", "text", "told"),
    [
        ("read", "fail", "fail strikes the route prediction, not this one"),
        ("models", "drop", "drop strikes the route webhook, not this one"),
        ("output", "http_error", "http_error strikes the route create and read, not this one"),
        ("create", "http_error; route=models", "http_error strikes the route models, not this one"),
    ],
)
def test_a_header_with_a_fault_of_another_call_is_refused(api: Api, route: str, text: str, told: str) -> None:
    made = api.created()

    assert told in page_error(take(api, route, made, headers=asking(text)), 400)
    assert journal(api)[-1]["status"] == 400


def test_a_prompt_with_a_fault_of_another_call_is_refused(api: Api) -> None:
    answer = api.create(prompt="[mock:latency; route=models]")

    assert "latency strikes the route models, not this one" in page_error(answer, 400)


def test_models_without_a_key_have_no_world_in_which_anything_could_go_wrong(api: Api) -> None:
    answers = [api.get("/v1/models", key=key, headers=asking("latency; route=models")) for key in (None, "invalid")]

    assert all("X-Mock-Fault needs an API key here" in page_error(each, 400) for each in answers)


def test_a_bad_key_is_refused_before_a_bad_fault(api: Api) -> None:
    assert api.create(key="invalid", headers=asking("nonsense")).status_code == 401


def test_an_empty_header_asks_for_nothing(api: Api) -> None:
    assert api.create(headers=asking("  ")).status_code == 200


@pytest.mark.parametrize("route", ["read", "output", "webhook"])
@pytest.mark.parametrize("in_prompt", [False, True])
def test_a_fault_of_a_create_strikes_its_prediction_and_no_other(route: str, *, in_prompt: bool) -> None:
    api = Api()
    text = "drop" if route == "webhook" else f"http_error; status=503; route={route}; times=1"
    asked = {"prompt": f"a [mock:{text}]"} if in_prompt else {"headers": asking(text)}
    struck, other = api.created(webhook_url=HOOK, **asked), api.created(webhook_url=HOOK)
    api.advance(3)

    if route == "webhook":
        assert [each["exec_id"] for each in api.receiver.payloads] == [other]
    else:
        seen = [take(api, route, each).status_code for each in (struck, struck, other)]
        assert seen == [503, 200, 200]


def test_a_prompt_asks_for_several_and_quotes_may_hold_brackets() -> None:
    owner = Owner()
    made = owner.created(prompt='a [mock:fail; message="no ]paint["] kite [mock:slow; factor=2] today')
    owner.ask("POST", "/clock/advance", {"seconds": 5})

    assert owner.read(made).json["message"] == "no ]paint["
    assert owner.ask("GET", "/predictions")["predictions"][0]["predict_time"] == 5


@pytest.mark.parametrize(
    "prompt", ['[mock:fail; message="open] a kite', "[mock:] a kite", "[mock:fail" + " " * 1000 + "]"]
)
def test_an_unreadable_directive_is_refused(api: Api, prompt: str) -> None:
    assert api.create(prompt=prompt).status_code == 400


def test_a_prompt_has_a_limited_number_of_directives(api: Api) -> None:
    answers = [api.create(prompt="[mock:slow]" * number) for number in (20, 21)]

    assert answers[0].status_code == 200
    assert "20 directives" in page_error(answers[1], 400)


def test_a_create_that_its_prompt_refuses_creates_nothing_and_one_that_it_repeats_creates_two(api: Api) -> None:
    assert api.create(prompt="[mock:http_error; status=503; route=create]").status_code == 503
    assert len(api.app.emulator.store.of_world(api.world().name)) == 0

    assert api.create(prompt="[mock:duplicate]").status_code == 200
    assert len(api.app.emulator.store.of_world(api.world().name)) == 2
    assert [each["faults"] for each in journal(api)] == [["http_error"], ["duplicate"]]


@pytest.mark.parametrize("in_prompt", [False, True])
def test_the_share_that_calls_ask_for_is_drawn_anew_for_each_and_replays(*, in_prompt: bool) -> None:
    text = "http_error; rate=0.5; route=create"
    asked = {"prompt": f"a [mock:{text}]"} if in_prompt else {"headers": asking(text)}

    def drawn() -> list[int]:
        api = Api(rate_limit=None, max_in_flight=None)
        return [api.create(**asked).status_code for _ in range(20)]

    first = drawn()
    assert set(first) == {200, 500}
    assert drawn() == first


def test_a_requested_fault_that_does_not_strike_is_not_replaced_by_a_rule() -> None:
    owner = Owner()
    arm(owner, rule("fail"))
    owner.created(headers=asking("stuck; rate=0"))
    owner.ask("POST", "/clock/advance", {"seconds": 3})

    assert owner.ask("GET", "/predictions")["predictions"][0]["status"] == "success"
    assert counts(owner) == [(0, 0)]


def test_prompts_are_left_alone_where_that_is_switched_off(make_api: MakeApi) -> None:
    api = make_api(prompt_faults=False)

    assert api.read(ended(api, prompt="[mock:nonsense] [mock:fail]")).json["status"] == "success"


def test_requested_faults_continue_in_an_imported_world() -> None:
    owner, other = Owner(), Owner()
    made = owner.created(prompt="[mock:http_error; status=503; route=read; times=2]")
    owner.read(made)

    other.ask("PUT", "/state", owner.ask("GET", "/state"))

    assert [other.read(made).status_code for _ in range(2)] == [503, 200]


def test_the_oldest_of_too_many_predictions_with_rules_of_their_own_makes_way() -> None:
    owner = Owner()
    world = owner.world()
    for number in range(1001):
        world.rules.arm_for_prediction([read_rule(rule("drop"))], f"p{number}", 0)

    assert len(world.rules.bound) == 1000
    assert world.rules.bound[0].rule.prediction == "p1"


@pytest.mark.parametrize("call", [Api.create, lambda api, headers: api.get("/v1/models", headers=headers)])
def test_the_old_name_of_the_header_is_refused_with_the_new_one(make_api: MakeApi, call: Callable[..., Any]) -> None:
    api = make_api()

    text = page_error(call(api, headers={"X-Mock-Scenario": "fail"}), 400)

    assert "X-Mock-Fault" in text
    assert api.app.emulator.store.of_world(world_of_key(KEY)) == ()


def test_the_old_name_of_the_header_changes_no_refusal_of_a_key(api: Api) -> None:
    page_error(api.create(headers={"X-Mock-Scenario": "fail"}, key="invalid"), 401)
