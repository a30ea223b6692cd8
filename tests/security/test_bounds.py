"""What one caller may cost: bytes, nesting, time, worlds. Whatever is beyond is refused, and the emulator goes on."""

import gzip
import io
import json
import socket
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Queue
from typing import Any

import orjson
import pytest

from eachlabs_mock.core.clock import Stopwatch
from eachlabs_mock.emulator import use_cases
from eachlabs_mock.emulator.journal import Journal
from eachlabs_mock.emulator.world import world_of_key
from eachlabs_mock.wire.create_request import SMALL_BODY, parse_json
from helpers.harness import KEY, Api, MakeApi
from helpers.owner import PATIENCE, Owner
from helpers.refusal import page_error
from helpers.served import serving

MIB = 1024 * 1024

GENEROUS = 5_000
"""Real milliseconds for what takes some dozen: what is not linear takes hours."""


@pytest.mark.parametrize(("coding", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_no_body_is_inflated(make_api: MakeApi, coding: str, squeeze: Any) -> None:
    bomb = squeeze(b" " * (8 * MIB))
    api = make_api()

    answers = [
        api.post(bomb, headers={"Content-Encoding": coding}),
        api.call("PUT", "/__mock/state", data=bomb, headers={"Content-Encoding": coding}),
    ]

    assert len(bomb) < 10_000
    for answer in answers:
        assert "not valid JSON" in page_error(answer, 400)


@pytest.mark.parametrize("path", ["/v1/prediction/", "/__mock/state", "/__mock/faults"])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_refused(make_api: MakeApi, path: str, opening: bytes) -> None:
    answer = make_api().call("PUT" if path.startswith("/__") else "POST", path, data=opening * 100_000)

    assert page_error(answer, 400)


def test_large_bodies_are_judged_one_by_one_and_hold_up_no_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, judged, go_on = Owner(), Queue[int](), threading.Event()

    def judge(raw: bytes) -> object:
        judged.put(len(raw) // 10_000)
        assert len(raw) < SMALL_BODY or go_on.wait(PATIENCE)
        return parse_json(raw)

    monkeypatch.setattr(use_cases, "parse_json", judge)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(owner.create, prompt="x" * 40_000)
        assert judged.get(timeout=PATIENCE) == 4
        second = pool.submit(owner.create, prompt="x" * 50_000)

        assert owner.create().status_code == 200
        assert judged.get(timeout=PATIENCE) == 0
        assert judged.empty()
        go_on.set()

        assert [each.result(PATIENCE).status_code for each in (first, second)] == [200, 200]
    assert judged.get_nowait() == 5


@pytest.mark.parametrize("number", ["9" * 100_000, "-" + "9" * 100_000, "1e" + "9" * 100_000])
def test_no_number_is_too_large_to_be_refused_at_once(make_api: MakeApi, number: str) -> None:
    api, watch = make_api(), Stopwatch()

    created = api.post(b'{"model": "qwen-image", "input": {"prompt": "x", "seed": %s}}' % number.encode())
    advanced = api.call("POST", "/__mock/clock/advance", data=b'{"seconds": %s}' % number.encode())
    asked = api.create(headers={"X-Mock-Fault": f"slow; factor={number}"})

    assert {created.status_code, asked.status_code} == {400}
    assert advanced.status_code in {200, 400}
    assert watch.millis() < GENEROUS


def of_a_mebibyte(piece: str) -> str:
    """Return *piece* so often that a create with it is just short enough."""
    return piece * ((MIB - 200) // len(json.dumps(piece)[1:-1]))


@pytest.mark.parametrize(
    "prompt",
    [
        "[mock:" * 20 + of_a_mebibyte("a")[:-200],
        "[mock:" + of_a_mebibyte('"')[:-10],
        "[mock:" + of_a_mebibyte('"\\')[:-10],
        "[mock:" + of_a_mebibyte('"a"')[:-10],
        "[mock:" + of_a_mebibyte("a;")[:-10] + "]",
        '[mock:fail; message="' + of_a_mebibyte("\\")[:-50],
        '[mock:"]' * 19 + of_a_mebibyte('"]')[:-200],
    ],
    ids=["openings", "quotes", "escapes", "texts", "pairs", "an escaped text", "quoted brackets"],
)
def test_no_prompt_keeps_its_reader_busy(prompt: str) -> None:
    watch = Stopwatch()

    answer = Api().create(prompt=prompt)

    assert answer.status_code in {200, 400}
    assert watch.millis() < GENEROUS


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "\n ",
        "\n" + " " * 999,
        "\u0300",
        "\U0001f468\u200d",
        "\u05d0",
        "\u5b57",
        "a\u200b",
        "-",
        "a \u05d0",
        "\u202e",
    ],
)
def test_no_prompt_keeps_its_painter_busy(piece: str) -> None:
    api = Api()
    made = api.created(prompt="x" + of_a_mebibyte(piece))
    api.advance(3)
    watch = Stopwatch()

    assert api.get(f"/outputs/{made}.webp").status_code == 200
    assert watch.millis() < 4 * GENEROUS


def test_a_control_call_of_more_than_512_mib_is_refused() -> None:
    answer = Owner().call("PUT", "/__mock/state", environ_overrides={"CONTENT_LENGTH": str(512 * MIB + 1)})

    assert page_error(answer, 413) == "The body has more than 536870912 bytes."


def test_a_control_call_without_a_length_is_read_no_further_than_its_bound() -> None:
    owner, terminated = Owner(), {"wsgi.input_terminated": True}
    owner.app.flask.config["MAX_CONTENT_LENGTH"] = MIB
    stream = io.BytesIO(b" " * (MIB + 1))

    assert owner.call("PUT", "/__mock/state", input_stream=stream, environ_overrides=terminated).status_code == 413


def test_a_world_of_more_than_a_mebibyte_is_taken_back_whole() -> None:
    long = json.dumps({"model": "qwen-image", "input": {"prompt": "x" * (MIB - 100)}}).encode()
    with serving("--log-format", "off") as server:
        for _ in range(2):
            assert server.call("POST", "/v1/prediction/", long, X_API_Key=KEY)[0] == 200
        exported = server.call("GET", "/__mock/state", X_API_Key=KEY)[1]
        loaded = server.call("PUT", "/__mock/state", exported, X_API_Key=KEY)
        again = orjson.loads(server.call("GET", "/__mock/state", X_API_Key=KEY)[1])

    assert len(exported) > 4 * MIB
    assert loaded[0] == 200, loaded[1]
    assert [len(each["input"]) > MIB - 200 for each in again["predictions"]] == [True, True]


def test_headers_without_end_are_refused_and_others_served_meanwhile() -> None:
    with serving("--log-format", "off") as server:
        with socket.create_connection(("127.0.0.1", server.port), 10) as connection, suppress(ConnectionError):
            connection.sendall(b"GET /v1/docs HTTP/1.1\r\nHost: x\r\n")
            for number in range(100):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"x" * 50_000))
            assert connection.recv(100)[:12] != b"HTTP/1.1 200"
        assert server.create()[0] == 200

        path = server.call("GET", "/v1/prediction/" + "x" * 60_000, X_API_Key=KEY)[0]
        assert path in {404, 414, 431, 400}
        assert server.create()[0] == 200


def entry(size: int) -> dict[str, Any]:
    facts = {"at": 0, "method": "POST", "path": "", "status": 200, "request_id": "r", "response": b""}
    return {**facts, "request": bytes(size)}


def test_a_journal_of_large_bodies_keeps_as_many_bytes_as_one_of_usual_ones() -> None:
    journal = Journal(kept=64)  # room for 2 MiB

    for _ in range(10):
        journal.add(**entry(MIB - 1))

    assert [each.number for each in journal.entries()] == [9, 10]


@pytest.mark.parametrize("part", ["path", "query", "user_agent"])
def test_a_journal_of_long_addresses_or_agents_keeps_no_more_bytes(part: str) -> None:
    journal = Journal(kept=64)

    for _ in range(60):
        journal.add(**{**entry(0), part: "x" * 60_000})

    assert [each.number for each in journal.entries()] == list(range(27, 61))


def test_a_journal_keeps_the_latest_exchange_however_large() -> None:
    journal = Journal(kept=1)

    journal.add(**entry(MIB))

    assert [each.number for each in journal.entries()] == [1]


def test_a_journal_of_small_bodies_keeps_as_many_as_it_is_to() -> None:
    journal = Journal(kept=500)

    for _ in range(600):
        journal.add(**entry(1000))

    assert [each.number for each in journal.entries()] == list(range(101, 601))


def test_a_journal_that_was_cleared_or_restored_has_its_room_again() -> None:
    journal = Journal(kept=64)
    for _ in range(2):
        journal.add(**entry(MIB - 1))
    kept = journal.entries()

    journal.clear()
    journal.restore(kept, 2)
    journal.add(**entry(1))

    assert [each.number for each in journal.entries()] == [1, 2, 3]


def test_random_keys_do_not_fill_the_memory() -> None:
    owner = Owner(max_worlds=10)

    for number in range(50):
        owner.create(key=f"key-{number}")

    names = [world_of_key(f"key-{number}") for number in range(50)]
    use_cases = owner.app.emulator
    assert [use_cases.worlds.find(name) is not None for name in names] == [False] * 40 + [True] * 10
    assert [len(use_cases.store.of_world(name)) for name in names] == [0] * 40 + [1] * 10
