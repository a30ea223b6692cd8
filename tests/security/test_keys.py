"""A key is sent by every way that there is, and looked for in all that the emulator has ever written."""

import json
import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from werkzeug.test import TestResponse

from eachlabs_mock.server.child_process import emulator
from helpers.harness import Api, MakeApi
from helpers.owner import Owner
from helpers.receivers import receiving
from helpers.recognisable_key import KEY, shows_a_key
from helpers.served import serving

GUESSED = "invalid-" + KEY
TOKEN = "Xw4-Token-of-Nobody-Else"

SPELLINGS = {
    KEY,
    quote(KEY),
    quote(KEY, safe=""),
    "".join(f"%{ord(each):02x}" for each in KEY),
    "".join(f"%{ord(each):02X}" for each in KEY),
}


@pytest.mark.parametrize("query", [f"{name}={each}" for name in ("api_key", "k") for each in sorted(SPELLINGS)])
def test_a_key_in_a_query_is_not_in_the_journal(make_api: MakeApi, query: str) -> None:
    api = make_api()

    api.get(f"/v1/prediction/none?a=1&{query}&b=2", key=KEY)

    (entry,) = api.world(KEY).journal.entries()
    assert entry.query == f"a=1&{query.partition('=')[0]}=***&b=2"
    assert entry.keys == ("X-API-Key", "query")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (quote(KEY, safe=""), "***"),
        (f"{quote(KEY, safe='')}=1", "***=1"),
        (KEY, "***"),
        (f"x={quote(KEY, safe='')};y=1", "x=***"),
        (f"x=Bearer%20{quote(KEY, safe='')}", "x=***"),
        (f"x={KEY}&x={KEY}", "x=***&x=***"),
    ],
)
def test_a_key_is_masked_wherever_in_a_query_it_stands(query: str, shown: str) -> None:
    api = Api()

    api.get(f"/v1/prediction/none?{query}", key=None, headers={"Authorization": f"Bearer {KEY}"})

    assert api.world(KEY).journal.entries()[0].query == shown


def test_a_key_in_the_address_of_an_output_is_masked_though_no_header_has_it() -> None:
    api = Api()
    made = api.created(key=KEY)
    api.advance(3, key=KEY)

    api.get(f"/outputs/{made}.webp?k={quote(KEY, safe='')}&v=1", key=None)

    entry = api.world(KEY).journal.entries()[-1]
    assert (entry.query, entry.keys) == ("k=***&v=1", ("query",))


CARRIERS: tuple[dict[str, str], ...] = (
    {"X-API-Key": KEY},
    {"Authorization": f"Bearer {KEY}"},
    {"Authorization": KEY},
    {"X-API-Key": GUESSED},
    {"X-API-Key": KEY, "X-Mock-World": "shared", "X-Mock-Fault": "none"},
    {},
)

BODIES = (b"", b"{", b"[]", b'{"a": 1}', b'{"model": "qwen-image", "input": {"prompt": "a kite"}}')


def everything(owner: Owner) -> Iterator[TestResponse]:
    """Call every route, and one that is none, by every method, well and badly, with the key in each place."""
    query = f"?api_key={quote(KEY, safe='')}&{KEY}"
    places = {re.sub(r"<.*?>", "none", each.rule) for each in owner.app.flask.url_map.iter_rules()}
    for place, headers in product(sorted({*places, "/none"}), CARRIERS):
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            yield owner.call(method, place + query, key=None, headers=headers)
        for method, body in product(("POST", "PUT", "PATCH"), BODIES):
            waits = {"timeout": "0"} if place.endswith("/wait") else {}
            data = orjson.dumps(waits) if waits else body
            yield owner.call(
                method, place + query, key=None, headers=headers, data=data, content_type="application/json"
            )


@pytest.mark.slow
@pytest.mark.parametrize("lane", [True, False])
def test_no_key_is_in_anything_that_an_emulator_answers_logs_or_keeps(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lane: bool,  # noqa: FBT001  # a column
) -> None:
    owner = Owner(log_format="json", rate_limit=None, lane=lane, api_key=("other", KEY), store=tmp_path / "mock.db")

    answers = list(everything(owner))

    said = "\n".join(f"{each.headers}{each.data!r}" for each in answers)
    state = "".join(owner.call("GET", "/__mock/state", key=None, headers=each).text for each in CARRIERS)
    kept = "".join(each.read_bytes().decode("latin-1") for each in tmp_path.iterdir())
    logged = capsys.readouterr().err
    owner.app.emulator.store.close()
    assert {each.status_code for each in answers} == {200, 400, 401, 404, 405, 408, 503}
    assert logged.count('"event":"request"') > 1000
    assert '"event":"defect"' not in logged
    for text in (said, state, kept, logged):
        assert shows_a_key(text) == []


def test_no_key_is_in_anything_that_a_server_says_logs_or_keeps(tmp_path: Path) -> None:
    flags = ["--duration", "0.01", "--log-format", "json", "--store", f"sqlite:{tmp_path / 'mock.db'}"]
    body = {"model": "qwen-image", "input": {"prompt": "a kite"}}
    with receiving() as hook, serving(*flags, EACHLABS_MOCK_API_KEY=f"other-key {KEY}") as server:
        data = json.dumps({**body, "webhook_url": hook.url}).encode()
        made = server.call("POST", "/v1/prediction/", data, X_API_Key=KEY)[1]
        sent = hook.next()
        fetched = server.call("GET", f"/outputs/{sent['exec_id']}.webp?k={quote(KEY, safe='')}")[0]
        texts = [
            server.call("GET", f"/v1/prediction/none?k={KEY}", Authorization=f"Bearer {KEY}")[1],
            server.call("GET", "/v1/prediction/none", X_API_Key=GUESSED)[1],
            server.call("GET", "/__mock/requests", X_API_Key=KEY)[1],
            server.call("GET", "/__mock/state", X_API_Key=KEY)[1],
            server.call("GET", "/" + "x" * 100_000, X_API_Key=KEY)[1],
            *(each.read_bytes() for each in tmp_path.iterdir()),
        ]
        logged = server.errors()

    assert fetched == 200
    assert logged.count('"path":"/v1/prediction/none"') == 2
    for text in (
        json.dumps(server.ready),
        made.decode(),
        json.dumps(sent),
        logged,
        *(each.decode("latin-1") for each in texts),
    ):
        assert shows_a_key(text) == []


def test_the_token_of_the_control_plane_is_told_to_nobody(tmp_path: Path) -> None:
    store = tmp_path / "mock.db"
    with serving("--store", f"sqlite:{store}", EACHLABS_MOCK_CONTROL_TOKEN=TOKEN) as server:
        places = ("clock", "state", "settings", "version", "openapi.json", "requests")
        asked = [
            server.call("GET", f"/__mock/{place}", X_Mock_World="w", X_Mock_Token=token)
            for place in places
            for token in (TOKEN, TOKEN + "x", "")
        ]
        kept = "".join(each.read_bytes().decode("latin-1") for each in tmp_path.iterdir())
        texts = [json.dumps(server.ready), kept, *(body.decode() for _, body in asked), server.errors()]

    assert [status for status, _ in asked] == [200, 401, 401] * 6
    assert not [text for text in texts if TOKEN in text]


@pytest.mark.skipif(sys.platform != "linux", reason="the command lines of others are read as Linux has them")
def test_the_command_line_of_an_emulator_that_is_started_shows_no_key_of_the_environment() -> None:
    secrets = {"EACHLABS_MOCK_API_KEY": KEY, "EACHLABS_MOCK_CONTROL_TOKEN": TOKEN}
    with emulator(["--port", "0", "--log-format", "off"], TOKEN, {**os.environ, **secrets}) as child:
        line = Path(f"/proc/{child.ready['pid']}/cmdline").read_text().replace("\0", " ")
        version = child.control(KEY).call("GET", "/version")

    assert "eachlabs-mock" in line
    assert shows_a_key(line) == []
    assert TOKEN not in line
    assert version["profile"] == "page"


def test_a_defect_of_ours_is_logged_without_the_key_that_met_it(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    monkeypatch.setattr(api.app.emulator, "admit", None)

    answer = api.get(f"/v1/prediction/none?k={quote(KEY, safe='')}", key=KEY)

    assert answer.status_code == 500
    assert "'NoneType' object is not callable" in api.log.getvalue()
    assert shows_a_key(api.log.getvalue() + answer.text) == []


def test_a_world_is_named_by_a_short_hash_of_its_key_and_not_by_the_key() -> None:
    assert Owner().ask("GET", "/state", key=KEY)["world"] == "key-1b6e4c02638afded"
