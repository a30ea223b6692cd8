"""The lane answers what Flask would answer, byte for byte, and it does answer."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from eachlabs_mock.core.reply import Transfer
from eachlabs_mock.server.rsgi import BODILESS
from eachlabs_mock.web.call import MAX_BODY
from eachlabs_mock.web.wsgi import Answer, called
from helpers.harness import KEY, PROMPT, UNKNOWN_ID, Api

CREATES = ["/v1/prediction", "/v1/prediction/"]
FLEETING = {"date", "expires"}  # of outputs: they tell the machine's time


class Triplets:
    """Three emulators of one seed, that are asked the same: Flask alone, the lane over WSGI, and the lane at once."""

    def __init__(self, **settings: Any) -> None:
        self.all = Api(lane=False, **settings), Api(lane=True, **settings), Api(lane=True, **settings)
        self.made = [UNKNOWN_ID]

    def ask(self, method: str, path: str, body: bytes = b"", **environ: Any) -> tuple[int, Any, bytes, Transfer]:
        """Send a request to all, hold the answers against each other, and return one of them."""
        flask, lane, swift = self.all
        first = as_sent(called(flask.app.wsgi, wsgi_environ(method, path, body, environ)))
        assert as_sent(called(lane.app.wsgi, wsgi_environ(method, path, body, environ))) == first
        assert as_sent(served(swift, method, path, body, environ)) == first
        if method == "POST" and first[0] == 200:
            self.made.append(orjson.loads(first[2])["predictionID"])
        return first

    def advance(self, seconds: float) -> None:
        for api in self.all:
            api.advance(seconds)

    def close(self) -> None:
        """Hold logs and webhooks against each other."""
        logs = [[{**line, "ms": 0} for line in api.log_lines() if line["event"] != "warning"] for api in self.all]
        told = [sorted(map(str, api.receiver.received)) for api in self.all]
        noted = [entries(api) for api in self.all]
        for one, two, three in (logs, told, noted):
            assert one == two == three


def entries(api: Api) -> list[list[Any]]:
    """Return what the journals of all its worlds have noted."""
    worlds = api.app.emulator.worlds._worlds
    return [list(worlds[name].journal.entries()) for name in sorted(worlds)]


def as_sent(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes, Transfer]:
    """Return what of *answer* does not tell the machine's time."""
    kept = sorted((name.lower(), value) for name, value in answer.headers if name.lower() not in FLEETING)
    return answer.status, kept, answer.body, answer.transfer


def served(api: Api, method: str, path: str, body: bytes, more: dict[str, Any]) -> Answer:
    """Return what is sent where the event loop serves: what can be answered at once is."""
    asked = wsgi_environ(method, path, body, more)
    declared = str(asked.get("CONTENT_LENGTH", ""))
    length = int(declared) if declared.isdecimal() else len(body)
    read = bytes(length) if length > MAX_BODY else body[:length]
    at_once = api.app.at_once(asked, b"" if method in BODILESS else read)
    return at_once or called(api.app.wsgi, wsgi_environ(method, path, body, more))


def wsgi_environ(method: str, path: str, body: bytes, more: dict[str, Any]) -> dict[str, Any]:
    """Return what a server hands over: *path* unquoted, and so bytes in disguise."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8780",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8780",
        "HTTP_X_API_KEY": KEY,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }
    return {name: value for name, value in environ.items() if value is not None}


def create_body(**given_input: Any) -> bytes:
    return orjson.dumps({"model": "qwen-image", "input": {"prompt": PROMPT, **given_input}})


# A path is a list of pieces; a number stands for the id of a prediction made so far.
ids = st.integers(0, 4)
odd_text = st.text(st.characters(max_codepoint=255), min_size=1, max_size=40)
as_long_as_an_id = st.text(st.sampled_from("0123456789abcdef-/é%?#\n \x00\xff\\"), min_size=36, max_size=36)
segments = st.one_of(ids, ids, ids, as_long_as_an_id, odd_text)
create_paths = st.sampled_from(CREATES).map(lambda path: (path,))
poll_paths = st.tuples(st.sampled_from(["/v1/prediction/"] * 8 + ["/v1//prediction/", "//v1/prediction/"]), segments)
other_paths = st.sampled_from(
    [
        "/v1/prediction//",
        "/v1/predictions",
        "/prediction/",
        "/v1/prediction/run",
        "/v1/models",
        "/v1/model",
        "/",
        "",
        "/__mock/ledger",
        "/__mock/health/live",
        "/V1/prediction/",
    ]
)
paths = st.one_of(
    poll_paths,
    poll_paths,
    create_paths,
    create_paths,
    st.tuples(poll_paths, st.sampled_from(["/", "//", "/cancel", " ", "%2F"])).map(lambda pair: (*pair[0], pair[1])),
    other_paths.map(lambda path: (path,)),
    odd_text.map(lambda text: (f"/{text}",)),
)
methods = st.sampled_from(["GET"] * 5 + ["POST"] * 5 + ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "get", "BREW"])
inputs = st.fixed_dictionaries(
    {},
    optional={
        "guidance": st.one_of(st.integers(-1, 11), st.booleans(), st.text(max_size=3)),
        "output_format": st.sampled_from(["webp", "jpeg", "png"]),
        "prompt": st.sampled_from(["", "[mock:fail]", "[mock:stuck]", "[mock:zzz]", "你好"]),
        "extra": st.none() | st.integers(-(2**63), 2**64 - 1),
    },
)
bodies = st.one_of(
    inputs.map(lambda given_input: create_body(**given_input)),
    inputs.map(lambda given_input: create_body(**given_input)),
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.sampled_from(["qwen-image", "qwen", "", 5, None, "flux-2-pro"]),
            "input": st.sampled_from([{"prompt": "p"}, {}, [], None]),
            "webhook_url": st.sampled_from(["", None, "http://127.0.0.1:9/hook", "ftp://x", 5]),
        },
    ).map(orjson.dumps),
    st.binary(max_size=30),
    st.sampled_from([b"", b"{", b"[]", b"18446744073709551616", b"\xef\xbb\xbf{}", b"NaN", create_body()[:-1]]),
)
environs = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_X_API_KEY": st.sampled_from([None, "", "invalid", "other", "\xe9"]),
        "HTTP_AUTHORIZATION": st.sampled_from(["Bearer other", "Bearer", "Bearer invalid", "Basic x", ""]),
        "HTTP_X_MOCK_WORLD": st.sampled_from(["", "shared", "two words"]),
        "HTTP_X_MOCK_FAULT": st.sampled_from(["", "fail", "stuck", "zzz", " fail "]),
        "HTTP_X_REQUEST_ID": st.sampled_from(["", "trace-1", "not sane", "\xe9"]),
        "HTTP_HOST": st.sampled_from([None, "", "mock.test", "evil/x", "a b", "x" * 64, "a..b", "\xff"]),
        "HTTP_ORIGIN": st.just("http://browser.test"),
        "CONTENT_TYPE": st.sampled_from(
            [None, "", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON"]
        ),
        "CONTENT_LENGTH": st.sampled_from([None, "", "-1", "x", "0", "5", str(1024 * 1024 + 1)]),
        "QUERY_STRING": st.sampled_from(["a=1", "limit=0", "slug=qwen-image", "%"]),
        "wsgi.url_scheme": st.just("https"),
    },
)
good_creates = st.tuples(st.just("POST"), create_paths, st.just(create_body()), st.just({}))
any_creates = st.tuples(st.just("POST"), create_paths, bodies, environs)
polls = st.tuples(st.just("GET"), st.tuples(st.just("/v1/prediction/"), ids), st.just(b""), st.just({}))
any_polls = st.tuples(st.just("GET"), poll_paths, bodies, environs)
lookalikes = st.tuples(
    st.just("GET"), st.tuples(st.just("/v1/prediction/"), as_long_as_an_id), st.just(b""), st.just({})
)
anything = st.tuples(methods, paths, bodies, st.just({}) | environs)
advances = st.sampled_from([0.001, 1.0, 2.499, 2.5, 59.0, 60.0])
steps = st.one_of(good_creates, polls, advances, any_creates, any_polls, lookalikes, anything)
progresses = st.sampled_from([Progress(), Progress("immediate"), Progress("reads", 2)])


@given(progresses, st.lists(steps, min_size=8, max_size=20))
def test_lane_and_flask_answer_alike_byte_for_byte(
    progress: Progress, life: list[float | tuple[str, tuple[str | int, ...], bytes, dict[str, Any]]]
) -> None:
    triplets = Triplets(rate_limit=Rate(12, 60_000), max_in_flight=2, progress=progress)

    for step in life:
        if isinstance(step, float):
            triplets.advance(step)
            continue
        method, pieces, body, environ = step
        made = triplets.made
        path = "".join(made[piece % len(made)] if isinstance(piece, int) else piece for piece in pieces)
        triplets.ask(method, path, body, **environ)

    triplets.close()


@pytest.mark.parametrize(
    ("status", "body", "environ"),
    [
        (401, create_body(), {"HTTP_X_API_KEY": "invalid"}),
        (400, create_body(), {"HTTP_X_MOCK_WORLD": "two words"}),
        (413, b" " * (1024 * 1024 + 1), {}),
        (400, create_body(), {"CONTENT_TYPE": "text/plain"}),
        (400, b"{", {}),
        (400, b"{}", {}),
        (404, create_body().replace(b"qwen-image", b"nonsense"), {}),
        (400, create_body(guidance=11), {}),
        (400, create_body(), {"HTTP_X_MOCK_FAULT": "nonsense"}),
        (200, create_body(), {}),
    ],
)
@pytest.mark.parametrize("path", CREATES)
def test_create_is_answered_alike(path: str, status: int, body: bytes, environ: dict[str, Any]) -> None:
    assert Triplets().ask("POST", path, body, **environ)[0] == status


def test_rate_limit_and_cap_are_answered_alike() -> None:
    triplets = Triplets(max_in_flight=1, rate_limit=Rate(3, 60_000))

    answers = [triplets.ask("POST", CREATES[0], create_body()) for _ in range(4)]

    assert [status for status, *_ in answers] == [200, 429, 429, 429]
    assert [dict(headers).get("retry-after") for _, headers, *_ in answers] == [None, "3", "60", "60"]


def test_full_store_is_answered_alike() -> None:
    triplets = Triplets(max_predictions=1)
    triplets.ask("POST", CREATES[0], create_body())

    assert triplets.ask("POST", CREATES[0], create_body())[0] == 429


@pytest.mark.parametrize("scenario", ["", "fail", "stuck"])
def test_life_of_a_prediction_is_answered_alike(scenario: str) -> None:
    triplets = Triplets()
    triplets.ask("POST", CREATES[0], create_body(), HTTP_X_MOCK_FAULT=scenario)

    statuses = []
    for seconds in (0, 2.499, 0.001, 100):
        triplets.advance(seconds)
        statuses.append(orjson.loads(triplets.ask("GET", f"/v1/prediction/{triplets.made[1]}")[2])["status"])

    end = {"": "success", "fail": "error", "stuck": "processing"}[scenario]
    assert statuses == ["processing", "processing", end, end]


def test_output_is_answered_alike() -> None:
    triplets = Triplets()
    triplets.ask("POST", CREATES[0], create_body(output_format="jpg"))
    triplets.advance(3)

    assert triplets.ask("GET", f"/outputs/{triplets.made[1]}.jpg")[0] == 200


@pytest.mark.parametrize(
    "last",
    [
        "x" * 36,
        "é" * 36,
        "\xc3\xa9" * 18,
        "\xff" * 36,
        "\n" * 36,
        "x" * 35 + "\n",
        " " * 36,
        "\x00" * 36,
        '"' * 36,
        "%" * 36,
        "x" * 35 + "/",
        "/" + "x" * 35,
        "x" * 17 + "/" + "x" * 18,
        "." * 36,
        "../" * 12,
    ],
)
def test_odd_id_as_long_as_a_true_one_is_answered_alike(last: str) -> None:
    assert Triplets().ask("GET", f"/v1/prediction/{last}")[0] == 404


@pytest.mark.parametrize(
    "host", [None, "", ".", "a..b", "x" * 64, "x" * 300, "\xff", "xn--\x80", "a b", "evil/x", "h:1:2"]
)
def test_odd_host_header_is_answered_alike(host: str | None) -> None:
    assert Triplets().ask("POST", CREATES[0], create_body(), HTTP_HOST=host)[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_defect_is_answered_alike(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    triplets = Triplets()
    for api in triplets.all:
        monkeypatch.setattr(api.app.emulator.store, "admit", None)

    path = CREATES[0] if method == "POST" else f"/v1/prediction/{UNKNOWN_ID}"
    assert triplets.ask(method, path, create_body())[0] == 500


def nobody_behind(_environ: object, _start_response: object) -> Iterable[bytes]:
    pytest.fail("the lane passed it on")


@pytest.fixture
def laned(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An emulator with nothing behind its lane."""
    api = Api(lane=True)
    monkeypatch.setattr(api.app.wsgi, "_behind", nobody_behind)
    return api


@pytest.mark.parametrize("path", CREATES)
def test_lane_answers_a_create_by_itself(laned: Api, path: str) -> None:
    assert laned.post({"model": "qwen-image", "input": {"prompt": PROMPT}}, path=path).status_code == 200


def test_lane_answers_a_poll_by_itself(laned: Api) -> None:
    made = laned.created()
    running = laned.read(made).json["status"]
    laned.advance(3)

    assert (running, laned.read(made).json["status"]) == ("processing", "success")


def test_lane_refuses_by_itself(laned: Api) -> None:
    answers = [laned.create(key="invalid"), laned.post(b"{"), laned.create(guidance=11), laned.read(UNKNOWN_ID)]

    assert [answer.status_code for answer in answers] == [401, 400, 400, 404]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", f"/v1/prediction/{UNKNOWN_ID}"),
        ("GET", f"/v1/prediction/{UNKNOWN_ID}/"),
        ("GET", "/v1/prediction/short"),
        ("GET", "/v1/prediction/"),
        ("OPTIONS", "/v1/prediction/"),
        ("PUT", "/v1/prediction/"),
        ("POST", f"/v1/prediction/{UNKNOWN_ID}"),
        ("GET", "/v1/models"),
        ("GET", f"/outputs/{UNKNOWN_ID}.webp"),
        ("GET", "/__mock/health/live"),
    ],
)
def test_lane_passes_everything_else_on(monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    api = Api(lane=True)
    passed = []

    def behind(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        passed.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        start_response("204 NO CONTENT", [])
        return []

    monkeypatch.setattr(api.app.wsgi, "_behind", behind)
    api.call(method, path)

    assert passed == [(method, path)]


def test_a_create_longer_than_32_kib_is_left_to_a_thread() -> None:
    api = Api(lane=True)
    bodies = [create_body().ljust(length) for length in (32_768, 32_769)]
    answers = [api.app.at_once(wsgi_environ("POST", "/v1/prediction/", each, {}), each) for each in bodies]

    assert [answer is not None for answer in answers] == [True, False]


def test_without_the_lane_flask_stands_in_front() -> None:
    api = Api(lane=False)

    assert api.app.wsgi == api.app.flask.wsgi_app
