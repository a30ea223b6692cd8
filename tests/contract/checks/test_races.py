from collections import Counter
from collections.abc import Callable
from threading import Event, Lock

import pytest

from eachlabs_contract.checks.races import simultaneously
from eachlabs_contract.history.events import Exchange, Request
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Verdict
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.prediction import Prediction, Status
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow


def faulty(tamper: Callable[[Application], None]) -> WsgiApp:
    application = assemble(Settings(seed=7, log_format="off"))
    tamper(application)
    return application.wsgi


def dawdle() -> None:
    """Give other threads the time that a look into a database takes."""
    Event().wait(0.001)


def cap_is_looked_up_first(application: Application) -> None:
    store, place = application.emulator.store, application.emulator.create

    def wrong(world: World, order: ValidCreate) -> Prediction:
        now = world.clock.now()
        running = sum(each.ends_at is not None and each.ends_at > now for each in store.running(world.name))
        dawdle()
        if running >= 10:
            raise ApiError("too_many_in_flight", "Ten are in flight.", wait=1000)
        return place(world, order)

    application.emulator.create = wrong  # type: ignore[method-assign]
    add = store.add
    store.add = lambda prediction, cap: add(prediction, None)  # type: ignore[method-assign]  # noqa: ARG005  # its signature


def window_is_looked_up_first(application: Application) -> None:
    passed = Counter[object]()

    def wrong(world: World, *, creating: bool) -> None:  # noqa: ARG001  # the signature of what it stands for
        minute = world, world.clock.now()
        before = passed[minute]
        dawdle()
        if before >= 100 and world.settings.rate:
            raise ApiError("rate_limited", "A hundred have passed.", wait=1000)
        passed[minute] = before + 1

    application.emulator.admit = wrong  # type: ignore[method-assign]


def window_counts_what_it_refuses(application: Application) -> None:
    """In a crowd it miscounts: whoever is refused takes a place from those who come later."""
    admit, busy = application.emulator.admit, Lock()

    def wrong(world: World, *, creating: bool) -> None:
        admit(world, creating=creating)
        if not busy.acquire(blocking=False):
            raise ApiError("rate_limited", "Too busy.", wait=1000)
        dawdle()
        busy.release()

    application.emulator.admit = wrong  # type: ignore[method-assign]


def simultaneous_creates_are_one(application: Application) -> None:
    place, busy, latest = application.emulator.create, Lock(), dict[World, Prediction]()

    def wrong(world: World, order: ValidCreate) -> Prediction:
        if not busy.acquire(blocking=False) and world in latest:
            return latest[world]
        latest[world] = place(world, order)
        dawdle()
        if busy.locked():
            busy.release()
        return latest[world]

    application.emulator.create = wrong  # type: ignore[method-assign]


def every_read_draws_an_output(application: Application) -> None:
    read, reads = application.emulator.read, Counter[str]()

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        prediction, status = read(world, prediction_id)
        reads[prediction_id] += 1
        return prediction._replace(outputs=(f"{reads[prediction_id]}.webp",)), status

    application.emulator.read = wrong  # type: ignore[method-assign]


@pytest.mark.parametrize("claim", ["races.cap", "races.last-slot", "races.window", "races.ids", "races.reads"])
def test_emulator_holds_in_a_crowd(claim: str) -> None:
    assert judged(claim, app=emulator())[claim].verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("tamper", "claim", "expected"),
    [
        (cap_is_looked_up_first, "races.cap", "at most 10 of 32 simultaneous creates answered 200"),
        (cap_is_looked_up_first, "races.last-slot", "at most 1 of 16 simultaneous creates answered 200"),
        (window_is_looked_up_first, "races.window", "at most 100 of 120 simultaneous reads answered 200"),
        (window_counts_what_it_refuses, "races.window", "100 reads answered 200: "),
        (simultaneous_creates_are_one, "races.ids", "96 different ids"),
        (every_read_draws_an_output, "races.reads", "the same as a simultaneous read"),
    ],
)
def test_race_is_found(tamper: Callable[[Application], None], claim: str, expected: str) -> None:
    finding = judged(claim, app=faulty(tamper))[claim]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected.startswith(expected)


def test_simultaneous_answers_come_in_the_order_of_their_questions() -> None:
    def asking(number: int) -> Callable[[], Exchange]:
        return lambda: Exchange("owner", Request("GET", f"/{number}"), None, 0)

    answers = simultaneously([asking(number) for number in range(20)])

    assert [each.request.path for each in answers] == [f"/{number}" for number in range(20)]
