from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.wrappers import Response

from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Finding, Verdict
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.errors import ApiError
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.prediction import Prediction, Status
from eachlabs_mock.emulator.creation import ValidCreate
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

SECOND = 1000


def faulty(tamper: Callable[[Application], None]) -> WsgiApp:
    application = assemble(Settings(seed=7, log_format="off"))
    tamper(application)
    return application.wsgi


def with_rate(**changes: Any) -> Callable[[Application], None]:
    """The window follows another rule than it is told."""

    def tamper(application: Application) -> None:
        store, admit = application.emulator.store, application.emulator.store.admit

        def wrong(world: str, now: Instant, rate: Rate | None, **more: Any) -> int:
            return admit(world, now, rate and replace(rate, **changes), **more)

        store.admit = wrong  # type: ignore[method-assign]

    return tamper


def with_window(wait: Callable[[list[Instant], Instant], int]) -> Callable[[Application], None]:
    """A window of another kind: *wait* may change the list of arrivals, and says how long to wait."""

    def tamper(application: Application) -> None:
        store, forget = application.emulator.store, application.emulator.store.forget
        arrivals: dict[str, list[Instant]] = {}

        def admit(world: str, now: Instant, rate: Rate | None, **_: Any) -> int:
            mine = arrivals.setdefault(world, [])
            if rate is None:
                return 0
            if refused := wait(mine, now):
                return refused
            mine.append(now)
            return 0

        def forget_both(world: str) -> None:
            forget(world)
            arrivals.pop(world, None)

        store.admit, store.forget = admit, forget_both  # type: ignore[method-assign]

    return tamper


def rearmed_by_each_request(arrivals: list[Instant], now: Instant) -> int:
    if arrivals and now - arrivals[-1] >= 60 * SECOND:
        arrivals.clear()
    return 60 * SECOND if len(arrivals) >= 100 else 0


def fixed_from_the_first(arrivals: list[Instant], now: Instant) -> int:
    if arrivals and now - arrivals[0] >= 60 * SECOND:
        arrivals.clear()
    return arrivals[0] + 60 * SECOND - now if len(arrivals) >= 100 else 0


def with_cap(taken: Callable[[Application, Prediction], int]) -> Callable[[Application], None]:
    """Besides those in flight so many more slots are taken."""

    def tamper(application: Application) -> None:
        store, add = application.emulator.store, application.emulator.store.add

        def wrong(prediction: Prediction, cap: int | None) -> int:
            return add(prediction, None if cap is None else cap - taken(application, prediction))

        store.add = wrong  # type: ignore[method-assign]

    return tamper


def ended(application: Application, prediction: Prediction) -> list[Prediction]:
    now = prediction.created_at
    known = application.emulator.store.of_world(prediction.world)
    return [each for each in known if each.ends_at is not None and each.ends_at <= now]


def freed_late(application: Application, prediction: Prediction) -> int:
    now = prediction.created_at
    return sum(each.ends_at is not None and each.ends_at > now - 2 for each in ended(application, prediction))


def freed_by_reads_only(application: Application) -> None:
    read, seen = application.emulator.read, set[str]()

    def remembering(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        prediction, status = read(world, prediction_id)
        if status is not Status.PROCESSING:
            seen.add(prediction_id)
        return prediction, status

    application.emulator.read = remembering  # type: ignore[method-assign]
    with_cap(lambda it, each: sum(other.id not in seen for other in ended(it, each)))(application)


def freed_by_a_read(application: Application) -> None:
    read, seen = application.emulator.read, Counter[str]()

    def remembering(world: World, prediction_id: str) -> tuple[Prediction, Status]:
        prediction, status = read(world, prediction_id)
        seen[world.name] += status is Status.PROCESSING
        return prediction, status

    application.emulator.read = remembering  # type: ignore[method-assign]
    with_cap(lambda _, each: -seen[each.world])(application)


def freed_all_at_once(application: Application) -> None:
    """Nothing counts any more once the oldest has ended."""
    with_cap(lambda it, each: -100 if ended(it, each) else 0)(application)


def takes_slots_when_refused(application: Application) -> None:
    place, refused = application.emulator.create, Counter[str]()

    def remembering(world: World, order: ValidCreate) -> Prediction:
        try:
            return place(world, order)
        except ApiError as error:
            refused[world.name] += error.refusal.status == 429
            raise

    application.emulator.create = remembering  # type: ignore[method-assign]
    with_cap(lambda _, each: refused[each.world])(application)


def counts_webhooks_twice(application: Application) -> None:
    with_cap(lambda it, each: sum(bool(other.webhook_url) for other in it.emulator.store.running(each.world)))(
        application
    )


def waiting(**waits: int) -> WsgiApp:
    """An emulator whose store advises so many milliseconds, whatever is true."""

    def tamper(application: Application) -> None:
        for name, wait in waits.items():
            setattr(application.emulator.store, name, lambda *_, _wait=wait: _wait)

    return faulty(tamper)


def edited(change: Callable[[Response], object]) -> WsgiApp:
    """An emulator whose refusals go out as *change* leaves them."""
    sound = emulator()

    def app(environ: Any, start_response: Any) -> Any:
        response = Response.from_app(sound, environ, buffered=True)
        if response.status_code == 429:
            change(response)
        return response(environ, start_response)

    return app


def advises(value: str) -> WsgiApp:
    return edited(lambda response: response.headers.set("Retry-After", value))


def broken(found: dict[str, Finding]) -> set[str]:
    return {name for name, each in found.items() if each.verdict is Verdict.BROKEN}


def test_the_emulator_keeps_every_limit() -> None:
    found = judged("limits")

    firm = {each.verdict for each in found.values() if each.claim.level is not Level.CHOICE}
    assert firm == {Verdict.HOLDS}


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (with_rate(limit=99), "limits.creates"),
        (with_rate(limit=99), "limits.reads"),
        (with_rate(limit=101), "limits.mixed"),
        (with_rate(period=59 * SECOND), "limits.window-lasts"),
        (with_rate(period=59_800), "limits.window-lasts"),
        (with_rate(period=10 * SECOND), "limits.window-lasts"),
        (with_rate(period=61 * SECOND), "limits.window-ends"),
        (with_rate(limit=1000), "limits.window-bound"),
        (with_rate(period=10**12), "limits.second-caller"),
        (with_window(rearmed_by_each_request), "limits.window-moves"),
        (with_cap(lambda *_: 1), "limits.slots"),
        (with_cap(lambda *_: -1), "limits.slots"),
        (with_cap(lambda *_: -1), "limits.slots-bound"),
        (with_cap(lambda *_: -1), "limits.slots-second-caller"),
        (with_cap(freed_late), "limits.slot-instant"),
        (with_cap(lambda it, each: len(ended(it, each))), "limits.slots-return"),
        (with_cap(lambda it, each: len(ended(it, each))), "limits.slots-return-failed"),
        (freed_by_reads_only, "limits.slots-return"),
        (freed_by_a_read, "limits.slots-while-running"),
        (freed_all_at_once, "limits.slots-one-by-one"),
        (takes_slots_when_refused, "limits.slots-after-cap"),
        (counts_webhooks_twice, "limits.slots-with-webhooks"),
    ],
)
def test_limit_that_is_another_than_documented_is_found(tamper: Callable[[Application], None], claim: str) -> None:
    finding = judged(claim, app=faulty(tamper))[claim]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected.startswith(("200", "429"))


@pytest.mark.parametrize(
    ("app", "claim"),
    [
        (edited(lambda response: response.set_data(b"Too many")), "limits.refusal"),
        (edited(lambda response: response.set_data(b"Too many")), "limits.slots"),
        (advises("soon"), "limits.retry-after-form"),
        (advises("1.5"), "limits.retry-after-form"),
        (advises("1"), "limits.retry-after-window"),
        (advises("1"), "limits.retry-after-slot"),
        (advises("1"), "limits.retry-after-both"),
    ],
)
def test_refusal_that_says_something_else_is_found(app: WsgiApp, claim: str) -> None:
    assert judged(claim, app=app)[claim].verdict is Verdict.BROKEN


def test_refusal_of_a_create_that_takes_a_slot_is_named_with_its_number() -> None:
    finding = judged("limits.slots", app=faulty(with_cap(lambda *_: 1)))["limits.slots"]

    assert finding.expected == "200 for create 10 of 10, since at most 10 predictions are in flight"
    assert finding.got.startswith("429 ")


@pytest.mark.parametrize(
    "app",
    [
        emulator(window="fixed"),
        faulty(with_window(fixed_from_the_first)),
        emulator(count_refused=True),
    ],
    ids=["calendar", "from the first", "refused count"],
)
def test_lawful_kind_of_limit_breaks_nothing(app: WsgiApp) -> None:
    assert broken(judged("limits", app=app)) == set()


@pytest.mark.parametrize(
    ("app", "claim", "observed"),
    [
        (emulator(), "limits.window-kind", "sliding"),
        (emulator(window="fixed"), "limits.window-kind", "fixed: calendar minutes"),
        (
            faulty(with_window(fixed_from_the_first)),
            "limits.window-kind",
            "fixed: a minute begins with its first request",
        ),
        (emulator(), "limits.retry-after", "Retry-After: 17"),
        (emulator(retry_after=False), "limits.retry-after", "no Retry-After is sent"),
        (
            emulator(),
            "limits.retry-after-later",
            "a create passes 17 s after a refusal by the rate limit; a create passes 60 s after a refusal by the cap",
        ),
        (
            waiting(slot_wait=0, window_wait=0),
            "limits.retry-after-later",
            (
                "a create is refused 10 s after a refusal by the rate limit; "
                "a create is refused 17 s after a refusal by the cap"
            ),
        ),
        (
            emulator(retry_after=False),
            "limits.retry-after-later",
            "; ".join(f"a create is refused at once: {limit} names no wait" for limit in ("the rate limit", "the cap")),
        ),
        (emulator(), "limits.count-refused", "they do not count"),
        (emulator(count_refused=True), "limits.count-refused", "they count: 50 requests pass after 50 refusals"),
        (emulator(), "limits.count-bad", "invalid creates count; reads of an unknown id count"),
        (emulator(), "limits.count-unauthorized", "they are not limited"),
    ],
)
def test_choice_about_limits_is_reported(app: WsgiApp, claim: str, observed: str) -> None:
    finding = judged(claim, app=app)[claim]

    assert (finding.verdict, finding.reason) == (Verdict.OBSERVED, observed)


def test_retry_after_that_is_not_sent_is_no_violation_but_untried() -> None:
    firm = [f"limits.retry-after-{each}" for each in ("form", "window", "slot", "both")]
    found = judged(*firm, app=emulator(retry_after=False))

    assert {each.verdict for each in found.values()} == {Verdict.NOT_EXERCISED}


def test_retry_after_may_be_a_date() -> None:
    claim = "limits.retry-after-form"

    assert judged(claim, app=advises("Wed, 21 Oct 2099 07:28:00 GMT"))[claim].verdict is Verdict.HOLDS
