"""The dispatcher: what is sent, when and how often, and that no receiver delays another. Receivers are functions."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eachlabs_mock.core.clock import WorldClock
from eachlabs_mock.core.prediction import Prediction, Status, after_read
from eachlabs_mock.emulator.outbox import Attempt, Delivery, PendingAttempt
from eachlabs_mock.emulator.world import World
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.webhooks.dispatcher import WebhookDispatcher
from eachlabs_mock.webhooks.egress import Outcome
from eachlabs_mock.webhooks.worker_pool import WorkerPool
from eachlabs_mock.wire import page
from helpers.records import START, ending, endless, record

HOOK = "http://127.0.0.1:9000/hook"
ACCEPTED = Outcome(200, "thanks", "")
FAILED = Outcome(500, "", "HTTP 500")
FEWER = settings(max_examples=settings().max_examples // 4)
"""For properties that start threads."""

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""

Answer = Callable[[str], Outcome]
"""What a receiver answers to the webhook of a prediction, by its id."""


def wanting(number: int = 1, **facts: Any) -> Prediction:
    """A prediction that wants a webhook."""
    return record(number, webhook_url=HOOK, **facts)


def retrying(attempts: int, interval: float) -> Settings:
    return Settings(webhook_attempts=attempts, webhook_interval=interval)


@dataclass
class Post:
    """A dispatcher, one world, and all that was sent: (instant, id), in order."""

    answer: Answer = lambda _: ACCEPTED
    settings: Settings = field(default_factory=Settings)
    clock: WorldClock = field(default_factory=lambda: WorldClock("manual", start=START))
    sent: list[tuple[int, str]] = field(default_factory=list)
    calls: list[tuple[str, bytes, Mapping[str, str], float]] = field(default_factory=list)
    reports: list[tuple[World, Delivery, Attempt]] = field(default_factory=list)
    forewarned: list[str] = field(default_factory=list)
    reported: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    has_forewarned: threading.Event = field(default_factory=threading.Event)
    most: int = 512
    most_waiting: int = 10_000

    def __post_init__(self) -> None:
        self.world = World("w", 7, self.clock, self.settings)
        workers = WorkerPool("webhook", self.most, self.most_waiting)
        self.dispatcher = WebhookDispatcher(page, self.send, self.report, self.forewarn, workers)

    def send(self, url: str, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        prediction_id = orjson.loads(body)["exec_id"]
        self.sent.append((self.clock.now(), prediction_id))
        self.calls.append((url, body, headers, real_seconds))
        return self.answer(prediction_id)

    def report(self, world: World, delivery: Delivery, attempt: Attempt) -> None:
        self.reports.append((world, delivery, attempt))
        self.reported.release()

    def forewarn(self, _: World, prediction: Prediction) -> None:
        self.forewarned.append(prediction.id)
        self.has_forewarned.set()

    def expect(self, *predictions: Prediction) -> None:
        for prediction in predictions:
            self.dispatcher.expect(self.world, prediction)

    def advance(self, to: int) -> None:
        self.dispatcher.advance(self.world, to)

    def await_reports(self, number: int) -> None:
        for _ in range(number):
            assert self.reported.acquire(timeout=PATIENCE)

    @property
    def instants(self) -> list[int]:
        """When something was sent, in milliseconds from the start."""
        return [at - START for at, _ in self.sent]

    @property
    def known(self) -> dict[str, tuple[Attempt, ...]]:
        return {each.prediction_id: each.attempts for each in self.world.outbox.deliveries()}


@pytest.fixture
def running() -> Iterator[Callable[..., Post]]:
    """Makes posts whose dispatcher runs by itself."""
    posts: list[Post] = []

    def make(**facts: Any) -> Post:
        posts.append(Post(**{"clock": WorldClock("scaled", 1_000), **facts}))
        posts[-1].dispatcher.start()
        return posts[-1]

    yield make
    for post in posts:
        post.dispatcher.stop()


def ending_soon(post: Post, number: int = 1, after: int = 2_500) -> Prediction:
    return wanting(number, created_at=post.clock.now(), plan=ending(after))


@pytest.mark.parametrize(("passed", "sent"), [(0, []), (2_499, []), (2_500, [2_500]), (9_999, [2_500])])
def test_a_webhook_goes_out_the_instant_its_prediction_ends(passed: int, sent: list[int]) -> None:
    post = Post()
    post.expect(wanting())

    post.advance(START + passed)

    assert post.instants == sent


def test_a_webhook_goes_out_once() -> None:
    post = Post()
    post.expect(wanting())

    for to in (2_500, 2_500, 5_000):
        post.advance(START + to)

    assert len(post.sent) == 1


def test_a_prediction_that_ended_at_once_is_told_without_waiting() -> None:
    post = Post()
    post.expect(wanting(plan=ending(0)))

    post.advance(START)

    assert post.instants == [0]


def test_a_webhook_that_is_overdue_goes_out_now_and_no_clock_goes_back() -> None:
    post = Post(clock=WorldClock("manual", start=START + 9_000))
    post.expect(wanting())

    post.advance(START + 9_001)

    assert post.instants == [9_000]


@pytest.mark.parametrize("prediction", [record(), wanting(plan=endless()), wanting(plan=ending(5, unit="reads"))])
def test_no_webhook_goes_out_where_none_is_wanted_or_nothing_ends(prediction: Prediction) -> None:
    post = Post()
    post.expect(prediction)

    post.advance(START + 10**9)

    assert (post.sent, post.forewarned) == ([], [])


def test_a_prediction_counted_in_reads_is_told_when_it_was_read_to_its_end() -> None:
    post = Post()
    read = after_read(wanting(plan=ending(1, unit="reads")), START + 70)
    post.expect(read)

    post.advance(START + 100)

    assert post.instants == [70]


@pytest.mark.parametrize(
    ("end", "payload"),
    [
        (
            Status.SUCCESS,
            {"error": "", "output": f"http://127.0.0.1:8780/outputs/{record().id}.webp", "status": "succeeded"},
        ),
        (Status.ERROR, {"error": "Prediction failed", "output": "", "status": "failed"}),
    ],
)
def test_the_payload_is_that_of_the_page(end: Status, payload: dict[str, str]) -> None:
    post = Post()
    post.expect(wanting(plan=ending(1, end)))

    post.advance(START + 1)

    [(url, body, headers, real_seconds)] = post.calls
    assert orjson.loads(body) == {**payload, "exec_id": record().id, "flow_id": ""}
    assert (url, headers["Content-Type"], real_seconds) == (HOOK, "application/json", 30)


def test_an_attempt_is_recorded_and_then_reported() -> None:
    post = Post()
    post.expect(wanting())

    post.advance(START + 2_500)

    attempt = Attempt(START + 2_500, accepted=True, status_code=200, response="thanks", error="")
    [(world, delivery, reported)] = post.reports
    assert (world, delivery.prediction_id, reported) == (post.world, record().id, attempt)
    assert post.known == {record().id: (attempt,)}


@pytest.mark.parametrize(("attempts", "instants"), [(1, [2_500]), (3, [2_500, 12_500, 22_500])])
def test_a_webhook_that_fails_is_tried_so_often_and_at_the_interval(attempts: int, instants: list[int]) -> None:
    post = Post(lambda _: FAILED, retrying(attempts, 10))
    post.expect(wanting())

    post.advance(START + 10**6)

    assert post.instants == instants
    assert [attempt.created_at - START for attempt in post.known[record().id]] == instants


def test_a_webhook_is_tried_until_it_is_accepted() -> None:
    outcomes = iter([FAILED, Outcome(None, "", "no answer within 30 s"), ACCEPTED])
    post = Post(lambda _: next(outcomes), retrying(100, 10))
    post.expect(wanting())

    post.advance(START + 10**6)

    assert [attempt.accepted for attempt in post.known[record().id]] == [False, False, True]


@pytest.mark.parametrize("times", range(5))
def test_attempts_without_an_interval_are_over_when_the_clock_has_been_moved(
    running: Callable[..., Post], times: int
) -> None:
    post = running(answer=lambda _: FAILED, settings=retrying(20, 0), clock=WorldClock("manual", start=START))
    post.expect(wanting())

    post.advance(START + 2_500 + times)

    assert len(post.known[record().id]) == 20


def test_attempts_without_an_interval_are_dated_as_time_passes_where_it_does(running: Callable[..., Post]) -> None:
    clock = WorldClock("scaled", 0.001)
    beginning = clock.now()

    def answer(_: str) -> Outcome:
        clock.move_to(clock.now() + 1_000)
        return FAILED

    post = running(answer=answer, settings=retrying(3, 0), clock=clock)
    post.expect(ending_soon(post, after=0))

    post.await_reports(3)
    assert [(each.created_at - beginning) // 1_000 for each in post.known[record().id]] == [0, 1, 2]


def test_a_world_that_is_over_is_told_nothing_more() -> None:
    post = Post(lambda _: post.world.end() or FAILED, retrying(3, 0))
    post.expect(wanting())

    post.advance(START + 10_000)

    assert len(post.sent) == 1


def test_deliveries_of_one_instant_are_numbered_by_order_of_creation_whoever_answers_first() -> None:
    later = threading.Event()

    def answer(prediction_id: str) -> Outcome:
        if prediction_id == record(1).id:
            later.wait(PATIENCE)
        else:
            later.set()
        return ACCEPTED

    post = Post(answer)
    post.expect(wanting(2), wanting(1))

    post.advance(START + 2_500)

    numbered = [(each.number, each.prediction_id) for each in post.world.outbox.deliveries()]
    assert numbered == [(1, record(1).id), (2, record(2).id)]


def test_attempts_without_an_interval_all_go_out_at_one_instant() -> None:
    post = Post(lambda _: FAILED, retrying(3, 0))
    post.expect(wanting())

    post.advance(START + 2_500)

    assert post.instants == [2_500, 2_500, 2_500]


LIVES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), max_size=6)
"""For each prediction: milliseconds until it ends, and how many attempts fail."""


def history(lives: list[tuple[int, int]], stops: list[int]) -> tuple[Counter[tuple[int, str]], dict[str, Any]]:
    """Return what is sent and recorded when the clock is moved from stop to stop."""
    left = Counter({record(number).id: failures for number, (_, failures) in enumerate(lives)})

    def answer(prediction_id: str) -> Outcome:
        left[prediction_id] -= 1
        return FAILED if left[prediction_id] >= 0 else ACCEPTED

    post = Post(answer, retrying(3, 0.02))
    post.expect(*(wanting(number, plan=ending(takes)) for number, (takes, _) in enumerate(lives)))
    for stop in stops:
        post.advance(START + stop)
    return Counter(post.sent), post.known


@FEWER
@given(LIVES, st.lists(st.integers(0, 120), max_size=3))
def test_it_makes_no_difference_in_how_many_moves_time_passes(lives: list[tuple[int, int]], cuts: list[int]) -> None:
    assert history(lives, [*sorted(cuts), 120]) == history(lives, [120])


@FEWER
@given(LIVES)
def test_every_attempt_is_made_at_its_instant(lives: list[tuple[int, int]]) -> None:
    expected = Counter(
        (START + takes + 20 * attempt, record(number).id)
        for number, (takes, failures) in enumerate(lives)
        for attempt in range(min(failures + 1, 3))
    )

    assert history(lives, [120])[0] == expected


def test_deliveries_of_one_instant_go_out_together() -> None:
    together = threading.Barrier(3)

    def answer(_: str) -> Outcome:
        together.wait(PATIENCE)  # returns only when all three are being sent
        return ACCEPTED

    post = Post(answer)
    post.expect(*(wanting(number) for number in range(3)))

    post.advance(START + 2_500)

    assert all(attempts[0].accepted for attempts in post.known.values())
    assert not together.broken


def test_a_receiver_may_call_back_and_what_it_begins_is_pumped_too() -> None:
    def answer(prediction_id: str) -> Outcome:
        post.world.outbox.deliveries()
        if prediction_id == record(1).id:
            post.expect(wanting(2, created_at=post.clock.now()))
        return ACCEPTED

    post = Post(answer)
    post.expect(wanting(1))

    post.advance(START + 10_000)

    assert post.instants == [2_500, 5_000]


def test_a_clock_stands_still_during_an_attempt() -> None:
    never = threading.Event()
    shown: list[int] = []

    def answer(_: str) -> Outcome:
        never.wait(0.05)  # time enough for whoever would move the clock
        shown.append(post.clock.now())
        return ACCEPTED

    post = Post(answer)
    post.expect(wanting())

    post.advance(START + 9_000)

    assert shown == [START + 2_500]


def test_a_clock_that_is_advanced_ends_where_it_was_sent() -> None:
    post = Post()
    post.expect(wanting())

    post.advance(START + 7_777)

    assert post.clock.now() == START + 7_777


def test_only_so_many_attempts_are_under_way_at_once() -> None:
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    def answer(_: str) -> Outcome:
        begun.release()
        may_end.acquire(timeout=PATIENCE)
        return ACCEPTED

    post = Post(answer, most=2)
    post.expect(*(wanting(number) for number in range(5)))
    mover = threading.Thread(target=post.advance, args=(START + 2_500,))
    mover.start()

    at_once = [begun.acquire(timeout=wait) for wait in (PATIENCE, PATIENCE, 0.05)]
    may_end.release(5)
    mover.join(PATIENCE)
    assert at_once == [True, True, False]
    assert len(post.sent) == 5


def test_what_too_many_others_wait_before_is_not_sent_and_said_to_be() -> None:
    begun, may_end = threading.Semaphore(0), threading.Event()

    def answer(_: str) -> Outcome:
        begun.release()
        may_end.wait(PATIENCE)
        return ACCEPTED

    post = Post(answer, most=2, most_waiting=1, settings=retrying(3, 10))
    post.expect(*(wanting(number, plan=ending(min(number * 500, 1_500))) for number in range(1, 6)))
    for passed in (500, 1_000):
        post.dispatcher.skip(post.world, START + passed)
        assert begun.acquire(timeout=PATIENCE)  # nobody waits any more

    post.dispatcher.skip(post.world, START + 1_500)

    left_out = Attempt(START + 1_500, False, None, "", "not sent: too many other webhooks are waiting")
    assert list(post.known.values()) == [(left_out,), (left_out,)]
    may_end.set()
    post.await_reports(5)
    assert len(post.sent) == 3


def test_a_webhook_is_forewarned_of_when_it_is_expected() -> None:
    post = Post()

    post.expect(wanting())

    assert post.has_forewarned.wait(PATIENCE)
    assert post.forewarned == [record().id]


def test_a_pump_that_was_not_started_is_not_running() -> None:
    assert not Post().dispatcher.is_running


def test_a_running_pump_sends_what_falls_due_by_itself(running: Callable[..., Post]) -> None:
    post = running()
    prediction = ending_soon(post)

    post.expect(prediction)

    post.await_reports(1)
    assert post.dispatcher.is_running
    assert post.sent[0][0] >= (prediction.ends_at or 0)


def test_what_falls_due_sooner_does_not_wait_for_what_was_expected_first(running: Callable[..., Post]) -> None:
    post = running(clock=WorldClock("scaled", 1))

    post.expect(ending_soon(post, 1, after=10**9), ending_soon(post, 2, after=1))

    post.await_reports(1)
    assert [prediction_id for _, prediction_id in post.sent] == [record(2).id]


def test_worlds_do_not_wait_for_each_other(running: Callable[..., Post]) -> None:
    post = running(clock=WorldClock("scaled", 1))
    fast = World("fast", 7, WorldClock("scaled", 100_000))
    post.expect(ending_soon(post, 1, after=10**9))

    post.dispatcher.expect(fast, wanting(2, created_at=fast.clock.now()))

    post.await_reports(1)
    assert [delivery.prediction_id for _, delivery, _ in post.reports] == [record(2).id]


def test_a_running_pump_tries_again(running: Callable[..., Post]) -> None:
    post = running(answer=lambda _: FAILED, settings=retrying(3, 10))

    post.expect(ending_soon(post))

    post.await_reports(3)
    instants = [attempt.created_at for attempt in post.known[record().id]]
    assert [later - earlier >= 10_000 for earlier, later in pairwise(instants)] == [True, True]


def test_a_receiver_that_hangs_delays_nobody(running: Callable[..., Post]) -> None:
    over = threading.Event()

    def answer(prediction_id: str) -> Outcome:
        if prediction_id == record(1).id:
            over.wait(PATIENCE)
        return ACCEPTED

    post = running(answer=answer)
    post.expect(ending_soon(post, 1, after=1))
    post.expect(*(ending_soon(post, number, after=100) for number in range(2, 12)))

    post.await_reports(10)
    told = {delivery.prediction_id for _, delivery, _ in post.reports}
    over.set()
    post.await_reports(1)
    assert told == {record(number).id for number in range(2, 12)}


def test_a_stopped_pump_sends_nothing_more() -> None:
    post = Post(clock=WorldClock("scaled", 1_000))
    post.dispatcher.start()
    post.expect(ending_soon(post, after=10**9))

    post.dispatcher.stop()

    assert not post.dispatcher.is_running
    assert post.sent == []


def test_a_running_pump_leaves_a_clock_that_stands_still_to_those_who_move_it(running: Callable[..., Post]) -> None:
    post = running(clock=WorldClock("manual", start=START))
    post.expect(wanting(1), wanting(2, plan=ending(0)))

    post.await_reports(1)

    assert [prediction_id for _, prediction_id in post.sent] == [record(2).id]
    assert post.world.outbox.next_at() == START + 2_500


@dataclass
class HastyClock:
    """Says that an instant has come a little before it shows it, as a rounding may."""

    looks: int = 0

    def now(self) -> int:
        self.looks += 1
        return START + (2_499 if self.looks < 5 else 2_500)

    def real_seconds_until(self, _: int) -> float:
        return 0.0


def test_waking_too_early_loses_nothing(running: Callable[..., Post]) -> None:
    post = running(clock=HastyClock())

    post.expect(wanting())

    post.await_reports(1)
    assert len(post.sent) == 1


def test_a_world_is_looked_at_only_so_often_as_it_has_webhooks(running: Callable[..., Post]) -> None:
    post = running()
    looks = 0
    take_due = post.world.outbox.take_due

    def counted(upto: int) -> list[PendingAttempt]:
        nonlocal looks
        looks += 1
        return take_due(upto)

    post.world.outbox.take_due = counted  # type: ignore[method-assign]
    post.expect(*(ending_soon(post, number, after=20_000 + 50 * number) for number in range(200)))

    post.await_reports(200)
    assert looks <= 2 * 200


def test_a_skip_waits_for_no_receiver_and_each_attempt_is_dated_at_its_own_instant() -> None:
    over = threading.Event()

    def answer(_: str) -> Outcome:
        over.wait(PATIENCE)
        return ACCEPTED

    post = Post(answer)
    post.expect(wanting(1, plan=ending(10)), wanting(2, plan=ending(20)))

    post.dispatcher.skip(post.world, START + 70)

    assert (post.clock.now(), post.known) == (START + 70, {})
    over.set()
    post.await_reports(2)
    assert {prediction_id: attempts[0].created_at - START for prediction_id, attempts in post.known.items()} == {
        record(1).id: 10,
        record(2).id: 20,
    }


def test_a_skip_goes_no_further_than_it_was_sent() -> None:
    post = Post()
    post.expect(wanting())

    post.dispatcher.skip(post.world, START + 2_499)

    assert (post.clock.now(), post.instants) == (START + 2_499, [])


@pytest.mark.parametrize("move", ["advance", "skip"])
def test_a_clock_that_has_run_past_an_instant_is_not_moved_back_there(move: str) -> None:
    post = Post(clock=WorldClock("manual", start=START + 9_000))
    post.expect(wanting())

    getattr(post.dispatcher, move)(post.world, START + 3_000)

    post.await_reports(1)
    assert (post.clock.now(), post.instants) == (START + 9_000, [9_000])


def test_a_clock_that_begins_to_run_rings_for_what_it_will_reach(running: Callable[..., Post]) -> None:
    post = running(clock=WorldClock("manual", start=START))
    post.expect(wanting(1), wanting(2))
    post.clock.set_mode("scaled", 100_000)

    post.dispatcher.rearm(post.world)

    post.await_reports(2)
    assert {prediction_id for _, prediction_id in post.sent} == {record(1).id, record(2).id}


@dataclass
class StoppedClock:
    """Ran when it was asked first, and has stood still ever since."""

    runs: bool = True

    def now(self) -> int:
        return START

    def real_seconds_until(self, _: int) -> float | None:
        ran, self.runs = self.runs, False
        return 0.0 if ran else None


def test_a_clock_that_has_stopped_is_left_alone(running: Callable[..., Post]) -> None:
    post = running(clock=StoppedClock())
    post.expect(wanting(1))
    other = World("other", 7, WorldClock("scaled", 100_000))

    post.dispatcher.expect(other, wanting(2, created_at=other.clock.now()))

    post.await_reports(1)
    assert [prediction_id for _, prediction_id in post.sent] == [record(2).id]


def test_what_is_due_is_delivered_on_demand_and_nothing_else() -> None:
    post = Post()
    post.expect(wanting(1, plan=ending(0)), wanting(2))

    post.dispatcher.deliver(post.world)

    post.await_reports(1)
    assert [prediction_id for _, prediction_id in post.sent] == [record(1).id]
    assert post.world.outbox.next_at() == START + 2_500


def test_whoever_listens_is_told_of_each_planned_attempt_and_of_each_move_and_of_another_mode() -> None:
    post = Post(lambda _: FAILED, retrying(2, 10))
    told: list[World] = []
    post.dispatcher.listen(told.append, list)

    post.expect(wanting(1), record(2))
    post.advance(START + 2_500)
    post.dispatcher.rearm(post.world)

    assert told == [post.world] * 4


def test_whoever_waits_in_its_world_hears_of_an_attempt() -> None:
    post = Post()
    post.expect(wanting())
    mover = threading.Thread(target=post.advance, args=(START + 2_500,))

    mover.start()

    assert post.world.notifier.wait(post.world.outbox.deliveries, bool, PATIENCE, PATIENCE)
    mover.join()
