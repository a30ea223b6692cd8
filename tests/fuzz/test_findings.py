"""What fuzzing has found, each as a plain test: the input, and what is answered to it now."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from eachlabs_contract.history.journal import JournalError, read_journal
from eachlabs_mock.app import assemble
from eachlabs_mock.models import shipped_models
from eachlabs_mock.models.model_file import ModelFileError, parse_model
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.stores.sqlite_database import StoreFileError
from helpers.harness import Api
from helpers.journals import Book
from helpers.owner import HOOK, Owner
from helpers.refusal import page_error, problem
from helpers.served import refused


@pytest.mark.parametrize("path", ["/v1/models", "/v1/model", "/__mock/requests", "/__mock/deliveries", "/__mock/reset"])
@pytest.mark.parametrize("query", ["\xff", "slug=\xff", "name=\xe9&limit=1", "\xc3"])
def test_a_query_that_is_no_utf_8_spoils_no_call(path: str, query: str) -> None:
    method = "POST" if path.endswith("reset") else "GET"

    raw = Api().call(method, path, environ_overrides={"QUERY_STRING": query})
    encoded = Api().call(method, path, environ_overrides={"QUERY_STRING": quote(query, "=&", "latin-1")})

    assert raw.status_code in {200, 400, 404}
    assert (raw.status_code, raw.data) == (encoded.status_code, encoded.data)


@pytest.mark.parametrize("host", ["[", "]", "[]", "[::1", "[1]", "[x]:80", "[::1]x", "a:b:c", ":80"])
@pytest.mark.parametrize("path", ["/v1/docs", "/v1/openapi.json", "/__mock/openapi.json"])
def test_a_host_that_is_none_spoils_no_page(path: str, host: str) -> None:
    answer = Api().get(path, environ_overrides={"HTTP_HOST": host})

    assert answer.status_code == (403 if path.startswith("/__mock/") else 200)
    assert host == ":80" or f"http://{host}" not in answer.text


@pytest.mark.parametrize("asked", ["a\r\nX-Added: 1", "a\n", "\x00", "\x7f"])
def test_a_preflight_echoes_no_line_breaks(asked: str) -> None:
    environ = {"HTTP_ACCESS_CONTROL_REQUEST_HEADERS": asked}

    answer = Api().call("OPTIONS", "/v1/prediction/", environ_overrides=environ)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "X-API-Key, Authorization, Content-Type"


def exported() -> tuple[Owner, Any]:
    owner = Owner()
    owner.created(webhook_url=HOOK)
    owner.created(webhook_url=HOOK, headers={"X-Mock-Fault": "late; seconds=9"})
    owner.ask("POST", "/faults", {"fault": "slow"})
    owner.ask("POST", "/clock/advance", {"seconds": 3})
    return owner, owner.ask("GET", "/state")


PLACES = [
    ("seed",),
    ("numbers", "requests"),
    ("clock", "now"),
    ("predictions", 0, "created_at"),
    ("predictions", 0, "seed"),
    ("predictions", 0, "ended_at"),
    ("predictions", 0, "plan", "steps", 0, 0),
    ("predictions", 0, "plan", "predict_millis"),
    ("arrivals", 0),
    ("rules", 0, "since"),
    ("pending", 0, "at"),
    ("pending", 0, "number"),
    ("deliveries", 0, "attempts", 0, "created_at"),
    ("journal", 0, "at"),
]


@pytest.mark.parametrize("number", [10**30, -(10**30)], ids=["large", "small"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_state_with_a_number_too_large_to_be_written_is_refused_with_its_place(
    place: tuple[str | int, ...], number: int
) -> None:
    owner, state = exported()
    *way, last = place
    inner = state
    for each in way:
        inner = inner[each]
    inner[last] = number

    answer = owner.call("PUT", "/__mock/state", data=json.dumps(state))

    assert problem(answer)
    assert (answer.status_code, answer.json["field"]) == (400, place[0])


def test_an_output_whose_model_is_not_served_any_more_is_404_and_says_why(tmp_path: Path) -> None:
    model = orjson.loads((shipped_models() / "qwen-image.json").read_bytes())
    (tmp_path / "gone.json").write_bytes(orjson.dumps({**model, "slug": "gone"}))
    before, after = Owner(models=(tmp_path,)), Owner()
    made = before.created(model="gone")
    after.ask("PUT", "/state", before.ask("GET", "/state"))
    after.ask("POST", "/clock/advance", {"seconds": 3})

    refusal = page_error(after.get(f"/outputs/{made}.webp"), 404)

    assert refusal == "Output not found: Its model 'gone' is no longer served (--models)."


@pytest.mark.parametrize("required", [[[]], [{}], [["prompt"]], [None], [1]])
def test_a_model_file_that_requires_what_is_no_name_is_refused(required: list[Any]) -> None:
    facts = orjson.loads((shipped_models() / "qwen-image.json").read_bytes())
    facts["request_schema"]["required"] = required

    with pytest.raises(ModelFileError, match="is not a property"):
        parse_model(orjson.dumps(facts).decode(), Path("mine.json"))


def test_a_journal_whose_clock_has_no_mode_is_refused() -> None:
    document = Book().made().document()
    document["clock"]["mode"] = {}

    with pytest.raises(JournalError, match="no journal: clock: unhashable"):
        read_journal(document)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The file of a store with something in it."""
    file = tmp_path / "mock.db"
    owner = Owner(store=file)
    owner.created(webhook_url=HOOK)
    owner.app.emulator.store.close()
    return file


@pytest.mark.parametrize("life", [float("inf"), float("-inf")])
def test_a_store_that_counts_no_lives_is_refused(store: Path, life: object) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE about SET life = ?", (life,))

    with pytest.raises(StoreFileError, match="it is damaged"):
        assemble(Settings(store=store))


def test_a_number_that_the_store_has_no_room_for_changes_nothing(tmp_path: Path) -> None:
    _, state = exported()
    owner = Owner(store=tmp_path / "mock.db")
    before = owner.ask("GET", "/state")
    state["predictions"][0]["ordinal"] = 2**64 - 1

    answer = owner.control("PUT", "/state", state)

    assert "a number is too large for it" in page_error(answer, 500)
    assert owner.ask("GET", "/state") == before
    owner.app.emulator.store.close()


def page_of(file: Path, name: str) -> tuple[int, int]:
    """Return where the first page of the table or index called *name* begins in *file*, and the size of a page."""
    with closing(sqlite3.connect(file)) as connection:
        ((number,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        ((size,),) = connection.execute("PRAGMA page_size")
    return (number - 1) * size, size


@pytest.mark.parametrize("table", ["worlds", "facts", "predictions", "arrivals"])
def test_a_store_with_a_broken_page_is_refused_in_one_line(store: Path, table: str) -> None:
    at, size = page_of(store, table)
    content = bytearray(store.read_bytes())
    content[at : at + size] = bytes([0xA5]) * size
    store.write_bytes(content)

    with pytest.raises(StoreFileError, match="damaged"):
        assemble(Settings(store=store))


def test_a_server_with_a_broken_store_ends_with_one_clear_line(store: Path) -> None:
    at, size = page_of(store, "predictions")
    content = bytearray(store.read_bytes())
    content[at : at + size] = bytes([0xA5]) * size
    store.write_bytes(content)

    code, out, errors = refused("--port", "0", "--store", f"sqlite:{store}")

    assert (code, out) == (2, "")
    assert errors.startswith("eachlabs-mock: cannot keep the store in ")
    assert errors.count("\n") == 1
