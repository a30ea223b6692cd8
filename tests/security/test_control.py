"""The control plane obeys its owner: no page of another site, no webhook, no link, and it reads no file for anybody."""

import socket
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from helpers.egress import LOOPBACK_ONLY
from helpers.harness import KEY
from helpers.open_routes import OPEN
from helpers.owner import FAIL, Owner, named
from helpers.refusal import problem
from helpers.served import serving

FROM_A_PAGE: dict[str, dict[str, str]] = {
    "a form of another site": {"Origin": "http://evil.example", "Content-Type": "text/plain"},
    "a form of another port": {"Origin": "http://localhost:3000", "Content-Type": "application/x-www-form-urlencoded"},
    "a sandboxed frame": {"Origin": "null", "Content-Type": "text/plain"},
    "a file on the disk": {"Origin": "file://", "Content-Type": "text/plain"},
    "no-cors, without an origin": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "a picture of another port": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "a link of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    "a word of tomorrow": {"Sec-Fetch-Site": "elsewhere"},
    "a name that was bound anew": {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"},
    "such a name and its origin": {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
}


def routes(owner: Owner) -> list[tuple[str, str]]:
    """Return method and path of all that the control plane has, but for its health."""
    return sorted(
        (method, rule.rule.replace("<prediction_id>", "x").replace("<rule_id>", "x"))
        for rule in owner.app.flask.url_map.iter_rules()
        if rule.rule.startswith("/__mock/") and rule.rule.removeprefix("/__mock") not in OPEN
        for method in rule.methods or ()
    )


def state(owner: Owner) -> Any:
    return owner.ask("GET", "/state")


def sent(owner: Owner, method: str, path: str, headers: dict[str, str], body: object = None) -> TestResponse:
    return owner.call(
        method, path, headers={"Host": "localhost", **headers}, data=b"" if body is None else orjson.dumps(body)
    )


@pytest.mark.parametrize("headers", FROM_A_PAGE.values(), ids=FROM_A_PAGE)
def test_nothing_that_a_foreign_page_can_send_is_obeyed_or_answered(headers: dict[str, str]) -> None:
    owner = Owner()
    owner.created()
    before = state(owner)

    answers = [sent(owner, method, path, headers) for method, path in routes(owner) if method != "OPTIONS"]

    assert len(answers) > 30
    assert {each.status_code for each in answers} == {403}
    assert state(owner) == before


@pytest.mark.parametrize("headers", FROM_A_PAGE.values(), ids=FROM_A_PAGE)
def test_no_foreign_page_is_told_that_it_may_ask_or_read(headers: dict[str, str]) -> None:
    owner = Owner()
    asking = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-mock-world"}

    for method, path in routes(owner):
        answer = sent(owner, method, path, {**headers, **asking})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("site", ["", "none", "same-origin"])
def test_programs_what_is_typed_and_own_pages_are_answered(site: str) -> None:
    owner = Owner()

    assert sent(owner, "GET", "/__mock/clock", {"Sec-Fetch-Site": site} if site else {}).status_code == 200


def test_a_foreign_page_is_told_which_header_gave_it_away() -> None:
    answer = sent(Owner(), "GET", "/__mock/clock", {"Sec-Fetch-Site": "cross-site"})

    assert problem(answer) == "The control plane accepts programs and its own pages; the browser sent 'cross-site'."
    assert answer.json["field"] == "Sec-Fetch-Site"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_nothing_is_changed_by_what_a_link_or_a_picture_asks_for(method: str) -> None:
    owner = Owner()
    made = owner.created(headers=FAIL)
    before = state(owner)

    for _, path in routes(owner):
        sent(owner, method, f"{path}?scope=all&seconds=9&mode=manual&times=1&id={made}", {})

    assert state(owner) == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_another_method_of_a_get(header: str) -> None:
    owner = Owner()
    owner.created()

    sent(owner, "GET", "/__mock/faults?_method=DELETE", {header: "DELETE"})
    sent(owner, "POST", "/__mock/clock/next?_method=PUT", {header: "PUT", "X-Mock-World": "another"})

    assert len(owner.ask("GET", "/predictions")["predictions"]) == 1


@pytest.mark.parametrize("path", ["reset", "clock/next", "predictions/fail-next", "clock"])
def test_a_webhook_cannot_steer_the_emulator_that_sends_it(path: str) -> None:
    owner = Owner(send=LOOPBACK_ONLY.send)
    server = make_server("127.0.0.1", 0, owner.app.wsgi, threaded=True)
    with server:
        address = f"http://127.0.0.1:{server.server_port}/__mock/{path}"
        owner.created(webhook_url=address)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        owner.ask("POST", "/clock/advance", {"seconds": 3})
        thread.join(10)

    (delivery,) = owner.ask("GET", "/deliveries")["deliveries"]
    assert delivery["attempts"][0]["status_code"] in {401, 405}
    assert owner.seconds() == 3


SECRET = "what-nobody-should-read"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that would do as a scenario, and as much else as can be."""
    file = tmp_path / "mine.toml"
    file.write_text(f'description = "{SECRET}"\n[[rules]]\nfault = "fail"\nmessage = "{SECRET}"\n')
    return file


@pytest.mark.parametrize(
    "name", ["scenario", "store", "models", "api_key", "control_token", "host", "allow_webhook_host"]
)
def test_no_control_call_changes_what_only_the_command_line_may(file: Path, name: str) -> None:
    owner = Owner()
    before = state(owner)

    refusal = owner.refusal("PATCH", "/settings", {name: str(file)})
    imported = owner.control("PUT", "/state", {**before, "settings": {**before["settings"], name: str(file)}})

    assert refusal["field"] == name
    assert imported.status_code == 400
    assert state(owner) == before


@pytest.mark.parametrize("way", ["{}", "file:{}", "scenario; file={}", "@{}", "scenario={}", "../{}"])
def test_no_scenario_is_read_from_a_file_for_a_caller(file: Path, way: str) -> None:
    owner = Owner()
    words = way.format(file)

    asked = owner.create(headers={"X-Mock-Fault": words})
    prompted = owner.create(prompt=f"[mock:{words}]")
    armed = owner.control("POST", "/faults", {"fault": words})

    for answer in (asked, prompted, armed):
        assert answer.status_code == 400
        assert SECRET not in answer.text


@pytest.mark.parametrize("schema", ["file:///etc/hostname", "http://127.0.0.1:9/x"])
def test_no_reference_in_what_is_imported_is_followed(schema: str) -> None:
    owner = Owner()

    refusal = owner.refusal("PUT", "/state", {"$ref": schema, "format": {"$ref": schema}})

    assert refusal["field"] == "format"


ESCAPES = [
    "../../etc/hostname",
    "..%2f..%2fetc%2fhostname",
    "%2e%2e/%2e%2e/etc/hostname",
    "%252e%252e%252fetc%252fhostname",
    "/etc/hostname",
    "//etc/hostname",
    "%2fetc%2fhostname",
    "..\\..\\etc\\hostname",
    "..%5c..%5cetc%5chostname",
    "%c0%ae%c0%ae/etc/hostname",
    "\uff0e\uff0e/etc/hostname",
    "....//etc/hostname",
    "x%00.webp",
    "C:/windows/win.ini",
    "file:///etc/hostname",
    "CON",
    "a" * 8000,
    "%ff%fe",
    "mock_server/eachlabs_mock/py.typed",
    ".",
    "..",
    "",
]


@pytest.mark.parametrize("name", ESCAPES, ids=lambda name: name[:30])
@pytest.mark.parametrize("place", ["/outputs/", "/v1/prediction/", "/v1/model?slug=", "/__mock/", "/static/"])
def test_no_path_leads_to_a_file(place: str, name: str) -> None:
    answer = Owner().get(place + name)

    assert answer.status_code in {400, 401, 404, 405}, answer.text
    assert not answer.headers.get("Content-Type", "").startswith("text/html")


@pytest.mark.parametrize("name", ["a/b", "../a", "a\\b", "C:/a", "a b", "a\x00b", "a\x7f", "\xe9", "a" * 101, "%2e/"])
def test_no_world_has_a_name_that_would_do_as_a_path(name: str) -> None:
    assert (
        "X-Mock-World must be 1 to 100 letters"
        in Owner().control("GET", "/clock", headers=named(name[:200])).json["detail"]
    )


def test_of_two_hosts_that_one_request_names_none_is_believed() -> None:
    with serving("--log-format", "off") as server:
        told = {}
        for first, second in (("localhost", "evil.example"), ("evil.example", "localhost")):
            with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
                request = f"GET /__mock/clock HTTP/1.1\r\nHost: {first}\r\nHost: {second}\r\nX-API-Key: {KEY}\r\n\r\n"
                connection.sendall(request.encode())
                told[first] = connection.recv(4096).split(b" ")[1]

    assert set(told.values()) <= {b"400", b"403"}, told
