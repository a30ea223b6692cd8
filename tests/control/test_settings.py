"""Settings of one world, changed while it goes on: in force at once, all or none of them, and in no other world."""

from typing import Any

import pytest

from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import UNKNOWN_ID
from helpers.owner import HOOK, Owner

OWN = {
    "duration": 2.5,
    "progress": "time",
    "rate_limit": "100/60",
    "max_in_flight": 10,
    "window": "sliding",
    "count": "all",
    "count_refused": False,
    "retry_after": True,
    "coerce_strings": False,
    "strict_input": False,
    "prompt_faults": True,
    "charge": "success",
    "webhook_attempts": 1,
    "webhook_interval": 10.0,
    "webhook_timeout": 30.0,
    "output_expiry": "off",
}


def changed(**changes: object) -> Owner:
    """Return an emulator of whose world these settings were changed."""
    owner = Owner()
    owner.ask("PATCH", "/settings", changes)
    return owner


def test_the_settings_of_a_world_are_shown_in_the_words_of_their_flags() -> None:
    assert Owner().ask("GET", "/settings") == OWN


def test_a_change_answers_with_all_settings_as_they_are_now() -> None:
    assert Owner().ask("PATCH", "/settings", {"max_in_flight": "off"}) == {**OWN, "max_in_flight": "off"}


def test_no_change_changes_nothing() -> None:
    assert Owner().ask("PATCH", "/settings", {}) == OWN


def test_what_was_shown_can_be_sent_back() -> None:
    odd = {"duration": "realistic", "progress": "reads:3", "rate_limit": "7/12345.678", "output_expiry": 5.25}
    owner = changed(**odd)

    shown = owner.ask("GET", "/settings")

    assert shown == {**OWN, **odd}
    assert owner.ask("PATCH", "/settings", shown) == shown


def test_another_duration_holds_for_what_is_created_from_now_on() -> None:
    owner = Owner()
    owner.created()
    owner.ask("PATCH", "/settings", {"duration": 17})
    owner.created()

    assert [at for kind, at in owner.pending() if kind == "status"] == [2.5, 17]


def test_another_rate_limit_holds_for_the_next_request() -> None:
    owner = Owner()
    owner.read(UNKNOWN_ID)
    owner.ask("PATCH", "/settings", {"rate_limit": "1/60"})
    refused = owner.read(UNKNOWN_ID).status_code
    owner.ask("PATCH", "/settings", {"rate_limit": "off"})

    assert (refused, owner.read(UNKNOWN_ID).status_code) == (429, 404)


def test_another_cap_holds_for_the_next_create() -> None:
    owner = Owner()
    owner.created()
    owner.ask("PATCH", "/settings", {"max_in_flight": 1})
    refused = owner.create().status_code
    owner.ask("PATCH", "/settings", {"max_in_flight": 2})

    assert (refused, owner.create().status_code) == (429, 200)


@pytest.mark.parametrize(("value", "sent"), [(True, ["60"]), ("on", ["60"]), (False, []), ("off", [])])
def test_the_advice_of_a_429_is_switched_on_and_off(value: object, sent: list[str]) -> None:
    owner = changed(rate_limit="1/60", retry_after=value)
    owner.read(UNKNOWN_ID)

    refused = owner.read(UNKNOWN_ID)

    assert (refused.status_code, refused.headers.getlist("Retry-After")) == (429, sent)


@pytest.mark.parametrize(
    ("progress", "seen"),
    [("immediate", ["success", "success"]), ("reads:2", ["processing", "success"]), ("time", ["processing"] * 2)],
)
def test_another_progress_holds_for_what_is_created_from_now_on(progress: str, seen: list[str]) -> None:
    owner = changed(progress=progress)
    made = owner.created()

    assert [owner.read(made).json["status"] for _ in seen] == seen


def test_more_attempts_hold_for_a_webhook_that_is_under_way() -> None:
    owner = Owner(send=lambda *_: Outcome(500, "", "no"))
    owner.created(webhook_url=HOOK)

    owner.ask("PATCH", "/settings", {"webhook_attempts": 3, "webhook_interval": 1})
    owner.ask("POST", "/clock/advance", {"seconds": 60})

    [delivery] = owner.ask("GET", "/deliveries")["deliveries"]
    assert [each["created_at"][17:23] for each in delivery["attempts"]] == ["02.500", "03.500", "04.500"]


def test_another_time_of_charging_holds_at_once() -> None:
    owner = Owner()
    owner.created()
    before = owner.ask("GET", "/ledger")["total"]

    owner.ask("PATCH", "/settings", {"charge": "accept"})

    assert (before, owner.ask("GET", "/ledger")["total"]) == ("0", "0.025")


def test_outputs_expire_from_now_on() -> None:
    owner = Owner()
    made = owner.created()
    owner.ask("POST", "/clock/advance", {"seconds": 10})

    owner.ask("PATCH", "/settings", {"output_expiry": 5})

    assert owner.get(f"/outputs/{made}.webp").status_code == 404


def test_settings_change_in_one_world_only() -> None:
    owner = changed(max_in_flight=1)

    assert owner.ask("GET", "/settings", key="other") == OWN


@pytest.mark.parametrize(
    ("field", "value", "legal"),
    [
        ("duration", "soon", "a number of seconds from 0.001"),
        ("duration", 0, "nor realistic"),
        ("duration", None, "a text such as '2.5'"),
        ("duration", True, "a text such as '2.5'"),
        ("progress", "reads:0", "not one of: time, immediate, reads:N"),
        ("rate_limit", "100", "N/SECONDS (N from 1, SECONDS from 0.001 to 86400), such as 100/60, nor off"),
        ("rate_limit", {"limit": 1}, "a text such as '100/60'"),
        ("max_in_flight", 0, "a whole number of at least 1"),
        ("max_in_flight", 1.5, "a whole number of at least 1"),
        ("max_in_flight", [], "a text such as '10'"),
        ("window", "round", "not one of: sliding, fixed"),
        ("count", 5, "not one of: all, creates"),
        ("count_refused", "maybe", "neither on nor off"),
        ("retry_after", 1, "neither on nor off"),
        ("charge", "never", "not one of: success, accept"),
        ("webhook_attempts", 101, "from 1 to 100"),
        ("webhook_timeout", 31, "30"),
        ("output_expiry", -1, "1"),
        ("seed", 3, "known fields: duration, progress"),
        ("port", 1, "known fields: duration, progress"),
        ("nonsense", 1, "known fields: duration, progress"),
    ],
)
def test_a_change_that_will_not_do_names_field_and_legal_values_and_nothing_changes(
    field: str, value: Any, legal: str
) -> None:
    owner = Owner()

    refusal = owner.refusal("PATCH", "/settings", {"webhook_interval": 99, field: value})

    assert refusal["field"] == field
    assert legal in refusal["detail"]
    assert owner.ask("GET", "/settings") == OWN


@pytest.mark.parametrize("number", [1_000_000, 123_456_789])
def test_large_numbers_are_taken_as_they_are(number: int) -> None:
    assert changed(max_in_flight=number).ask("GET", "/settings")["max_in_flight"] == number
