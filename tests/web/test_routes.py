"""Which routes there are, with which methods and slashes, and that none of them redirects."""

from itertools import product

import pytest
from werkzeug.test import TestResponse

from helpers.harness import KEY, PROMPT, UNKNOWN_ID, Api, MakeApi
from helpers.refusal import page_error


@pytest.fixture
def make_api() -> MakeApi:
    return Api  # as it is served: Flask takes nearly all of these, and test_lane.py compares the rest


POLL = f"/v1/prediction/{UNKNOWN_ID}"
OUTPUT = f"/outputs/{UNKNOWN_ID}.webp"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ROUTES = {
    "/v1/prediction/": {"POST"},
    "/v1/prediction": {"POST"},
    POLL: {"GET", "HEAD"},
    f"{POLL}/": {"GET", "HEAD"},
    "/v1/models": {"GET", "HEAD"},
    "/v1/model": {"GET", "HEAD"},
    "/v1/openapi.json": {"GET", "HEAD"},
    "/v1/docs": {"GET", "HEAD"},
    OUTPUT: {"GET", "HEAD"},
    "/__mock/health/live": {"GET", "HEAD"},
    "/__mock/health/ready": {"GET", "HEAD"},
    "/__mock/ledger": {"GET", "HEAD"},
    "/__mock/deliveries": {"GET", "HEAD"},
}
WRONG = [(method, path) for path, right in ROUTES.items() for method in METHODS if method not in right]
LIVE_ONLY = [
    ("POST", f"/v1/prediction/{UNKNOWN_ID}/cancel"),
    ("POST", "/v1/prediction/run"),
    ("GET", "/v1/executions"),
    ("GET", "/v1/webhooks"),
    ("GET", f"/v1/webhooks/{UNKNOWN_ID}"),
]
NOWHERE = [
    "/",
    "/v1",
    "/v1/",
    "/v1/predictions",
    "/v1/nonsense",
    "/v2/prediction/",
    "/__mock",
    "/__mock/",
    "/__mock/nonsense",
    "/outputs",
    "/outputs/",
    "/favicon.ico",
    f"{POLL}/more",
    "/V1/prediction/",
    "/v1//prediction/",
    f"/v1/prediction//{UNKNOWN_ID}",
    "/v1//models",
]
DOUBLED = [
    "//v1/prediction/",
    "/v1/prediction//",
    f"//v1/prediction/{UNKNOWN_ID}",
    f"{POLL}//",
    "//",
    "//outputs/a.webp",
    "/v1/models//",
]
LACKS_V1 = [
    ("POST", "/prediction"),
    ("POST", "/prediction/"),
    ("GET", f"/prediction/{UNKNOWN_ID}"),
    ("GET", "/models"),
    ("GET", "/model"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
]
ODD = [f"{path}/" for path in ROUTES if not path.endswith("/")] + DOUBLED + NOWHERE


def at(api: Api, method: str, raw: str, **options: object) -> TestResponse:
    """Send to a path exactly as it stands: the test client would take ``//`` for a host."""
    return api.call(method, "/", environ_overrides={"PATH_INFO": raw}, **options)


@pytest.mark.parametrize("path", ["/v1/prediction", "/v1/prediction/"])
def test_create_is_served_with_and_without_a_slash(api: Api, path: str) -> None:
    answer = api.post({"model": "qwen-image", "input": {"prompt": PROMPT}}, path=path)

    assert answer.status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
def test_read_is_served_with_and_without_a_slash(api: Api, slash: str) -> None:
    made = api.created()

    assert api.get(f"/v1/prediction/{made}{slash}").json["predictionID"] == made


@pytest.mark.parametrize("path", ["/v1/models", "/v1/model?slug=qwen-image", "/v1/openapi.json"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_catalogue_and_contract_need_no_key(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path, key=None)

    assert (answer.status_code, answer.content_type) == (200, "application/json")


def test_human_page_needs_no_key(api: Api) -> None:
    answer = api.get("/v1/docs", key=None)

    assert (answer.status_code, answer.mimetype) == (200, "text/html")


def test_contract_names_this_server(api: Api) -> None:
    document = api.get("/v1/openapi.json", base_url="http://mock.test:8780").json

    assert document["openapi"].startswith("3.1")
    assert document["servers"][0]["url"] == "http://mock.test:8780/v1"


@pytest.mark.parametrize(("method", "path"), LIVE_ONLY)
def test_routes_of_the_live_profile_are_404_in_the_page_profile(api: Api, method: str, path: str) -> None:
    page_error(api.call(method, path), 404)


def test_unknown_route_is_404_without_a_key(api: Api, subtests: pytest.Subtests) -> None:
    for method, path in product(["GET", "POST", "DELETE", "OPTIONS"], NOWHERE):
        with subtests.test(method=method, path=path):
            page_error(api.call(method, path, key=None), 404)


def test_wrong_method_is_405_without_a_key_and_says_which_are_right(api: Api, subtests: pytest.Subtests) -> None:
    for method, path in WRONG:
        with subtests.test(method=method, path=path):
            answer = api.call(method, path, key=None)

            assert answer.status_code == 405
            assert {*answer.headers["Allow"].split(", ")} == ROUTES[path] | {"OPTIONS"}


def test_wrong_method_has_the_profiles_error_body(api: Api, subtests: pytest.Subtests) -> None:
    for method, path in WRONG:
        with subtests.test(method=method, path=path):
            answer = api.call(method, path)

            assert method == "HEAD" or method in page_error(answer, 405)


def test_options_is_answered_without_a_key(api: Api, subtests: pytest.Subtests) -> None:
    for path, right in ROUTES.items():
        with subtests.test(path=path):
            answer = api.call("OPTIONS", path, key=None)

            assert answer.status_code == 200
            assert {*answer.headers["Allow"].split(", ")} == right | {"OPTIONS"}


def test_nothing_ever_redirects(make_api: MakeApi, subtests: pytest.Subtests) -> None:
    api = make_api(rate_limit=None)

    for method, path in product([*METHODS, "OPTIONS"], [*ROUTES, *ODD]):
        with subtests.test(method=method, path=path):
            answer = at(api, method, path)

            assert not 300 <= answer.status_code < 400
            assert "Location" not in answer.headers


def test_path_that_lacks_v1_is_told_so(api: Api, subtests: pytest.Subtests) -> None:
    for method, path in LACKS_V1:
        with subtests.test(method=method, path=path):
            assert f"/v1{path}" in page_error(api.call(method, path), 404)


@pytest.mark.parametrize("path", ["/nonsense", "/v1/nonsense"])
def test_path_that_would_not_exist_under_v1_either_is_not_sent_there(api: Api, path: str) -> None:
    assert f"/v1{path}" not in page_error(api.get(path), 404)


def test_long_unknown_path_is_cut_in_the_answer(api: Api) -> None:
    assert "x" * 201 not in page_error(api.get("/v1/" + "x" * 5000), 404)


def test_no_html_but_the_human_page(api: Api, subtests: pytest.Subtests) -> None:
    for path in [*ROUTES, *ODD]:
        with subtests.test(path=path):
            answer = at(api, "POST", path)

            assert "<html" not in answer.text.lower()
            under_control = path.startswith("/__mock/")
            assert answer.content_type == ("application/problem+json" if under_control else "application/json")


def test_every_answer_echoes_a_sane_request_id(api: Api, subtests: pytest.Subtests) -> None:
    for method, path in product([*METHODS, "OPTIONS"], [*ROUTES, "/v1/nonsense", "/nonsense"]):
        with subtests.test(method=method, path=path):
            answer = api.call(method, path, headers={"X-Request-Id": "trace-1:a.B_c"})

            assert answer.headers.getlist("X-Request-Id") == ["trace-1:a.B_c"]


@pytest.mark.parametrize("sent", ["x" * 129, "two words", "a;b", "é", '"quoted"', "", "<script>"])
def test_request_id_that_is_not_sane_is_replaced(api: Api, sent: str) -> None:
    answer = api.read(UNKNOWN_ID) if not sent else api.get(POLL, headers={"X-Request-Id": sent})

    made = answer.headers["X-Request-Id"]
    assert made
    assert made != sent


def test_longest_sane_request_id_is_echoed(api: Api) -> None:
    assert api.get(POLL, headers={"X-Request-Id": "x" * 128}).headers["X-Request-Id"] == "x" * 128


def test_made_request_ids_differ(api: Api) -> None:
    assert len({api.get(path).headers["X-Request-Id"] for path in (POLL, POLL, "/v1/models", "/nonsense")}) == 4


def test_api_and_outputs_are_open_to_any_origin(api: Api, subtests: pytest.Subtests) -> None:
    open_paths = [path for path in ROUTES if not path.startswith("/__mock")]
    for method, path in product(["GET", "POST", "OPTIONS"], [*open_paths, "/v1/nonsense"]):
        with subtests.test(method=method, path=path):
            answer = api.call(method, path, headers={"Origin": "http://browser.test"})

            assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
            assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("key", [None, "invalid", KEY])
def test_refusals_are_open_to_any_origin_too(api: Api, key: str | None) -> None:
    assert api.post(b"{", key=key).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("path", "method"), [("/v1/prediction/", "POST"), (POLL, "GET"), (OUTPUT, "GET")])
def test_preflight_grants_method_and_headers(api: Api, path: str, method: str) -> None:
    asked = {
        "Origin": "http://browser.test",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "x-api-key, content-type",
    }

    answer = api.call("OPTIONS", path, key=None, headers=asked)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert answer.headers["Access-Control-Allow-Headers"] == "x-api-key, content-type"


def test_control_plane_is_closed_to_other_origins(api: Api, subtests: pytest.Subtests) -> None:
    asked = {"Origin": "http://browser.test", "Access-Control-Request-Method": "GET"}
    control = [path for path in ROUTES if path.startswith("/__mock")]

    for method, path in product(["GET", "POST", "OPTIONS"], [*control, "/__mock/nonsense"]):
        with subtests.test(method=method, path=path):
            answer = api.call(method, path, headers=asked)

            assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize("target", ["models", "contract", "output", "read", "create", "ledger"])
def test_defect_of_the_emulator_is_500_with_the_profiles_body_and_the_traceback_in_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a planted defect")

    emulator = api.app.emulator
    owner, name, path = {
        "models": (type(emulator.catalog), "search", "/v1/models"),
        "contract": (type(emulator.settings), "profile", "/v1/openapi.json"),
        "output": (type(emulator), "output", OUTPUT),
        "read": (type(emulator.store), "get", POLL),
        "create": (type(emulator.store), "add", "/v1/prediction"),
        "ledger": (type(emulator), "ledger", "/__mock/ledger"),
    }[target]
    monkeypatch.setattr(owner, name, property(break_down) if target == "contract" else break_down)

    answer = api.create() if target == "create" else api.get(path)

    assert "planted" not in page_error(answer, 500)
    defect = next(line for line in api.log_lines() if line["event"] == "defect")
    assert "a planted defect" in defect["traceback"]
    assert defect["request_id"] == answer.headers["X-Request-Id"]


def test_emulator_goes_on_after_a_defect(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(api.app.emulator.store), "add", None)
        page_error(api.create(), 500)

    assert api.create().status_code == 200
