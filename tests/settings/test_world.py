"""The settings of a world in JSON: read like flags, and changed all or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Progress
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.settings.world import SettingError, as_json, changed, own_settings

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "duration": st.none() | st.floats(0.001, 86_400),
    "progress": st.sampled_from([Progress(), Progress("immediate")])
    | st.builds(lambda n: Progress("reads", n), st.integers(1, 10**9)),
    "rate_limit": st.none() | st.builds(Rate, st.integers(1, 10**9), st.integers(1, 86_400_000)),
    "max_in_flight": st.none() | st.integers(1, 10**12),
    "window": st.sampled_from(["sliding", "fixed"]),
    "count": st.sampled_from(["all", "creates"]),
    "count_refused": st.booleans(),
    "retry_after": st.booleans(),
    "coerce_strings": st.booleans(),
    "strict_input": st.booleans(),
    "prompt_faults": st.booleans(),
    "charge": st.sampled_from(["success", "accept"]),
    "webhook_attempts": st.integers(1, 100),
    "webhook_interval": st.integers(0, 86_400).map(float),
    "webhook_timeout": st.integers(1, 30).map(float),
    "output_expiry": st.none() | st.integers(1, 10**6).map(float),
}


def test_a_world_has_these_settings_for_itself() -> None:
    assert list(own_settings()) == list(VALUES)


@given(st.fixed_dictionaries({}, optional={**VALUES, "duration": st.none() | st.integers(1, 86_400).map(float)}))
def test_settings_survive_a_round_trip_through_json(values: dict[str, Any]) -> None:
    settings = Settings(**values)

    shown = {name: as_json(name, settings) for name in own_settings()}

    assert changed(Settings(), shown) == settings


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("duration", None, "realistic"),
        ("duration", 17.0, 17.0),
        ("progress", Progress("reads", 3), "reads:3"),
        ("progress", Progress("immediate"), "immediate"),
        ("rate_limit", Rate(100, 60_000), "100/60"),
        ("rate_limit", Rate(1, 12_345_678), "1/12345.678"),
        ("rate_limit", None, "off"),
        ("max_in_flight", None, "off"),
        ("retry_after", False, False),
        ("output_expiry", None, "off"),
    ],
)
def test_a_value_is_shown_in_the_words_of_its_flag(name: str, value: object, shown: object) -> None:
    assert as_json(name, Settings(**{name: value})) == shown


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("duration", 17, 17.0),
        ("duration", "17", 17.0),
        ("duration", 0.125, 0.125),
        ("duration", "realistic", None),
        ("rate_limit", "5/0.5", Rate(5, 500)),
        ("rate_limit", "off", None),
        ("max_in_flight", 1_000_000, 1_000_000),
        ("max_in_flight", 3.0, 3),
        ("retry_after", False, False),
        ("retry_after", "off", False),
        ("charge", "accept", "accept"),
    ],
)
def test_a_value_may_be_json_or_the_text_of_the_flag(name: str, sent: object, value: object) -> None:
    assert getattr(changed(Settings(), {name: sent}), name) == value


def test_other_settings_are_kept() -> None:
    settings = Settings(max_in_flight=3, port=1)

    assert changed(settings, {"duration": 1}) == Settings(max_in_flight=3, port=1, duration=1.0)


def test_the_rate_follows_a_change_of_its_window() -> None:
    settings = Settings()
    assert settings.rate == Rate(100, 60_000, "sliding")

    assert changed(settings, {"window": "fixed"}).rate == Rate(100, 60_000, "fixed")


@pytest.mark.parametrize("value", [None, True, [], {}, [17], float("nan"), float("inf"), -1, "", "x"])
@pytest.mark.parametrize("name", ["duration", "rate_limit", "max_in_flight", "window", "webhook_attempts"])
def test_an_illegal_value_is_refused_with_its_setting(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"^{name}: ") as refusal:
        changed(Settings(), {name: value})

    assert refusal.value.field == name


@pytest.mark.parametrize("name", ["port", "seed", "clock", "api_key", "nonsense", ""])
def test_an_unknown_setting_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(SettingError, match="the settings are: duration, progress, rate_limit") as refusal:
        changed(Settings(), {name: 1})

    assert refusal.value.field == name
