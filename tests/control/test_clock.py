"""The clock of a world, as its owner steers it: event by event, with receivers that call back, never back in time."""

from collections.abc import Mapping

import orjson
import pytest

from eachlabs_mock.core.clock import WorldClock
from eachlabs_mock.core.limits import Rate
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import KEY, START, Receiver
from helpers.owner import FAIL, HOOK, PATIENCE, STUCK, Owner

FAILED = Outcome(500, "", "HTTP 500")


def test_a_new_world_shows_its_time_and_waits_for_nothing() -> None:
    assert Owner().ask("GET", "/clock") == {
        "mode": "manual",
        "speed": 1.0,
        "now": "2026-02-05T00:00:00.000Z",
        "now_ms": START,
        "pending": [],
    }


def test_everything_that_is_to_come_is_shown_in_order() -> None:
    owner = Owner(output_expiry=3_600.0)
    made = owner.created(webhook_url=HOOK)

    assert owner.ask("GET", "/clock")["pending"] == [
        {"at": "2026-02-05T00:00:02.500Z", "in_seconds": 2.5, "kind": "status", "prediction_id": made},
        {"at": "2026-02-05T00:00:02.500Z", "in_seconds": 2.5, "kind": "webhook", "prediction_id": made},
        {"at": "2026-02-05T00:01:00.000Z", "in_seconds": 60.0, "kind": "window", "prediction_id": ""},
        {"at": "2026-02-05T01:00:02.500Z", "in_seconds": 3602.5, "kind": "expiry", "prediction_id": made},
    ]


@pytest.mark.parametrize(
    ("settings", "headers", "kinds"),
    [
        ({"rate_limit": None}, {}, ["status"]),
        ({"rate_limit": None}, STUCK, []),
        ({"rate_limit": None, "output_expiry": 9.0}, FAIL, ["status"]),
        ({"count": "creates"}, {}, ["status", "window"]),
    ],
)
def test_what_will_never_happen_is_not_shown(
    settings: dict[str, object], headers: dict[str, str], kinds: list[str]
) -> None:
    owner = Owner(**settings)
    owner.created(headers=headers)

    assert [kind for kind, _ in owner.pending()] == kinds


def test_no_more_than_a_hundred_events_are_shown() -> None:
    owner = Owner(max_in_flight=None, rate_limit=None)
    for _ in range(101):
        owner.created()

    assert len(owner.pending()) == 100


def test_a_prediction_of_17_seconds_ends_paid_and_told_after_17_seconds_and_nobody_slept() -> None:
    owner = Owner()
    owner.ask("PATCH", "/settings", {"duration": 17})
    made = owner.created(webhook_url=HOOK)

    after = owner.ask("POST", "/clock/advance", {"seconds": 17})

    assert (after["now"], owner.read(made).json["status"]) == ("2026-02-05T00:00:17.000Z", "success")
    assert owner.read(made).json["metrics"] == {"predict_time": 17.0}
    assert [payload["exec_id"] for payload in owner.receiver.payloads] == [made]
    assert owner.ask("GET", "/ledger")["total"] == "0.025"


@pytest.mark.parametrize("seconds", [0, 0.001, 2.499, "2.499"])
def test_the_clock_ends_where_it_was_sent(seconds: float) -> None:
    owner = Owner()

    assert owner.ask("POST", "/clock/advance", {"seconds": seconds})["now_ms"] == START + round(float(seconds) * 1000)


@pytest.mark.parametrize("seconds", [-1, -0.001, "soon", None, True, [], {}, 1e12, "nan", "inf", "1" * 400])
def test_an_advance_by_no_sane_number_of_seconds_is_refused_and_moves_nothing(seconds: object) -> None:
    owner = Owner()

    refusal = owner.refusal("POST", "/clock/advance", {"seconds": seconds})

    assert refusal["field"] == "seconds"
    assert "must be a number from 0 to 316224000" in refusal["detail"]
    assert owner.seconds() == 0


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "The body is not valid JSON"),
        (b'"\xff"', "The body is not valid JSON"),
        (b"[]", "The body must be a JSON object."),
        (b"17", "The body must be a JSON object."),
        (b'{"second": 1}', "Unknown field 'second'; known fields: seconds"),
        (b"{}", "seconds: must be a number"),
        (b"", "seconds: must be a number"),
    ],
)
def test_a_body_that_is_none_is_refused_and_told_what_would_do(body: bytes, detail: str) -> None:
    assert detail in Owner().refusal("POST", "/clock/advance", body)["detail"]


def test_a_call_without_fields_lists_none() -> None:
    assert "known fields: none" in Owner().refusal("POST", "/clock/next", {"seconds": 1})["detail"]


class CallingBack(Receiver):
    """A receiver that calls the emulator's control plane while it is being told."""

    owner: Owner
    answers: list[int]
    calls: list[tuple[str, str, object]]

    def send(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Outcome:
        for call in self.calls:
            self.answers.append(self.owner.ask(*call)["now_ms"] - START)
        return super().send(url, body, headers, seconds)


def calling_back(*calls: tuple[str, str, object], **settings: object) -> tuple[Owner, CallingBack]:
    receiver = CallingBack()
    receiver.answers, receiver.calls = [], list(calls)
    receiver.owner = Owner(send=receiver.send, **settings)
    return receiver.owner, receiver


def test_during_a_delivery_now_is_the_instant_of_its_event() -> None:
    owner, receiver = calling_back(("GET", "/clock", None))
    for duration in (1, 3, 2):
        owner.ask("PATCH", "/settings", {"duration": duration})
        owner.created(webhook_url=HOOK)

    owner.ask("POST", "/clock/advance", {"seconds": 60})

    assert receiver.answers == [1_000, 2_000, 3_000]


def test_a_receiver_may_advance_the_clock_that_called_it() -> None:
    owner, receiver = calling_back(("POST", "/clock/advance", {"seconds": 5}))
    owner.created(webhook_url=HOOK)

    after = owner.ask("POST", "/clock/advance", {"seconds": 3})

    assert (receiver.answers, after["now_ms"]) == ([7_500], START + 7_500)


def test_a_receiver_may_create_and_what_it_creates_is_told_in_the_same_advance() -> None:
    ends: list[float] = []

    def chained(_: str, body: bytes, *__: object) -> Outcome:
        assert orjson.loads(body)["status"] == "succeeded"
        ends.append(owner.seconds())
        if len(ends) < 3:
            owner.created(webhook_url=HOOK)
        return Outcome(200, "", "")

    owner = Owner(send=chained)
    owner.created(webhook_url=HOOK)

    owner.ask("POST", "/clock/advance", {"seconds": 60})

    assert ends == [2.5, 5, 7.5]


@pytest.mark.parametrize(
    ("settings", "stops"),
    [
        ({"rate_limit": None}, [2.5]),
        ({"rate_limit": Rate(100, 60_000)}, [2.5, 60]),
        ({"rate_limit": None, "output_expiry": 40.0}, [2.5, 42.5]),
        ({"rate_limit": None, "webhook_attempts": 3}, [2.5, 12.5, 22.5]),
        (
            {"rate_limit": Rate(1, 60_000), "webhook_attempts": 2, "webhook_interval": 100.0, "output_expiry": 10.0},
            [2.5, 12.5, 60, 102.5],
        ),
        ({"rate_limit": Rate(100, 11_000), "window": "fixed"}, [2, 2.5]),  # the start is 9 s into such a window
    ],
)
def test_next_goes_from_event_to_event_and_then_nowhere(settings: dict[str, object], stops: list[float]) -> None:
    owner = Owner(send=lambda *_: FAILED, **settings)
    owner.created(webhook_url=HOOK)

    seen = [owner.ask("POST", "/clock/next")["now_ms"] - START for _ in range(len(stops) + 2)]

    assert [each / 1000 for each in seen] == [*stops, stops[-1], stops[-1]]


def test_next_stops_where_each_counted_request_leaves_the_window() -> None:
    owner = Owner()
    for _ in range(3):
        owner.read("nothing")
        owner.ask("POST", "/clock/advance", {"seconds": 25})

    stops = [owner.ask("POST", "/clock/next")["now_ms"] - START for _ in range(3)]

    assert stops == [85_000, 110_000, 110_000]


def test_next_frees_the_slot_that_was_missing() -> None:
    owner = Owner(max_in_flight=1)
    owner.created()
    refused = owner.create().status_code

    owner.ask("POST", "/clock/next")

    assert (refused, owner.create().status_code) == (429, 200)


def test_next_without_anything_pending_stays() -> None:
    assert Owner().ask("POST", "/clock/next", {})["now_ms"] == START


def test_next_sends_what_is_due_already() -> None:
    owner = Owner()
    owner.ask("PATCH", "/settings", {"progress": "immediate"})
    owner.created(webhook_url=HOOK)

    after = owner.ask("POST", "/clock/next")

    assert (after["now_ms"], len(owner.receiver.received)) == (START, 1)


@pytest.mark.parametrize(
    ("body", "mode", "speed"),
    [
        ({"mode": "real"}, "real", 1.0),
        ({"mode": "scaled", "speed": 10}, "scaled", 10.0),
        ({"mode": "manual"}, "manual", 1.0),
        ({"mode": "auto"}, "auto", 1.0),
    ],
)
def test_a_clock_goes_on_from_where_it_is_in_another_mode(body: dict[str, object], mode: str, speed: float) -> None:
    owner = Owner()
    owner.ask("POST", "/clock/advance", {"seconds": 100})

    shown = owner.ask("PUT", "/clock", body)

    assert (shown["mode"], shown["speed"]) == (mode, speed)
    assert START + 100_000 <= shown["now_ms"] <= START + 200_000


@pytest.mark.parametrize("mode", ["Real", "frozen", "", None, 5, ["real"], {}])
def test_an_unknown_clock_mode_is_refused_with_those_there_are(mode: object) -> None:
    owner = Owner()

    refusal = owner.refusal("PUT", "/clock", {"mode": mode})

    assert refusal["field"] == "mode"
    assert "must be one of real, scaled, manual, auto" in refusal["detail"]
    assert owner.world().clock.mode == "manual"


@pytest.mark.parametrize("speed", [0, -1, 100_001, "fast"])
def test_a_speed_out_of_bounds_is_refused_and_the_mode_stays(speed: object) -> None:
    owner = Owner()

    refusal = owner.refusal("PUT", "/clock", {"mode": "scaled", "speed": speed})

    assert refusal["field"] == "speed"
    assert "from 0.001 to 100000" in refusal["detail"]
    assert owner.world().clock.mode == "manual"


@pytest.mark.parametrize("mode", ["real", "manual", "auto"])
def test_a_speed_for_a_clock_that_has_none_is_refused_and_the_world_stays(mode: str) -> None:
    owner = Owner()
    before = owner.ask("GET", "/state")

    refusal = owner.refusal("PUT", "/clock", {"mode": mode, "speed": 5})

    assert refusal["field"] == "speed"
    assert refusal["detail"] == f"speed: only the mode 'scaled' has a speed; with {mode!r} leave it out or send 1."
    assert owner.ask("GET", "/state") == before


def test_a_clock_that_was_shown_can_be_sent_back() -> None:
    owner = Owner()
    shown = owner.ask("GET", "/clock")

    assert owner.ask("PUT", "/clock", {"mode": shown["mode"], "speed": shown["speed"]}) == shown


def test_a_clock_that_begins_to_run_sends_what_falls_due_on_its_way() -> None:
    owner = Owner()
    owner.created(webhook_url=HOOK)
    owner.app.dispatcher.start()

    owner.ask("PUT", "/clock", {"mode": "scaled", "speed": 100_000})

    seen = owner.ask("POST", "/deliveries/wait", {"timeout": PATIENCE})
    owner.app.dispatcher.stop()
    assert seen["deliveries"][0]["attempts"][0]["created_at"] >= "2026-02-05T00:00:02.500Z"


def test_a_clock_that_runs_can_be_advanced_all_the_same() -> None:
    owner = Owner()
    owner.created(webhook_url=HOOK)
    owner.ask("PUT", "/clock", {"mode": "scaled", "speed": 100_000})  # it runs past every instant it is sent to

    for _ in range(20):
        owner.ask("POST", "/clock/advance", {"seconds": 0})
    owner.ask("POST", "/clock/advance", {"seconds": 3})

    assert owner.seconds() >= 3
    assert len(owner.receiver.received) == 1


def test_the_clock_is_the_worlds_own() -> None:
    owner = Owner()

    owner.ask("POST", "/clock/advance", {"seconds": 9}, **{"X-Mock-World": "other"})

    assert (owner.seconds(), isinstance(owner.world(KEY).clock, WorldClock)) == (0, True)
