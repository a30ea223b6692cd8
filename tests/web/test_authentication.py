"""Keys and worlds: who is let in, and what of another's they see."""

from itertools import product

import pytest

from eachlabs_mock.core.planner import Progress
from helpers.harness import KEY, UNKNOWN_ID, Api, MakeApi
from helpers.refusal import page_error

POLL = f"/v1/prediction/{UNKNOWN_ID}"
GOOD = [
    {"X-API-Key": "k"},
    {"x-api-key": "k"},
    {"X-Api-Key": "k"},
    {"Authorization": "Bearer k"},
    {"authorization": "Bearer k"},
    {"AUTHORIZATION": "bearer k"},
    {"Authorization": "BEARER  k"},
    {"X-API-Key": "invalid", "Authorization": "Bearer k"},
    {"X-API-Key": "k", "Authorization": "Bearer invalid"},
    {"X-API-Key": "k", "Authorization": "Basic abc"},
    {"X-API-Key": "", "Authorization": "Bearer k"},
    {"X-API-Key": "YOUR_API_KEY"},
]
BAD = [
    {},
    {"X-API-Key": ""},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "k"},
    {"Authorization": "Basic k"},
    {"Authorization": "Token k"},
    {"X-API-Key": "invalid"},
    {"X-API-Key": "invalid-key-17"},
    {"Authorization": "Bearer invalid-key-17"},
    {"X-API-Key": "invalid", "Authorization": "Bearer invalid-too"},
    {"X-API-Key": "", "Authorization": "Bearer invalid"},
]
OPERATIONS = [("POST", "/v1/prediction/"), ("POST", "/v1/prediction"), ("GET", POLL), ("GET", f"{POLL}/")]
CONTROL = [("GET", "/__mock/ledger"), ("GET", "/__mock/deliveries")]


def test_good_key_in_either_carrier_is_let_in(api: Api, subtests: pytest.Subtests) -> None:
    for headers in GOOD:
        with subtests.test(headers=headers):
            page_error(api.get(POLL, key=None, headers=headers), 404)


def test_missing_or_bad_key_is_401(api: Api, subtests: pytest.Subtests) -> None:
    for (method, path), headers in product(OPERATIONS + CONTROL, BAD):
        with subtests.test(method=method, path=path, headers=headers):
            page_error(api.call(method, path, key=None, headers=headers), 401)


def test_refusal_of_a_missing_key_names_both_carriers(api: Api) -> None:
    text = page_error(api.get(POLL, key=None), 401)

    assert "X-API-Key" in text
    assert "Authorization: Bearer" in text


def test_refused_create_without_a_key_creates_nothing(api: Api) -> None:
    api.create(key="invalid")

    assert api.app.emulator.store.of_world(api.world("invalid").name) == ()


@pytest.mark.parametrize("key", ["one", "two"])
def test_listed_key_is_let_in(make_api: MakeApi, key: str) -> None:
    api = make_api(api_key=("one", "two"))

    page_error(api.read(UNKNOWN_ID, key=key), 404)


@pytest.mark.parametrize("key", ["three", "One", "on", "onetwo", "invalid"])
def test_key_that_is_not_listed_is_refused(make_api: MakeApi, key: str) -> None:
    api = make_api(api_key=("one", "two"))

    page_error(api.read(UNKNOWN_ID, key=key), 401)


def test_listed_key_in_one_carrier_outdoes_an_unlisted_one_in_the_other(make_api: MakeApi) -> None:
    api = make_api(api_key=("one",))

    page_error(api.get(POLL, key="three", headers={"Authorization": "Bearer one"}), 404)


def test_key_that_starts_with_invalid_is_refused_even_when_listed(make_api: MakeApi) -> None:
    api = make_api(api_key=("invalid-but-listed",))

    page_error(api.read(UNKNOWN_ID, key="invalid-but-listed"), 401)


def test_both_carriers_lead_to_one_world(api: Api) -> None:
    made = api.created()

    answer = api.get(f"/v1/prediction/{made}", key=None, headers={"Authorization": f"Bearer {KEY}"})

    assert answer.json["predictionID"] == made


def test_good_key_beside_a_bad_one_decides_the_world(api: Api) -> None:
    made = api.created()

    answer = api.get(f"/v1/prediction/{made}", key="invalid", headers={"Authorization": f"Bearer {KEY}"})

    assert answer.status_code == 200


def test_prediction_of_another_key_is_404(api: Api) -> None:
    made = api.created()

    page_error(api.read(made, key="somebody-else"), 404)


def test_prediction_of_another_key_looks_like_one_that_never_was(api: Api) -> None:
    made = api.created()

    theirs = api.read(made, key="somebody-else").text.replace(made, "ID")

    assert theirs == api.read(UNKNOWN_ID, key="somebody-else").text.replace(UNKNOWN_ID, "ID")


def test_reading_of_another_key_does_not_move_a_prediction_counted_in_reads(make_api: MakeApi) -> None:
    api = make_api(progress=Progress("reads", 2))
    made = api.created()

    api.read(made, key="somebody-else")

    assert api.read(made).json["status"] == "processing"


def test_named_world_is_shared_by_keys(api: Api) -> None:
    made = api.created(headers={"X-Mock-World": "shared"})

    answer = api.get(f"/v1/prediction/{made}", key="somebody-else", headers={"X-Mock-World": "shared"})

    assert answer.json["predictionID"] == made


def test_named_world_is_not_the_world_of_the_key(api: Api) -> None:
    made = api.created(headers={"X-Mock-World": "shared"})

    page_error(api.read(made), 404)


def test_limits_are_those_of_the_named_world(make_api: MakeApi) -> None:
    api = make_api(max_in_flight=1)
    api.created(headers={"X-Mock-World": "shared"})

    page_error(api.create(key="somebody-else", headers={"X-Mock-World": "shared"}), 429)
    assert api.create().status_code == 200


def test_named_world_needs_a_good_key(api: Api) -> None:
    page_error(api.get(POLL, key="invalid", headers={"X-Mock-World": "shared"}), 401)


@pytest.mark.parametrize("name", ["x" * 100, "a.b:c-d_e", "0"])
def test_sane_world_name_is_accepted(api: Api, name: str) -> None:
    page_error(api.get(POLL, headers={"X-Mock-World": name}), 404)


@pytest.mark.parametrize("name", ["x" * 101, "two words", "a/b", "é", "<b>"])
@pytest.mark.parametrize("path", [POLL, "/__mock/ledger"])
def test_odd_world_name_is_refused_and_told_what_would_do(api: Api, path: str, name: str) -> None:
    assert "X-Mock-World" in page_error(api.get(path, headers={"X-Mock-World": name}), 400)


def test_bad_key_is_401_before_the_world_name_is_looked_at(api: Api) -> None:
    page_error(api.get(POLL, key="invalid", headers={"X-Mock-World": "two words"}), 401)


@pytest.mark.parametrize("key", ["invalid", None])
@pytest.mark.parametrize(("method", "path"), CONTROL)
def test_owner_who_names_a_world_needs_no_key(api: Api, method: str, path: str, key: str | None) -> None:
    assert api.call(method, path, key=key, headers={"X-Mock-World": "shared"}).status_code == 200


def test_owner_without_a_key_is_told_of_an_odd_world_name(api: Api) -> None:
    page_error(api.get("/__mock/ledger", key=None, headers={"X-Mock-World": "two words"}), 400)


def test_empty_world_name_means_the_keys_own(api: Api) -> None:
    made = api.created()

    assert api.get(f"/v1/prediction/{made}", headers={"X-Mock-World": ""}).status_code == 200


def test_one_seed_gives_every_key_ids_of_its_own(api: Api) -> None:
    assert api.created(key="one") != api.created(key="two")


def test_one_seed_gives_one_key_the_same_ids_in_two_emulators(make_api: MakeApi) -> None:
    assert make_api(seed=3).created() == make_api(seed=3).created()


def test_another_seed_gives_other_ids(make_api: MakeApi) -> None:
    assert make_api(seed=3).created() != make_api(seed=4).created()


SECRET = "sk-very-secret-0123456789"


def answers_and_log(api: Api, key: str) -> str:
    """Return all that is said to somebody with *key*, and about them."""
    bearer = {"Authorization": f"Bearer {key}"}
    answers = [
        api.create(key=key, webhook_url="http://127.0.0.1:9/hook"),
        api.create(key=key, guidance=11),
        api.post(b"{", key=key),
        api.read(UNKNOWN_ID, key=key),
        api.get(POLL, key=None, headers=bearer),
        api.get("/__mock/ledger", key=key),
        api.get("/v1/docs", key=key),
        api.get("/v1/openapi.json", key=key),
        api.get("/nonsense", key=key),
        api.call("DELETE", POLL, key=key),
    ]
    api.advance(3, key=key)
    answers.append(api.get("/__mock/deliveries", key=key))
    return "".join(f"{answer.text}{answer.headers}" for answer in answers) + api.log.getvalue()


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("key", [SECRET, "invalid-" + SECRET])
def test_key_is_in_no_answer_and_in_no_log_line(make_api: MakeApi, log_format: str, key: str) -> None:
    api = make_api(log_format=log_format)

    said = answers_and_log(api, key)

    assert SECRET not in said


def test_keys_of_the_setting_are_in_no_answer_and_in_no_log_line(make_api: MakeApi) -> None:
    api = make_api(api_key=(SECRET,))

    assert SECRET not in answers_and_log(api, "another-key")


def test_webhook_carries_no_key(api: Api) -> None:
    api.created(key=SECRET, webhook_url="http://127.0.0.1:9/hook")
    api.advance(3, key=SECRET)

    assert SECRET not in str(api.receiver.received) + str(api.receiver.headers)
