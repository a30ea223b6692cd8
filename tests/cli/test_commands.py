"""`eachlabs-mock serve` as a user types it; the server itself is replaced by one that only notes its settings."""

import os
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import pytest
from click.testing import CliRunner, Result

from eachlabs_mock.__main__ import main
from eachlabs_mock.core.planner import Progress
from eachlabs_mock.models import ModelFileError
from eachlabs_mock.server import serve
from eachlabs_mock.settings.server import Settings, flag, registry, variable

SETTINGS = [pytest.param(each.name, id=each.name) for each in registry()]

EXAMPLES: dict[str, tuple[str, object]] = {
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "api_key": ("a", ("a",)),
    "seed": ("7", 7),
    "scenario": ("bad-day", "bad-day"),
    "journal_size": ("9", 9),
    "duration": ("realistic", None),
    "progress": ("reads:3", Progress("reads", 3)),
    "clock": ("auto", "auto"),
    "control_token": ("secret", "secret"),
    "speed": ("10", 10.0),
    "start": ("2026-02-05T00:00:00Z", 1_770_249_600_000),
    "rate_limit": ("off", None),
    "max_in_flight": ("off", None),
    "models": ("extra", (Path("extra"),)),
    "allow_webhook_host": ("Hook.test", ("hook.test",)),
    "log_format": ("json", "json"),
    "window": ("fixed", "fixed"),
    "count": ("creates", "creates"),
    "charge": ("accept", "accept"),
    "price": ("flux-2-pro=0.03", (("flux-2-pro", Decimal("0.03")),)),
    "webhook_attempts": ("3", 3),
    "webhook_interval": ("0", 0.0),
    "webhook_timeout": ("0.5", 0.5),
    "public_base_url": ("https://emulator.test/", "https://emulator.test"),
    "output_expiry": ("60", 60.0),
    "image_cache": ("1", 1),
    "store": ("sqlite:mock.db", Path("mock.db")),
    "max_predictions": ("10", 10),
    "max_worlds": ("1", 1),
    "profile": ("page", "page"),
    "threads": ("2", 2),
}
"""A text for each setting that takes one, and what becomes of it."""

SWITCHES = [
    "count_refused",
    "retry_after",
    "wire_faults",
    "coerce_strings",
    "strict_input",
    "prompt_faults",
    "webhook_resend_interrupted",
    "lane",
]

BAD: dict[str, tuple[str, str]] = {
    "host": ("http://a", "is not a host name or an address"),
    "port": ("65536", "is not a whole number from 0 to 65535"),
    "api_key": ("invalid-1", "always refused"),
    "seed": ("x", "is not a whole number"),
    "duration": ("soon", "nor realistic"),
    "progress": ("never", "not one of: time, immediate, reads:N"),
    "speed": ("0", "is not a number from 0.001 to 100000"),
    "control_token": (" x", "without blanks"),
    "start": ("soon", "neither an ISO 8601 time"),
    "clock": ("fast", "'real', 'manual', 'auto'"),
    "rate_limit": ("100", "such as 100/60"),
    "max_in_flight": ("0", "is not a whole number of at least 1"),
    "allow_webhook_host": ("a:80", "leave out scheme, port and path"),
    "log_format": ("xml", "'text', 'json', 'off'"),
    "window": ("round", "'sliding', 'fixed'"),
    "count": ("none", "'all', 'creates'"),
    "charge": ("never", "'success', 'accept'"),
    "price": ("1", "such as flux-2-pro=0.03"),
    "webhook_attempts": ("101", "from 1 to 100"),
    "webhook_interval": ("-1", "from 0 to 86400"),
    "webhook_timeout": ("31", "from 0.01 to 30"),
    "public_base_url": ("emulator.test", "such as http://emulator.test:8780"),
    "output_expiry": ("1e308", "is not a number from 1 to 31536000"),
    "image_cache": ("0", "from 1 to 65536"),
    "store": ("sqlite:", "neither memory nor sqlite:PATH, such as sqlite:mock.db"),
    "max_predictions": ("0", "of at least 1"),
    "max_worlds": ("0", "of at least 1"),
    "profile": ("live", "'page'"),
    "threads": ("0", "from 1 to 512"),
}


class Serving:
    """Runs `eachlabs-mock` with a server that notes its settings, or raises what it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.served: list[Settings] = []
        self.error: Exception | None = None
        for name in [each for each in os.environ if each.startswith("EACHLABS_MOCK_")]:
            monkeypatch.delenv(name)
        monkeypatch.setattr(serve, "run_server", self._serve)

    def _serve(self, settings: Settings, _: TextIO) -> None:
        if self.error:
            raise self.error
        self.served.append(settings)

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, ["serve", *arguments], env=environment, prog_name="eachlabs-mock")

    def settings(self, *arguments: str, **environment: str) -> Settings:
        result = self.run(*arguments, **environment)
        assert result.exit_code == 0, result.output
        return self.served[-1]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Serving:
    return Serving(monkeypatch)


def options_in(text: str) -> list[str]:
    """Return the flags that begin a line of a help text, in order."""
    return re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)


def one_line(text: str) -> str:
    """Return *text* without the frames and breaks that a terminal's width puts in."""
    return " ".join(text.split())


def test_without_flags_the_defaults_are_served(serving: Serving) -> None:
    assert serving.settings() == Settings()


def test_examples_and_switches_together_cover_every_setting() -> None:
    assert sorted([*EXAMPLES, *SWITCHES]) == sorted(each.name for each in registry())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_setting_has_a_flag(serving: Serving, name: str) -> None:
    text, value = EXAMPLES[name]

    assert getattr(serving.settings(flag(name), text), name) == value


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_setting_has_a_variable(serving: Serving, name: str) -> None:
    text, value = EXAMPLES[name]

    assert getattr(serving.settings(**{variable(name): text}), name) == value


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(("prefix", "value"), [("--", True), ("--no-", False)])
def test_every_switch_has_a_flag_for_on_and_one_for_off(serving: Serving, name: str, prefix: str, value: bool) -> None:  # noqa: FBT001  # a column
    assert getattr(serving.settings(prefix + name.replace("_", "-")), name) is value


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize(("text", "value"), [("on", True), ("off", False)])
def test_every_switch_has_a_variable(serving: Serving, name: str, text: str, value: bool) -> None:  # noqa: FBT001  # a column
    assert getattr(serving.settings(**{variable(name): text}), name) is value


def test_a_flag_beats_the_environment_and_that_the_default(serving: Serving) -> None:
    ports = [
        serving.settings("--port", "1", EACHLABS_MOCK_PORT="2").port,
        serving.settings(EACHLABS_MOCK_PORT="2").port,
        serving.settings().port,
    ]

    assert ports == [1, 2, 8780]


def test_a_switch_beats_the_environment(serving: Serving) -> None:
    assert serving.settings("--lane", EACHLABS_MOCK_LANE="off").lane


def test_an_empty_variable_is_none(serving: Serving) -> None:
    assert serving.settings(EACHLABS_MOCK_PORT="").port == 8780


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [
        ("api_key", ["a", "b"], ("a", "b")),
        ("allow_webhook_host", ["a.test", "any"], ("a.test", "any")),
        ("models", ["one", "two"], (Path("one"), Path("two"))),
        ("price", ["a=1", "b=0.5"], (("a", Decimal(1)), ("b", Decimal("0.5")))),
    ],
)
def test_what_is_repeatable_may_be_repeated(serving: Serving, name: str, texts: list[str], value: object) -> None:
    flags = [part for text in texts for part in (flag(name), text)]

    assert getattr(serving.settings(*flags), name) == value
    assert getattr(serving.settings(**{variable(name): " ".join(texts)}), name) == value


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("road", ["flag", "variable"])
def test_a_bad_value_is_refused_with_its_flag_and_what_would_be_right(serving: Serving, name: str, road: str) -> None:
    text, right = BAD[name]
    result = serving.run(flag(name), text) if road == "flag" else serving.run(**{variable(name): text})

    assert (result.exit_code, serving.served) == (2, [])
    assert right in one_line(result.output)
    assert flag(name) in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("EACHLABS_MOCK_PROT", "did you mean EACHLABS_MOCK_PORT?"),
        ("EACHLABS_MOCK_RATELIMIT", "did you mean EACHLABS_MOCK_RATE_LIMIT?"),
    ],
)
def test_a_variable_that_is_no_setting_is_refused_with_one_that_is(serving: Serving, name: str, advice: str) -> None:
    result = serving.run(**{name: "1"})

    assert (result.exit_code, serving.served) == (2, [])
    assert f"{name} is not a setting; " in one_line(result.output)
    assert advice in one_line(result.output)


def test_a_variable_near_to_none_is_refused_with_all_there_are(serving: Serving) -> None:
    output = one_line(serving.run(EACHLABS_MOCK_QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ="1").output)

    assert all(variable(each.name) in output for each in registry())


@pytest.mark.parametrize("name", ["EACHLABS_BASE_URL", "EACHLABS_API_KEY", "MOCK_PORT"])
def test_variables_of_others_are_let_be(serving: Serving, name: str) -> None:
    assert serving.settings(**{name: "1"}) == Settings()


@pytest.mark.parametrize("arguments", [["--prot", "1"], ["extra"], ["--port"]])
def test_an_unknown_option_or_argument_is_refused(serving: Serving, arguments: list[str]) -> None:
    result = serving.run(*arguments)

    assert (result.exit_code, serving.served) == (2, [])


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (serve.StartError("cannot listen on 127.0.0.1 port 8780: Address already in use"), 2),
        (ModelFileError(Path("extra"), "directory", "there is none", "name one"), 2),
        (serve.NeverReadyError("the server did not become ready within 30 s"), 1),
    ],
)
def test_a_start_that_fails_is_one_clear_line_and_an_exit_code(
    serving: Serving, error: Exception, exit_code: int
) -> None:
    serving.error = error
    result = serving.run()

    assert result.exit_code == exit_code
    assert result.stderr == f"eachlabs-mock: {error}\n"


def test_the_short_help_shows_the_dozen_of_a_newcomer(serving: Serving) -> None:
    newcomers = [flag(each.name) for each in registry() if each.metadata.get("newcomer")]

    shown = options_in(serving.run("--help").output)

    assert shown == [*newcomers, "--help", "--help-all"]


def test_the_long_help_shows_every_option_in_its_group(serving: Serving) -> None:
    output = serving.run("--help-all").output
    groups = dict.fromkeys(each.metadata["group"] for each in registry())

    assert sorted(options_in(output)) == sorted(
        [*(flag(each.name) for each in registry()), "--exit-with-stdin", "--help", "--help-all"]
    )
    assert re.findall(r"^(\w[\w ]+):$", output, re.MULTILINE) == [*groups, "Process", "Help"]


@pytest.mark.parametrize("asked", ["--help", "--help-all"])
def test_help_serves_nothing(serving: Serving, asked: str) -> None:
    assert serving.run(asked, "--port", "nonsense").exit_code == 0
    assert serving.served == []


@pytest.mark.parametrize("name", SETTINGS)
def test_the_help_shows_a_default_as_a_user_would_type_it(serving: Serving, name: str) -> None:
    output = one_line(serving.run("--help-all").output)
    [setting] = [each for each in registry() if each.name == name]
    default = setting.metadata["default"]

    assert f"{setting.metadata['help']} [{default}]" in output or (not default and setting.metadata["help"] in output)


@pytest.mark.parametrize("word", ["SECONDS|realistic", "time|immediate|reads:N", "N/SECONDS|off", "HOST|any"])
def test_words_that_may_be_typed_are_shown_as_they_are_typed(serving: Serving, word: str) -> None:
    assert word in serving.run("--help").output


def test_a_value_that_is_converted_already_is_let_be(serving: Serving) -> None:
    result = CliRunner().invoke(main, ["serve"], default_map={"serve": {"port": 7}})

    assert (result.exit_code, serving.served[-1].port) == (0, 7)


def test_the_command_has_a_help_and_a_version() -> None:
    run: Callable[..., Any] = CliRunner().invoke

    assert "serve" in run(main, ["--help"]).output
    assert re.fullmatch(r"eachlabs-mock, version \d+\.\d+\.\d+\n", run(main, ["--version"]).output)
