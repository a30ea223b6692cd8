"""Runs repeat: one seed, one start and the same calls show the same bytes, in any process; at once, the same lot."""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from eachlabs_mock.app import assemble
from eachlabs_mock.control.actions import ControlActions
from eachlabs_mock.control.client import Send, over_http
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.server.child_process import emulator
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.web import call_url
from eachlabs_mock.webhooks.egress import Outcome
from helpers.owner import HOOK, Owner
from helpers.worlds import STEPS, take, views

START = "2026-02-05T00:00:00Z"
BASE = "http://mock.test"
KEY = {"X-API-Key": "key-of-a-run"}
NOBODY = "http://127.0.0.1:1/hook"
SHOWN = ["requests", "state", "deliveries", "predictions", "clock", "ledger"]

SETTINGS = {"duration": "realistic", "webhook_attempts": 3, "webhook_interval": 1, "max_in_flight": 4}


def life(send: Send) -> list[bytes]:
    """Return what an owner sees at the end of a certain sequence of calls."""

    def call(method: str, path: str, body: object = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        _, answer = send(method, path, {**KEY, "Content-Type": "application/json"}, sent)
        return json.loads(answer) if answer[:1] in b"{[" else None

    def create(**content: object) -> str:
        body = {"model": "qwen-image", "input": {"prompt": "a red bicycle", **content}, "webhook_url": NOBODY}
        return str(call("POST", "/v1/prediction/", body).get("predictionID"))

    call("PATCH", "/__mock/settings", SETTINGS)
    call("POST", "/__mock/predictions/fail-next", {"times": 2})
    made = [create(num_inference_steps=steps) for steps in (50, 50, 20, 20, 20)]
    call("POST", "/__mock/clock/next")
    call("POST", "/__mock/clock/advance", {"seconds": 60})
    for each in made:
        call("GET", f"/v1/prediction/{each}")
        call("GET", f"/outputs/{each}.webp")
    call("POST", "/v1/prediction/", {"model": "nonsense"})
    create(prompt="[mock:stuck]")
    return [send("GET", f"/__mock/{each}", KEY, b"")[1] for each in SHOWN]


def here(**settings: Any) -> list[bytes]:
    """Live that life in an emulator of this process."""
    whole = {"seed": 7, "start": 1_770_249_600_000, "clock": "manual", "log_format": "off", **settings}
    app = assemble(Settings(**whole, public_base_url=BASE))

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answer = call_url(app.wsgi, method, f"http://localhost{path}", headers, body)
        return answer.status, answer.body

    return life(send)


def elsewhere(hash_seed: str) -> list[bytes]:
    """Live that life in an emulator in a process of its own."""
    flags = [
        "--port=0",
        "--seed=7",
        f"--start={START}",
        "--clock=manual",
        "--log-format=off",
        "--public-base-url",
        BASE,
    ]
    with emulator(flags, environment={**os.environ, "PYTHONHASHSEED": hash_seed}) as child:
        return life(over_http(child.ready["url"]))


@pytest.mark.parametrize("one", SHOWN)
def test_a_life_leaves_something_to_compare(one: str) -> None:
    assert len(here()[SHOWN.index(one)]) > 70


@pytest.mark.slow
def test_two_processes_with_one_seed_and_start_show_the_same_bytes() -> None:
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(elsewhere, ["1", "2"])

    assert first == second == here()


@pytest.mark.parametrize("other", [{"seed": 8}, {"start": 0}])
def test_another_seed_or_start_shows_other_bytes(other: dict[str, int]) -> None:
    assert here(**other)[0] != here()[0]


# At once


@pytest.fixture
def hurry() -> Iterator[None]:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_turn(work: Callable[[int], Any], times: int) -> list[Any]:
    return list(map(work, range(times)))


def at_once(work: Callable[[int], Any], times: int) -> list[Any]:
    """Return what *work* returns for each number, done by 16 threads that begin together."""
    barrier = threading.Barrier(16)

    def share(first: int) -> list[Any]:
        barrier.wait(20)
        return [work(number) for number in range(first, times, 16)]

    with ThreadPoolExecutor(16) as pool:
        return [result for results in pool.map(share, range(16)) for result in results]


Way = Callable[[Callable[[int], Any], int], list[Any]]


def outcomes(way: Way, **settings: Any) -> tuple[Counter[Any], ...]:
    """Return all that came of 48 creates, of their webhooks and of twice as many polls, without the order."""
    owner = Owner(duration=None, webhook_attempts=2, **settings)
    owner.ask("POST", "/predictions/fail-next", {"times": 5})

    statuses = Counter(way(lambda _: owner.create(webhook_url=HOOK).status_code, 48))
    owner.ask("POST", "/clock/advance", {"seconds": 600})
    owner.ask("PATCH", "/settings", {"rate_limit": "off"})  # whose poll it refuses is another matter
    made = owner.ask("GET", "/predictions")["predictions"]
    polls = Counter(way(lambda number: owner.read(made[number % len(made)]["id"]).text, 96))
    records = Counter(json.dumps(each) for each in made)
    told = Counter(json.dumps({**each, "number": 0}) for each in owner.ask("GET", "/deliveries")["deliveries"])
    asked = Counter(each["request_id"] for each in owner.ask("GET", "/requests")["requests"])
    return statuses, records, polls, told, asked


LIMITS = [
    {"rate_limit": None, "max_in_flight": None},
    {"rate_limit": None, "max_in_flight": 10},
    {"rate_limit": Rate(20, 60_000), "max_in_flight": None},
    {"rate_limit": Rate(30, 60_000), "max_in_flight": 10},
    {"rate_limit": None, "max_in_flight": None, "max_predictions": 40},
]


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("limits", LIMITS)
def test_calls_at_once_come_to_the_same_lot_as_calls_in_turn(limits: dict[str, Any]) -> None:
    assert outcomes(at_once, **limits) == outcomes(in_turn, **limits)


@pytest.mark.usefixtures("hurry")
def test_reads_at_once_move_a_prediction_as_far_as_reads_in_turn() -> None:
    def seen(way: Way) -> Counter[str]:
        owner = Owner(rate_limit=None)
        owner.ask("PATCH", "/settings", {"progress": "reads:20"})
        made = owner.created()
        return Counter(way(lambda _: owner.read(made).json["status"], 48))

    assert seen(at_once) == seen(in_turn) == {"processing": 19, "success": 29}


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
def test_ten_workers_at_once_each_in_a_world_of_its_own_live_as_if_alone() -> None:
    lives = {f"worker-{number}": [*STEPS[:number], *STEPS, *STEPS[number:]] * 3 for number in range(10)}

    def live(owner: Owner, world: str) -> list[str]:
        return [take(owner, world, step) for step in lives[world]]

    together = Owner(send=lambda *_: Outcome(200, "", ""))
    with ThreadPoolExecutor(10) as pool:
        answers = dict(zip(lives, pool.map(lambda world: live(together, world), lives), strict=True))

    alone = {world: Owner(send=lambda *_: Outcome(200, "", "")) for world in lives}
    assert answers == {world: live(owner, world) for world, owner in alone.items()}
    assert {each: views(together, each) for each in lives} == {each: views(alone[each], each) for each in lives}


def test_a_create_that_a_reset_overtakes_leaves_nothing_in_the_new_world() -> None:
    owner = Owner()
    before = owner.world()
    owner.ask("POST", "/reset")

    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": HOOK}
    emulator = owner.app.emulator
    made = emulator.create(before, emulator.validate(before, json.dumps(body).encode(), BASE))

    assert owner.read(made.id).status_code == 404
    assert owner.ask("GET", "/predictions")["predictions"] == []
    assert owner.ask("POST", "/clock/advance", {"seconds": 9})["pending"][0]["kind"] == "window"
    assert owner.receiver.received == []


def test_an_attempt_that_a_reset_overtakes_is_not_made_again_in_the_new_world() -> None:
    begun, over = threading.Event(), threading.Event()
    attempts: list[bytes] = []

    def send(_: str, body: bytes, *__: object) -> Outcome:
        attempts.append(body)
        begun.set()
        over.wait(20)
        return Outcome(500, "", "HTTP 500")

    owner = Owner(send=send, webhook_attempts=9, webhook_interval=0.001)
    discarded = owner.world()
    owner.created(webhook_url=HOOK)
    mover = threading.Thread(target=owner.ask, args=("POST", "/clock/advance", {"seconds": 3}))
    mover.start()
    assert begun.wait(20)
    owner.ask("POST", "/reset")
    over.set()
    mover.join(20)

    owner.ask("POST", "/clock/advance", {"seconds": 60})
    assert (len(attempts), discarded.outbox.pending()) == (1, ())
    assert owner.ask("GET", "/deliveries")["deliveries"] == []


def test_a_reset_that_another_overtakes_begins_the_newest_world_anew() -> None:
    owner = Owner()
    first = owner.world()
    owner.ask("POST", "/reset")
    second = owner.world()
    owner.created()

    third = ControlActions(owner.app.emulator, owner.app.dispatcher).reset(first, "all")

    assert (second.is_over, third is owner.world(), third.is_over) == (True, True, False)
    assert owner.ask("GET", "/predictions")["predictions"] == []


@pytest.mark.usefixtures("hurry")
def test_resets_among_creates_at_once_leave_a_world_that_counts_on_without_a_gap() -> None:
    owner = Owner(rate_limit=None, max_in_flight=None)

    def work(number: int) -> None:
        if number % 8 == 7:
            owner.ask("POST", "/reset")
        else:
            owner.created()

    at_once(work, 64)

    numbers = [each["number"] for each in owner.ask("GET", "/predictions")["predictions"]]
    assert numbers == list(range(1, len(numbers) + 1))
