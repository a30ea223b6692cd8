"""Request lines: one for every answer, fit for programs or people, never a way into the terminal."""

import pytest

from helpers.harness import KEY, UNKNOWN_ID, Api, MakeApi

POLL = f"/v1/prediction/{UNKNOWN_ID}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/prediction/", 400),
        ("GET", POLL, 404),
        ("GET", f"{POLL}/", 404),
        ("HEAD", POLL, 404),
        ("DELETE", POLL, 405),
        ("GET", "/v1/models", 200),
        ("GET", "/nonsense", 404),
        ("OPTIONS", "/v1/prediction/", 200),
        ("GET", "/__mock/deliveries", 200),
    ],
)
def test_every_request_is_one_line(api: Api, method: str, path: str, status: int) -> None:
    answer = api.call(method, path)

    (line,) = api.log_lines()
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", method, path, status)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["ms"] >= 0


@pytest.mark.parametrize("path", ["/__mock/health/live", "/__mock/health/ready"])
def test_probe_of_health_is_not_worth_a_line(api: Api, path: str) -> None:
    api.get(path)

    assert api.log.getvalue() == ""


def test_line_names_the_world_and_not_the_key(api: Api) -> None:
    api.read(UNKNOWN_ID)

    (line,) = api.log_lines()
    assert line["world"] == api.world().name
    assert KEY not in api.log.getvalue()


def test_line_of_a_bad_key_names_no_world(api: Api) -> None:
    api.read(UNKNOWN_ID, key="invalid")

    assert api.log_lines()[0]["world"] == ""


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("odd", ["%0A", "%0D%0Aforged", "%1B[31m", "%00", "%E2%80%AE", "%FF"])
def test_odd_path_neither_breaks_a_line_nor_steers_the_terminal(make_api: MakeApi, odd: str, log_format: str) -> None:
    api = make_api(log_format=log_format)
    api.get(f"/v1/prediction/{odd}")
    api.get(f"/v1/prediction/{UNKNOWN_ID[:-1]}{odd}")

    text = api.log.getvalue()
    assert text.count("\n") == 2
    assert all(character == "\n" or character.isprintable() for character in text)


def test_line_for_people_shows_method_path_and_status(make_api: MakeApi) -> None:
    api = make_api(log_format="text")
    api.read(UNKNOWN_ID)

    line = api.log.getvalue()
    assert f" method=GET path={POLL} status=404 " in line


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", POLL, f"No prediction of this API key has the id '{UNKNOWN_ID}'."),
        ("DELETE", POLL, "DELETE is not allowed here; allowed methods: GET, HEAD, OPTIONS."),
        ("GET", "/nonsense", "Unknown route /nonsense. GET /v1/docs lists the routes."),
        ("GET", "/v1/model", "slug parameter is required"),
        ("POST", "/__mock/clock/advance", "seconds: must be a number from 0 to 316224000, not None."),
        ("GET", "/__mock/nonsense", "Unknown route /__mock/nonsense. GET /__mock/openapi.json lists the routes."),
    ],
)
def test_line_of_a_refused_call_says_why(
    make_api: MakeApi, method: str, path: str, reason: str, log_format: str
) -> None:
    api = make_api(log_format=log_format)
    api.call(method, path)

    assert f'error="{reason}"' in api.log.getvalue() if log_format == "text" else api.log_lines()[0]["error"] == reason


def test_reason_of_a_refusal_is_short_and_shows_no_key(make_api: MakeApi) -> None:
    api = make_api(log_format="text")
    key = "sk-0123456789"
    api.call("GET", f"/__mock/{key}/{'x' * 300}", headers={"X-API-Key": key})

    reason = api.log.getvalue().partition(" error=")[2]
    assert reason.startswith('"Unknown route /__mock/***/xxx')
    assert len(reason) < 220


def test_line_of_a_call_that_was_accepted_gives_no_reason(make_api: MakeApi) -> None:
    api = make_api(log_format="json")
    api.create()

    assert api.log_lines()[0]["error"] is None


def test_log_that_is_off_stays_empty(make_api: MakeApi) -> None:
    api = make_api(log_format="off")
    api.create()
    api.get("/nonsense")

    assert api.log.getvalue() == ""
