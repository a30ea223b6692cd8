from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from eachlabs_contract.checks.stateful import agree_with_the_model
from eachlabs_contract.checks.stateful.comparison import statuses
from eachlabs_contract.checks.stateful.reference_model import ModelPrediction, ReferenceModel
from eachlabs_contract.checks.stateful.strategies import strategies_for
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec import model as models
from eachlabs_contract.spec.lifecycle import Status
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.verdict import Verdict
from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core.clock import Instant
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.prediction import Prediction
from eachlabs_mock.core.prediction import Status as Stand
from eachlabs_mock.emulator.outbox import PendingAttempt
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

AGREE, WITHIN = "lives.agree-with-the-model", "lives.within-limits"
YES, NO = frozenset({True}), frozenset({False})
EITHER = YES | NO


def faulty(tamper: Callable[[Application], None]) -> WsgiApp:
    application = assemble(Settings(seed=7, log_format="off"))
    tamper(application)
    return application.wsgi


def test_prediction_runs_until_the_very_millisecond_of_its_end() -> None:
    model = ReferenceModel(predictions={"a": ModelPrediction("owner", 0), "b": ModelPrediction("owner", 0, fails=True)})

    model.now = 16_999
    before = model.status("a"), model.status("b")
    model.now = 17_000
    after = model.status("a"), model.status("b")

    assert (before, after) == ((Status.PROCESSING, Status.PROCESSING), (Status.SUCCESS, Status.ERROR))


@pytest.mark.parametrize(
    ("counted", "uncertain", "slides", "now", "passes"),
    [
        (99, 0, True, 0, YES),
        (100, 0, True, 0, NO),
        (99, 1, True, 0, EITHER),
        (100, 0, True, 59_999, NO),
        (100, 0, True, 60_000, EITHER),
        (100, 0, True, 60_001, YES),
        (100, 0, False, 0, NO),
        (100, 0, False, 1, EITHER),
        (100, 0, False, 60_001, YES),
    ],
)
def test_window_is_judged_as_every_reading_of_the_page_has_it(
    *, counted: int, uncertain: int, slides: bool, now: int, passes: frozenset[bool]
) -> None:
    model = ReferenceModel(limited=True, slides=slides)
    for number in range(counted + uncertain):
        model.count("owner", sure=number < counted)

    model.now = now

    assert model.passes("owner") == passes
    assert model.passes("second") == YES


def test_without_limits_everything_passes() -> None:
    model = ReferenceModel(predictions={str(number): ModelPrediction("owner", 0) for number in range(50)})
    for _ in range(500):
        model.count("owner", sure=True)

    assert (model.passes("owner"), model.takes("owner")) == (YES, YES)


@pytest.mark.parametrize(("now", "takes"), [(16_999, NO), (17_000, YES)])
def test_slot_is_free_from_the_millisecond_of_the_end(now: int, takes: frozenset[bool]) -> None:
    model = ReferenceModel(
        limited=True, now=now, predictions={str(number): ModelPrediction("owner", 0) for number in range(10)}
    )

    assert model.takes("owner") == takes
    assert model.takes("second") == YES


def test_webhook_is_due_from_the_end_where_one_is_wanted() -> None:
    model = ReferenceModel(
        predictions={
            "a": ModelPrediction("owner", 0, hook="/a"),
            "b": ModelPrediction("owner", 1, hook="/b"),
            "c": ModelPrediction("owner", 0),
        }
    )

    model.now = 17_000

    assert model.due() == {"/a": "a"}


@pytest.mark.parametrize(
    ("limited", "events"), [(False, [17_000, 18_000, None]), (True, [17_000, 18_000, 60_500, None])]
)
def test_next_event_is_an_end_or_a_request_that_leaves_the_minute(*, limited: bool, events: list[int | None]) -> None:
    model = ReferenceModel(
        limited=limited, now=500, predictions={"a": ModelPrediction("owner", 0), "b": ModelPrediction("owner", 1_000)}
    )
    model.count("owner", sure=True)

    seen = []
    for _ in events:
        seen.append(at := model.next_event())
        model.now = at or model.now

    assert seen == events


@pytest.mark.parametrize(
    ("passes", "lawful"), [(YES, {200}), (NO, {429}), (EITHER, {200, 429}), (frozenset[bool](), set[int]())]
)
def test_lawful_statuses_follow_from_what_may_pass(passes: frozenset[bool], lawful: set[int]) -> None:
    assert statuses(passes, {200}) == lawful


@given(st.data())
def test_good_inputs_hold_what_is_required_and_nothing_that_is_disputed(data: st.DataObject) -> None:
    content = data.draw(strategies_for(models.load_model()).good)

    assert content["prompt"].strip()
    assert 0 <= content.get("seed", 0) <= 2**31


@pytest.mark.parametrize("claim", [AGREE, WITHIN])
def test_emulator_agrees_with_the_model(claim: str) -> None:
    finding = judged(claim, seed=1)[claim]

    assert (finding.verdict, finding.expected) == (Verdict.HOLDS, "")


def test_lawful_kind_of_limit_agrees_with_the_model() -> None:
    another = emulator(window="fixed", count_refused=True, retry_after=False)

    assert judged(WITHIN, app=another, seed=2)[WITHIN].verdict is Verdict.HOLDS


def ends_with_the_oldest(application: Application) -> None:
    """Once one has ended, all have."""
    read, store = application.emulator.read, application.emulator.store

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Stand]:
        prediction, status = read(world, prediction_id)
        now = world.clock.now()
        over = any(each.ends_at is not None and each.ends_at <= now for each in store.of_world(world.name))
        return prediction, Stand.SUCCESS if over and status is Stand.PROCESSING else status

    application.emulator.read = wrong  # type: ignore[method-assign]


def webhooks_come_a_millisecond_early(application: Application) -> None:
    put = application.dispatcher._put

    def wrong(world: World, at: Instant, due: PendingAttempt) -> None:
        put(world, at - 1, due)

    application.dispatcher._put = wrong  # type: ignore[method-assign]


def webhooks_are_lost(application: Application) -> None:
    expect = application.dispatcher.expect

    def wrong(world: World, prediction: Prediction) -> None:
        if prediction.ordinal % 3:
            expect(world, prediction)

    application.dispatcher.expect = wrong  # type: ignore[method-assign]


def one_slot_more(application: Application) -> None:
    add = application.emulator.store.add
    application.emulator.store.add = lambda prediction, cap: add(prediction, cap and cap + 1)  # type: ignore[method-assign]


def window_of(**changes: Any) -> Callable[[Application], None]:
    def tamper(application: Application) -> None:
        store, admit = application.emulator.store, application.emulator.store.admit

        def wrong(world: str, now: Instant, rate: Rate | None, **more: Any) -> int:
            return admit(world, now, rate and replace(rate, **changes), **more)

        store.admit = wrong  # type: ignore[method-assign]

    return tamper


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (ends_with_the_oldest, AGREE),
        (webhooks_come_a_millisecond_early, AGREE),
        (webhooks_are_lost, AGREE),
        (one_slot_more, WITHIN),
        (window_of(limit=99), WITHIN),
        (window_of(limit=101), WITHIN),
        (window_of(period=61_000), WITHIN),
    ],
)
def test_defect_is_met_in_some_life(tamper: Callable[[Application], None], claim: str) -> None:
    finding = judged(claim, app=faulty(tamper))[claim]

    assert finding.verdict is Verdict.BROKEN
    assert finding.expected
    assert 1 < len(finding.evidence) <= 21


def test_violation_tells_its_story_and_ends_with_the_violation() -> None:
    finding = judged(AGREE, app=faulty(ends_with_the_oldest))[AGREE]

    last = finding.evidence[-1]
    assert finding.expected.startswith("`status` 'processing', since it takes 17 s and was created ")
    assert last.request.method == "GET"
    assert finding.got.startswith('200 {"status":"success"')
    assert any(each.request.method == "POST" for each in finding.evidence)


def test_same_seed_tells_the_same_story() -> None:
    first, second = (judged(AGREE, app=faulty(ends_with_the_oldest), seed=3)[AGREE] for _ in range(2))

    assert first.expected == second.expected


def unsettled(fails: Callable[[int], bool]) -> WsgiApp:
    """An emulator that answers some of its requests, told by their number, with 503."""
    sound, count = emulator(), [0]

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/v1/"):
            count[0] += 1
            if fails(count[0]):
                return Response("Later.", 503)(environ, start_response)
        return sound(environ, start_response)

    return app


def test_server_that_stumbles_all_the_time_is_no_violation_but_untried() -> None:
    finding = judged(AGREE, app=unsettled(lambda number: number % 2 == 1))[AGREE]

    assert finding.verdict is Verdict.NOT_EXERCISED


def test_life_that_was_disturbed_says_nothing_and_the_others_do() -> None:
    finding = judged(AGREE, app=unsettled(lambda number: number % 97 == 0))[AGREE]

    assert finding.verdict is Verdict.HOLDS


def wrong_once(application: Application) -> None:
    read, reads = application.emulator.read, [0]

    def wrong(world: World, prediction_id: str) -> tuple[Prediction, Stand]:
        prediction, status = read(world, prediction_id)
        reads[0] += 1
        return prediction, Stand.SUCCESS if reads[0] == 50 else status

    application.emulator.read = wrong  # type: ignore[method-assign]


def test_violation_that_does_not_come_again_is_told_all_the_same() -> None:
    finding = judged(AGREE, app=faulty(wrong_once))[AGREE]

    assert finding.verdict is Verdict.BROKEN


def test_thorough_run_shortens_the_story() -> None:
    def nothing_ever_runs(application: Application) -> None:
        read = application.emulator.read
        application.emulator.read = lambda *given: (read(*given)[0], Stand.SUCCESS)  # type: ignore[method-assign]

    with in_process(faulty(nothing_ever_runs)) as target:
        (finding,) = Runner(target, [agree_with_the_model], thorough=True).run()

    assert [each.request.method for each in finding.evidence] == ["POST", "POST", "GET"]
