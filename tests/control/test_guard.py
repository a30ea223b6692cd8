"""Who may call the control plane: names and origins of this emulator, and with a token only those who have it."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from helpers.open_routes import OPEN
from helpers.owner import Owner
from helpers.refusal import problem

TOKEN = "open sesame"


def version(headers: dict[str, str], **settings: Any) -> TestResponse:
    """Ask for the version, which needs no world, with *headers*."""
    return Owner(**settings).call("GET", "/__mock/version", key=None, headers=headers)


def refused(answer: TestResponse, status: int, field: str) -> bool:
    assert problem(answer)
    return (answer.status_code, answer.json["field"]) == (status, field)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8780", "LocalHost:1", "127.0.0.1", "127.0.0.1:8780", "192.168.1.7:80", "[::1]", "[::1]:9"],
)
def test_the_loopback_name_and_bare_addresses_are_answered(host: str) -> None:
    assert version({"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8780",
        "evil.example:127",
        "localhost@evil.example",
        "1.2.3",
        "[evil]",
        "[::1]evil.example",
        "[::1",
        "someone@localhost",
        "localhost, evil.example",
        "localhost/",
        "localhost#",
        "é",
        "",
    ],
)
def test_a_name_that_only_resolves_to_here_is_refused(host: str) -> None:
    assert refused(version({"Host": host}), 403, "Host")


def test_a_refused_host_is_told_which_are_served() -> None:
    detail = version({"Host": "evil.example"}, host="mock.test", public_base_url="https://api.test:9").json["detail"]

    assert "'evil.example'" in detail
    assert all(name in detail for name in ("localhost", "mock.test", "api.test"))


@pytest.mark.parametrize("host", ["mock.test:8780", "api.test"])
def test_the_names_of_the_settings_are_answered(host: str) -> None:
    answer = version({"Host": host}, host="mock.test", public_base_url="https://api.test:9")

    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:8780", "https://localhost:8780", ""])
def test_its_own_origin_and_none_are_answered(origin: str) -> None:
    assert version({"Host": "localhost:8780", "Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://localhost", "http://localhost:3000", "http://[", "localhost:8780"]
)
def test_any_other_origin_is_refused(origin: str) -> None:
    answer = version({"Host": "localhost:8780", "Origin": origin})

    assert refused(answer, 403, "Origin")
    assert "accepts its own origin, such as http://localhost:8780, and not" in answer.json["detail"]


@pytest.mark.parametrize("sent", [{}, {"X-Mock-Token": ""}, {"X-Mock-Token": "open"}, {"X-Mock-Token": "é"}])
def test_whoever_has_not_the_token_is_refused(sent: dict[str, str]) -> None:
    assert refused(version(sent, control_token=TOKEN), 401, "X-Mock-Token")


def test_whoever_has_the_token_is_answered() -> None:
    assert version({"X-Mock-Token": TOKEN}, control_token=TOKEN).status_code == 200


def test_a_token_that_nobody_wants_does_no_harm() -> None:
    assert version({"X-Mock-Token": TOKEN}).status_code == 200


def guarded(owner: Owner) -> set[tuple[str, str]]:
    """Return method and path of every route of the control plane that is not open."""
    return {
        (method, rule.rule.removeprefix("/__mock").replace("<prediction_id>", "x"))
        for rule in owner.app.flask.url_map.iter_rules()
        if rule.rule.startswith("/__mock/") and rule.rule.removeprefix("/__mock") not in OPEN
        for method in (rule.methods or set()) - {"OPTIONS"}
    }


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {}])
def test_every_route_but_those_of_its_health_is_guarded(headers: dict[str, str], subtests: pytest.Subtests) -> None:
    owner = Owner(control_token=TOKEN)
    routes = guarded(owner)

    assert len(routes) > 20
    for method, path in sorted(routes):
        with subtests.test(method=method, path=path):
            assert owner.control(method, path, headers=headers).status_code == (403 if headers else 401)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_health_is_open_to_everybody(headers: dict[str, str]) -> None:
    owner = Owner(control_token=TOKEN)

    assert owner.call("GET", "/__mock/health/live", key=None, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{"Host": "api.eachlabs.ai"}, {"Origin": "http://evil.example"}])
def test_the_api_itself_is_open_under_any_name_and_from_any_origin(headers: dict[str, str]) -> None:
    assert Owner(control_token=TOKEN).create(headers=headers).status_code == 200


def test_no_browser_is_told_that_it_may_call_across_origins() -> None:
    answer = Owner().call("OPTIONS", "/__mock/clock", headers={"Origin": "http://evil.example"})

    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_what_was_refused_has_changed_nothing() -> None:
    owner = Owner()
    owner.control("POST", "/clock/advance", {"seconds": 5}, headers={"Origin": "http://evil.example"})

    assert owner.seconds() == 0


def test_the_version_tells_seed_and_profile() -> None:
    shown = version({}, seed=42).json

    assert (shown["seed"], shown["profile"], set(shown)) == (42, "page", {"version", "profile", "seed"})
