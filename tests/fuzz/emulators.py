"""Targets that call a whole emulator: any request, any control call, any state, any file for a store.

A defect that the emulator tells of, or a status that it never has, is a finding.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from werkzeug.test import TestResponse

from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.stores.sqlite_database import StoreFileError
from eachlabs_mock.web.wsgi import called
from fuzz.readers import Target
from fuzz.source import Source
from helpers.harness import KEY, Api
from helpers.owner import HOOK, Owner

CREATE = b'{"model": "qwen-image", "input": {"prompt": "a kite [mock:fail]", "seed": 3}, "webhook_url": ""}'

DEFECT = b"The emulator has a bug"
"""What an answer says to what nobody has thought of."""

HEADERS = (
    *("AUTHORIZATION", "X_MOCK_WORLD", "X_MOCK_FAULT", "X_MOCK_TOKEN", "X_REQUEST_ID", "ORIGIN", "SEC_FETCH_SITE"),
    *("ACCESS_CONTROL_REQUEST_HEADERS", "USER_AGENT", "RANGE", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_RANGE"),
    *("COOKIE", "EXPECT", "TRANSFER_ENCODING"),
)

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "\u00e9", "")

STATUSES = {200, 206, 304, 400, 401, 403, 404, 405, 408, 413, 416, 429, 503}

MOST_WORLDS = 50

LOOKS = ("/clock", "/predictions", "/requests", "/deliveries", "/faults", "/ledger", "/settings", "/state")
"""All that the control plane shows of a world."""


def control(data: bytes) -> None:
    """A control call: a route, a query, a body."""
    source, owner = Source(data), _owner()
    method, path = source.choice(_routes())
    query = source.choice(("", "", "?scope=journal", "?since=1", "?status=x", f"?{_latin(source.text())}"))
    body = source.edited(source.choice(_bodies())) if source.number(4) else source.text()
    text = json.dumps(body) if source.number(8) else source.rest.decode("utf-8", "replace")
    if path.endswith("/wait"):  # to wait for what does not come is no finding
        text = json.dumps({**(body if isinstance(body, dict) else {}), "timeout": 0})
    _check(owner.call(method, path + query, data=text.encode("utf-8", "surrogateescape")))
    _look(owner)


def state(data: bytes) -> None:
    """A world that is imported: it is refused, or it can be looked at, moved on, called and exported again."""
    owner = _owner()
    answer = owner.call("PUT", "/__mock/state", data=json.dumps(Source(data).edited(_exported())))
    _check(answer)
    if answer.status_code == 200:
        _use(owner)
    owner.call("POST", "/__mock/reset")


def _use(owner: Owner) -> None:
    """Do with a world what can be done with one."""
    _look(owner)
    for made in owner.call("GET", "/__mock/predictions").json["predictions"][:3]:
        for path in (
            f"/v1/prediction/{made['id']}",
            *(f"/outputs/{each.rpartition('/')[2]}" for each in made["output"]),
        ):
            _check(owner.get(path))
    _check(owner.control("POST", "/clock/next"))
    _check(owner.control("POST", "/clock/advance", {"seconds": 20}))
    _check(owner.create(webhook_url=HOOK))
    _look(owner)
    exported = owner.call("GET", "/__mock/state")
    _check(exported)
    assert owner.call("PUT", "/__mock/state", data=exported.data).status_code == 200


def _look(owner: Owner) -> None:
    for path in LOOKS:
        _check(owner.call("GET", f"/__mock{path}"))


def request(data: bytes) -> None:
    """Any request, as a server in front may hand it on: any path, any headers, any length, any body."""
    api, environ = _api(), _environ(Source(data))
    body = environ["wsgi.input"].getvalue()
    at_once = api.app.at_once(environ, body) if environ["CONTENT_LENGTH"] == str(len(body)) else None
    answer = at_once or called(api.app.wsgi, environ)
    logged = api.log.getvalue()
    api.log.seek(0)
    api.log.truncate()
    assert '"event":"defect"' not in logged, logged
    assert answer.status in STATUSES, answer


def _environ(source: Source) -> dict[str, Any]:
    body = source.text().encode("utf-8", "surrogateescape") if source.number(2) else CREATE
    path = source.choice((*_paths(), f"/{source.text()}", f"/v1/prediction/{source.text()}"))
    query = source.choice(("", "k=1", "slug=qwen-image", "limit=-1&offset=x", source.text()))
    return {
        "REQUEST_METHOD": source.choice(METHODS),
        "PATH_INFO": _latin(path),
        "QUERY_STRING": _latin(query),
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        **dict(_headers(source, len(body))),
    }


def _headers(source: Source, length: int) -> Iterator[tuple[str, str]]:
    yield "HTTP_HOST", source.choice(("localhost", "", "[", _latin(source.text())))
    if source.number(4):
        yield "HTTP_X_API_KEY", source.choice((KEY, "invalid", "", _latin(source.text())))
    yield "CONTENT_LENGTH", source.choice((str(length), str(length), "", "-1", "x", "9" * 30, "\u00b2", "0"))
    for _ in range(source.number(4)):
        value = source.choice(
            (_latin(source.text()), "a\r\nb", "bytes=0-", "bytes=5-1,-9", "fail", "*", "Bearer x", "\u00ff")
        )
        yield f"HTTP_{source.choice(HEADERS)}", value
    if source.number(2):
        yield (
            "CONTENT_TYPE",
            source.choice(("application/json", "text/plain", "multipart/form-data; boundary=x", source.text())),
        )


def _latin(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def store(data: bytes) -> None:
    """A file that is to be the store: it is refused with a reason, or it is one that can be used."""
    source, file = Source(data), Path(mkdtemp(prefix="fuzz-store-")) / "mock.db"
    try:
        match source.number(4):
            case 0:
                file.write_bytes(source.rest)
            case 1:
                file.write_bytes(_damaged(source, _file().read_bytes()))
            case _:
                shutil.copy(_file(), file)
                _rewrite(source, file)
        with suppress(StoreFileError):
            app = assemble(Settings(store=file, log_format="off", clock="manual", seed=1))
            app.emulator.store.close()
    finally:
        shutil.rmtree(file.parent)


def _damaged(source: Source, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(source.number(20) + 1):
        damaged[source.number(65_536) % len(damaged)] = source.number(256)
    return bytes(damaged[: len(damaged) - source.number(3) * source.number(5000)])


def _rewrite(source: Source, file: Path) -> None:
    """Put another value into a cell of one of the tables in *file*."""
    connection = sqlite3.connect(file)
    with suppress(sqlite3.Error, OverflowError, UnicodeError), connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        table = source.choice(tables)
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = source.choice(columns)
        (old,) = connection.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone() or (None,)  # noqa: S608  # its own
        connection.execute(f"UPDATE {table} SET {column} = ?", (_other(source, old),))  # noqa: S608  # the same
    connection.close()


def _other(source: Source, old: object) -> object:
    if isinstance(old, bytes) and source.number(8):
        return json.dumps(source.edited(json.loads(old))).encode()
    value = source.value()
    return value if isinstance(value, str | int | float | None) else json.dumps(value)


def _check(answer: TestResponse) -> None:
    assert DEFECT not in answer.data, f"{answer.request}: {answer.text}"


@cache
def _owner() -> Owner:
    return Owner(rate_limit=None, max_in_flight=None, max_worlds=MOST_WORLDS, max_predictions=200)


@cache
def _api() -> Api:
    return Api(rate_limit=None, max_in_flight=None, max_worlds=MOST_WORLDS, max_predictions=200)


@cache
def _routes() -> tuple[tuple[str, str], ...]:
    """Method and path of each route of the control plane."""
    rules = _owner().app.flask.url_map.iter_rules()
    found = ((method, each.rule) for each in rules if each.rule.startswith("/__mock") for method in each.methods or ())
    return tuple(sorted((method, path.replace("<", "").replace(">", "")) for method, path in found))


@cache
def _paths() -> tuple[str, ...]:
    rules = {each.rule for each in _owner().app.flask.url_map.iter_rules()}
    return tuple(sorted(each for each in rules if not each.endswith("/wait")))  # they may wait as long as they are told


@cache
def _bodies() -> tuple[Any, ...]:
    """Bodies that one control call or the other takes."""
    return (
        {"mode": "scaled", "speed": 2},
        {"seconds": 3},
        {"times": 2, "message": "m", "details": "d"},
        {"count": 1, "timeout": 0, "since": 0, "status": "success"},
        {"fault": "http_error", "status": 503, "route": "read", "rate": 0.5, "times": 3, "id": "a"},
        {"fault": "wrong_content_type", "content_type": "text/html", "after": 1.5, "until": 9, "model": "qwen-image"},
        {"faults": [{"fault": "slow", "factor": 2.5, "nth": 2, "skip": 1}, {"fault": "fail", "message": "x"}]},
        {"duration": "realistic", "rate_limit": "5/1", "max_in_flight": 3, "progress": "reads:2", "output_expiry": 5},
        _exported(),
    )


@cache
def _exported() -> Any:
    """A world with something of everything."""
    owner = Owner()
    _fill(owner)
    return json.loads(owner.call("GET", "/__mock/state").data)


@cache
def _file() -> Path:
    """The file of a store with something of everything."""
    file = Path(mkdtemp(prefix="fuzz-seed-")) / "mock.db"
    owner = Owner(store=file)
    _fill(owner)
    owner.app.emulator.store.close()
    return file


def _fill(owner: Owner) -> None:
    for words in ("fail", "late; seconds=3", "slow; factor=2"):
        owner.create(webhook_url=HOOK, headers={"X-Mock-Fault": words})
    owner.control("POST", "/faults", {"fault": "http_error", "status": 503, "route": "read", "rate": 0.5, "id": "a"})
    owner.control("PATCH", "/settings", {"duration": 17, "progress": "reads:2"})
    owner.control("POST", "/clock/advance", {"seconds": 3})
    made = owner.create(webhook_url=HOOK)
    owner.get(f"/v1/prediction/{made.json['predictionID']}?a=1")


EMULATORS: dict[str, Target] = {each.__name__: each for each in (control, state, request, store)}
