"""Rules: matching, number of strikes, repeatability, and no effect at the rate 0."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eachlabs_mock.faults.fault import parameters
from eachlabs_mock.faults.registry import FAULTS, description
from eachlabs_mock.faults.rule import RuleError, keys, read_rule, rule_schema
from eachlabs_mock.faults.rule_set import ArmedCount
from helpers.armed import HOOK, arm, counts, ended, journal, rule, statuses, take, told
from helpers.harness import KEY, Api, MakeApi
from helpers.owner import Owner
from helpers.worlds import FEWER

BROKEN = rule("http_error", status=503, route="read")
NEVER = [rule(name, rate=0, route=route) for name, kind in FAULTS.items() for route in sorted(kind.routes)]


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what *schema* allows, of the kinds that rules use."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    match schema["type"]:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(low, high)
        case "number":
            return st.floats(low, high) | st.integers(-(-low // 1) if low >= 1 else int(low > 0), int(high))
        case _ if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True).map(lambda text: text[: schema.get("maxLength")])
        case _:
            return st.text(st.characters(codec="utf-8"), min_size=schema.get("minLength", 0), max_size=20)


def rules_of(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return rules of a fault: any part of what its schema allows."""
    optional = {key: values(schema) for key, schema in rule_schema(name)["properties"].items()}
    return st.fixed_dictionaries({"fault": st.just(name)}, optional=optional)


RULES = st.sampled_from(sorted(FAULTS)).flatmap(rules_of)


def contradicts_itself(document: dict[str, Any]) -> bool:
    """Whether a rule that its schema allows is refused all the same, since it would never strike."""
    try:
        read_rule(document)
    except RuleError as error:
        return "so it would never strike" in str(error)
    return False


@FEWER
@given(RULES)
def test_a_rule_that_is_read_describes_itself(document: dict[str, Any]) -> None:
    assume(not contradicts_itself(document))

    described = read_rule(document).document()

    assert read_rule(described).document() == described
    assert {name: described.get(name, value) for name, value in document.items()} == document


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_alone_is_a_rule_and_reads_back(name: str) -> None:
    described = read_rule({"fault": name}).document()

    assert described == {"fault": name, **{key: each["default"] for key, each in parameters(FAULTS[name]).items()}}
    assert read_rule(described) == read_rule({"fault": name})


@pytest.mark.parametrize("name", FAULTS)
def test_no_parameter_has_the_name_of_a_key_that_all_rules_have(name: str) -> None:
    assert not set(parameters(FAULTS[name])) & {"fault", *keys()}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_says_what_it_does_and_strikes_somewhere(name: str) -> None:
    assert description(FAULTS[name]).endswith(".")
    assert FAULTS[name].usual
    assert FAULTS[name].usual <= FAULTS[name].routes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [503, 503, 503, 503, 503]),
        ({"times": 2}, [503, 503, 200, 200, 200]),
        ({"skip": 2}, [200, 200, 503, 503, 503]),
        ({"skip": 1, "times": 2}, [200, 503, 503, 200, 200]),
        ({"nth": 3}, [200, 200, 503, 200, 200]),
        ({"rate": 0}, [200, 200, 200, 200, 200]),
        ({"model": "qwen-image"}, [503, 503, 503, 503, 503]),
        ({"model": "flux"}, [200, 200, 200, 200, 200]),
        ({"after": 1}, [200, 200, 200, 200, 200]),
        ({"until": 0}, [503, 503, 503, 503, 503]),
    ],
)
def test_a_rule_strikes_so_often(api: Api, given: dict[str, Any], expected: list[int]) -> None:
    made = ended(api)
    arm(api, {**BROKEN, **given})

    assert statuses(api, made, 5) == expected


def test_matches_and_strikes_are_counted(api: Api) -> None:
    made = ended(api)
    arm(api, {**BROKEN, "skip": 1, "times": 2}, rule("latency", rate=0))

    statuses(api, made, 4)

    assert counts(api) == [(4, 2), (4, 0)]


def test_a_rule_is_in_force_between_its_instants(api: Api) -> None:
    made = ended(api)
    arm(api, {**BROKEN, "after": 1, "until": 2})

    seen = []
    for _ in range(5):
        seen.append(api.read(made).status_code)
        api.advance(0.5)

    assert seen == [200, 200, 503, 503, 503]


def test_instants_count_from_when_the_rule_was_armed(api: Api) -> None:
    made = ended(api)
    api.advance(100)
    arm(api, {**BROKEN, "until": 1})

    assert statuses(api, made, 1) == [503]


def test_a_rule_about_one_prediction_leaves_the_others_alone(api: Api) -> None:
    made, other = api.created(), api.created()
    arm(api, {**BROKEN, "prediction": made})

    assert (api.read(made).status_code, api.read(other).status_code) == (503, 200)


def test_a_rule_about_a_model_strikes_what_creates_with_it(api: Api) -> None:
    arm(api, rule("http_error", route="create", model="qwen-image"))

    bodies = [b'{"model": "flux", "input": {}}', b"{", b"[]", b'"x"']
    assert [api.post(each).status_code for each in bodies] == [404, 400, 400, 400]
    assert (api.create().status_code, counts(api)) == (500, [(1, 1)])


def test_a_rule_about_a_model_strikes_what_asks_for_it_in_the_catalogue(api: Api) -> None:
    arm(api, rule("http_error", route="models", model="qwen-image"))

    answers = [api.get(each).status_code for each in ("/v1/models", "/v1/model?slug=x", "/v1/model?slug=qwen-image")]
    assert answers == [200, 404, 500]


def test_of_two_rules_of_one_fault_the_first_that_strikes_leaves_nothing_to_the_other(api: Api) -> None:
    made = ended(api)
    arm(api, {**BROKEN, "times": 1}, {**BROKEN, "status": 504})

    assert statuses(api, made, 3) == [503, 504, 504]
    assert counts(api) == [(3, 1), (3, 2)]


def test_the_n_th_match_is_the_n_th_whatever_another_rule_of_that_fault_does(api: Api) -> None:
    made = ended(api)
    arm(api, {**BROKEN, "nth": 1}, {**BROKEN, "status": 504, "nth": 2})

    assert statuses(api, made, 3) == [503, 504, 200]


@pytest.mark.parametrize(
    ("order", "status"), [(("http_error", "unknown_status"), 500), (("unknown_status", "http_error"), 500)]
)
def test_the_first_rule_stands_outermost(api: Api, order: Sequence[str], status: int) -> None:
    made = ended(api)
    arm(api, *(rule(each, route="read") for each in order))

    answer = api.read(made)

    assert answer.status_code == status
    assert answer.json["status"] == ("queued" if order[0] == "unknown_status" else "error")
    assert journal(api)[-1]["faults"] == list(order)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_about_that_share_is_struck(rate: float) -> None:
    api = Api(rate_limit=None)
    made = ended(api)
    arm(api, {**BROKEN, "rate": rate})

    assert abs(statuses(api, made, 200).count(503) / 200 - rate) < 0.1


def life(api: Api) -> list[tuple[int, bytes, list[tuple[str, str]]]]:
    """Take every route, most of them more than once; return the answers whole."""
    ids = [api.create(webhook_url=HOOK, prompt=each) for each in ("a kite", "[mock:fail]", "[mock:slow]")]
    made = str(ids[0].json["predictionID"])
    refused = [api.post(b"{"), api.create(model="nonsense"), api.create(key="invalid"), api.get("/v1/model?slug=x")]
    polled = [api.read(made)]
    api.advance(2.5)
    again = [take(api, route, made) for route in ("read", "models", "output")]
    partial = api.get(f"/outputs/{made}.webp", headers={"Range": "bytes=3-9"})
    api.advance(60)
    seen = [api.get(f"/__mock/{each}") for each in ("requests", "deliveries", "predictions", "ledger")]
    answers = [*ids, *refused, *polled, *again, partial, *seen]
    return [(each.status_code, each.data, told(each)) for each in answers]


def test_rules_with_the_rate_0_change_not_a_byte(make_api: MakeApi) -> None:
    plain, armed = make_api(wire_faults=True), make_api(wire_faults=True)
    arm(plain)  # one call as well: request ids are counted
    arm(armed, *NEVER)

    assert life(armed) == life(plain)
    received = [sorted(map(str, each.receiver.received)) for each in (armed, plain)]  # those of one instant race
    assert received[0] == received[1]
    assert len(received[0]) == 3
    assert sum(matches for matches, _ in counts(armed)) > 100
    assert sum(strikes for _, strikes in counts(armed)) == 0


MIXED = [
    {**BROKEN, "rate": 0.3},
    {**BROKEN, "status": 504, "rate": 0.5, "skip": 3},
    rule("latency", route="read", distribution="uniform", rate=0.5),
    rule("fail", rate=0.4),
    rule("stuck", rate=0.2, times=3),
]


def struck(threads: int) -> tuple[list[tuple[int, int]], Counter[tuple[str, ...]], Counter[str], list[int]]:
    """Do the same creates and polls in so many threads; return what struck, and how often."""
    api = Api(rate_limit=None, max_in_flight=None)
    made = ended(api)
    arm(api, *MIXED)
    barrier = threading.Barrier(threads)
    polled = []

    def work() -> None:
        barrier.wait()
        for _ in range(64 // threads):
            api.create()
            polled.append(api.read(made).status_code)

    with ThreadPoolExecutor(threads) as pool:
        for each in [pool.submit(work) for _ in range(threads)]:
            each.result()
    api.advance(10)
    ends = Counter(each["status"] for each in api.get("/__mock/predictions").json["predictions"])
    return counts(api), Counter(tuple(each["faults"]) for each in journal(api)), ends, polled


def test_the_same_calls_are_struck_alike_in_sequence_and_as_a_lot_at_once() -> None:
    alone, again, together = struck(1), struck(1), struck(16)

    assert alone == again
    assert together[:3] == alone[:3]
    assert Counter(together[3]) == Counter(alone[3])
    assert all(0 < strikes < matches for matches, strikes in alone[0])


def test_another_seed_strikes_others() -> None:
    seen = []
    for seed in (7, 8):
        owner = Owner(seed=seed, rate_limit=None)
        made = owner.created()
        arm(owner, {**BROKEN, "rate": 0.5})
        seen.append(statuses(owner, made, 40))

    assert seen[0] != seen[1]


def test_a_rule_in_one_world_is_none_in_another(api: Api) -> None:
    made, other = api.created(), api.created(key="other")
    arm(api, BROKEN, rule("fail"))

    assert (api.read(made).status_code, api.read(other, key="other").status_code) == (503, 200)
    assert api.get("/__mock/faults", key="other").json == {"faults": []}


def alert_of(api: Api) -> ArmedCount:
    """Return what keeps every call looking for rules while any is armed."""
    return api.world().armed_count


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/__mock/faults", None),
        ("DELETE", "/__mock/faults/mine", None),
        ("PUT", "/__mock/faults", {"faults": []}),
        ("POST", "/__mock/reset?scope=faults", None),
        ("POST", "/__mock/reset", None),
    ],
)
def test_no_rule_is_counted_once_all_are_disarmed(method: str, path: str, body: object) -> None:
    owner = Owner()
    arm(owner, {**BROKEN, "id": "mine"})
    before = alert_of(owner).armed

    owner.call(method, path, **({} if body is None else {"json": body}))

    assert (before, alert_of(owner).armed) == (1, 0)


def test_a_world_that_makes_way_takes_its_rules_along() -> None:
    owner = Owner(max_worlds=1)
    arm(owner, BROKEN)
    owner.created(prompt="[mock:drop]")
    alerted = owner.world().armed_count

    owner.created(key="other")

    assert alerted.armed == 0


def test_rules_armed_in_an_ended_world_are_not_counted() -> None:
    owner = Owner()
    ended_world = owner.world()
    owner.ask("POST", "/reset")
    ended_world.rules.arm_for_prediction([read_rule(rule("drop"))], "id", 0)
    ended_world.rules.arm([read_rule(BROKEN)], 0)

    assert (len(ended_world.rules), alert_of(owner).armed) == (0, 0)


def test_rules_strike_in_a_world_that_was_imported() -> None:
    owner, other = Owner(), Owner(seed=99)
    made = owner.created()
    arm(owner, {**BROKEN, "times": 2}, rule("fail", skip=1))
    owner.read(made)

    other.ask("PUT", "/state", owner.ask("GET", "/state"))

    assert counts(other) == counts(owner) == [(1, 1), (0, 0)]
    assert statuses(other, made, 3) == statuses(owner, made, 3) == [503, 200, 200]
    assert other.ask("GET", "/state")["rules"] == owner.ask("GET", "/state")["rules"]


def test_a_refused_import_leaves_no_rule_counted() -> None:
    owner, other = Owner(), Owner(max_predictions=1)
    arm(owner, BROKEN)
    owner.created()
    owner.created()

    other.refusal("PUT", "/state", owner.ask("GET", "/state"))

    assert alert_of(other).armed == 0


def test_a_state_with_a_rule_that_needs_the_wire_is_refused_without_it() -> None:
    owner, other = Owner(wire_faults=True), Owner()
    arm(owner, rule("hang"))

    refusal = other.refusal("PUT", "/state", owner.ask("GET", "/state"))

    assert refusal["field"] == "rules"
    assert "--wire-faults" in refusal["detail"]


def test_rules_that_can_strike_no_more_make_way_for_new_ones() -> None:
    owner = Owner(rate_limit=None, max_in_flight=None)
    world = owner.world()
    world.rules.arm([read_rule(rule("fail", times=1)) for _ in range(1000)], 0)
    owner.created()

    owner.ask("POST", "/predictions/fail-next")

    assert len(world.rules) == 1000
    assert world.rules.armed[-1].rule.id == "rule-1001"


@pytest.mark.parametrize(
    ("fault", "status", "ending", "wire"),
    [
        ("http_error", 500, "complete", False),
        ("truncate", 200, "close", False),
        ("latency", 200, "complete", False),
        ("hang", 0, "hang", True),
        ("reset", 0, "reset", True),
    ],
)
def test_the_journal_tells_what_struck_a_call_and_how_it_ended(
    make_api: MakeApi, fault: str, status: int, ending: str, *, wire: bool
) -> None:
    api = make_api(wire_faults=wire)
    arm(api, rule(fault, route="create"))
    api.call(
        "POST",
        f"/v1/prediction/?debug=1&k={KEY}",
        data=b'{"model": "qwen-image", "input": {"prompt": "x"}}',
        content_type="application/json",
        headers={"User-Agent": "tests/1", "Authorization": f"Bearer {KEY}"},
    )

    [entry] = journal(api)
    assert (entry["status"], entry["ending"], entry["faults"]) == (status, ending, [fault])
    assert (entry["query"], entry["user_agent"]) == ("debug=1&k=***", "tests/1")
    assert entry["keys"] == ["X-API-Key", "Authorization", "query"]
    assert entry["came_at"] == entry["at"]
    assert "qwen-image" in entry["request"]
    assert bool(entry["response"]) == (status != 0)


def test_an_answer_that_is_no_json_is_shown_like_any_other(api: Api) -> None:
    made = ended(api)
    arm(api, rule("http_error", body="html", status=502))
    api.read(made)

    assert "<h1>502 Bad Gateway</h1>" in journal(api)[-1]["response"]


def test_an_empty_body_that_breaks_off_was_still_an_answer(api: Api) -> None:
    made = ended(api)
    arm(api, rule("truncate"), rule("empty_body"))
    api.read(made)

    assert (journal(api)[-1]["status"], journal(api)[-1]["ending"]) == (200, "close")


def test_the_retry_after_of_a_struck_call_is_noted(api: Api) -> None:
    made = ended(api)
    arm(api, rule("rate_limited", seconds=9))
    api.read(made)

    assert journal(api)[-1]["retry_after"] == "9"


def test_a_fetch_of_an_output_is_an_entry_of_the_world_whose_it_is(api: Api) -> None:
    made = ended(api)
    arm(api, rule("expired", times=1))
    for _ in range(2):
        api.get(f"/outputs/{made}.webp", key=None)

    assert [(each["status"], each["faults"], each["keys"]) for each in journal(api)[-2:]] == [
        (404, ["expired"], []),
        (200, [], []),
    ]
