"""The registry of settings: consistent, and equal to the documented defaults."""

from dataclasses import Field, FrozenInstanceError
from typing import Any

import pytest

from eachlabs_mock.core.limits import Rate
from eachlabs_mock.core.planner import Pace, Progress
from eachlabs_mock.settings.server import Settings, flag, registry, variable

SETTINGS = [pytest.param(each, id=each.name) for each in registry()]

DEFAULTS = {
    "host": "127.0.0.1",
    "port": 8780,
    "api_key": (),
    "control_token": "",
    "seed": None,
    "duration": 2.5,
    "progress": Progress("time"),
    "clock": "real",
    "speed": 1.0,
    "start": None,
    "rate_limit": Rate(100, 60_000),
    "max_in_flight": 10,
    "models": (),
    "allow_webhook_host": (),
    "log_format": "text",
    "window": "sliding",
    "count": "all",
    "count_refused": False,
    "retry_after": True,
    "coerce_strings": False,
    "strict_input": False,
    "scenario": "",
    "wire_faults": False,
    "prompt_faults": True,
    "charge": "success",
    "price": (),
    "webhook_attempts": 1,
    "webhook_interval": 10.0,
    "webhook_timeout": 30.0,
    "public_base_url": "",
    "output_expiry": None,
    "image_cache": 64,
    "store": None,
    "webhook_resend_interrupted": False,
    "max_predictions": 100_000,
    "max_worlds": 10_000,
    "journal_size": 500,
    "profile": "page",
    "lane": True,
    "threads": 64,
}

NEWCOMERS = [
    "host",
    "port",
    "log_format",
    "api_key",
    "duration",
    "progress",
    "seed",
    "speed",
    "rate_limit",
    "max_in_flight",
    "models",
    "allow_webhook_host",
]


def test_the_defaults_are_the_documented_ones() -> None:
    assert {each.name: each.default for each in registry()} == DEFAULTS


def test_a_newcomer_is_shown_a_dozen() -> None:
    assert [each.name for each in registry() if each.metadata.get("newcomer")] == NEWCOMERS


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_default_is_what_its_text_converts_to(setting: Field[Any]) -> None:
    facts = setting.metadata

    assert setting.default == (() if facts["many"] else facts["convert"](facts["default"]))


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_says_what_it_does_and_where_it_belongs(setting: Field[Any]) -> None:
    assert setting.metadata["help"].endswith(".")
    assert setting.metadata["group"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_documents_its_values(setting: Field[Any]) -> None:
    facts = setting.metadata

    assert isinstance(setting.default, bool) or facts.get("metavar") or facts["default"] in facts["choices"]


@pytest.mark.parametrize(
    ("name", "as_flag", "as_variable"),
    [
        ("port", "--port", "EACHLABS_MOCK_PORT"),
        ("rate_limit", "--rate-limit", "EACHLABS_MOCK_RATE_LIMIT"),
        ("allow_webhook_host", "--allow-webhook-host", "EACHLABS_MOCK_ALLOW_WEBHOOK_HOST"),
    ],
)
def test_flag_and_variable_follow_from_the_name(name: str, as_flag: str, as_variable: str) -> None:
    assert (flag(name), variable(name)) == (as_flag, as_variable)


@pytest.mark.parametrize("kind", ["sliding", "fixed"])
def test_the_rate_has_the_kind_of_its_window(kind: Any) -> None:
    assert Settings(window=kind).rate == Rate(100, 60_000, kind)


def test_without_a_rate_limit_there_is_no_rate() -> None:
    assert Settings(rate_limit=None, window="fixed").rate is None


def test_the_pace_is_duration_and_progress() -> None:
    assert Settings(duration=None, progress=Progress("reads", 3)).pace == Pace(None, Progress("reads", 3))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]
