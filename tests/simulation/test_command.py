"""`eachlabs-mock simulate` as a user types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eachlabs_mock.settings.server import registry
from eachlabs_mock.simulation.command import SETTINGS, simulate_command
from eachlabs_mock.simulation.workload import WorkloadTooLargeError

SMALL = ("--workers", "2", "--minutes", "2", "--arrivals", "6/min", "--evenly", "--poll", "3", "--duration", "4")


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in registry():
        monkeypatch.delenv(f"EACHLABS_MOCK_{each.name.upper()}", raising=False)


def simulate(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(simulate_command(), arguments, env=environment, prog_name="eachlabs-mock simulate")


def figures(*arguments: str, **environment: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(simulate(*arguments, "--json", "-", **environment).output)
    return document


def test_the_answer_begins_with_what_was_asked() -> None:
    lines = simulate(*SMALL, "--seed", "7").output.splitlines()

    assert lines[0] == (
        "2 workers, 2 minutes, arrivals 6/min, a poll every 3 s; "
        "rate limit 100/60, in-flight limit 10, duration 4.0; seed 7"
    )
    assert lines[2] == "jobs                  11 arrived: 11 done, 0 in progress, 0 queued"


def test_webhooks_and_limits_that_are_off_are_said() -> None:
    line = simulate(*SMALL, "--webhooks", "--rate-limit", "off", "--max-in-flight", "off").output.splitlines()[0]

    assert "6/min, webhooks; rate limit off, in-flight limit off, duration 4.0" in line


def test_predictions_take_as_long_as_real_ones_unless_told_otherwise() -> None:
    assert figures("--minutes", "1")["asked"]["duration"] == "realistic"
    assert figures("--minutes", "1", EACHLABS_MOCK_DURATION="3")["asked"]["duration"] == 3.0


def test_the_same_seed_gives_the_same_bytes() -> None:
    ours, again, theirs = (simulate("--minutes", "3", "--seed", seed, "--json", "-").stdout_bytes for seed in "778")

    assert ours == again
    assert ours != theirs


def test_without_a_seed_there_is_a_new_one_each_time_and_it_is_said() -> None:
    assert figures("--minutes", "1")["asked"]["seed"] != figures("--minutes", "1")["asked"]["seed"]


def test_figures_are_written_besides_the_table(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"

    output = simulate(*SMALL, "--seed", "7", "--json", str(file)).output

    assert "throughput            5.5 per minute" in output
    document = json.loads(file.read_bytes())
    assert document["asked"] == {
        "workers": 2,
        "minutes": 2.0,
        "arrivals": "6/min",
        "evenly": True,
        "poll": 3.0,
        "model": "qwen-image",
        "seed": 7,
        "duration": 4.0,
        "rate_limit": "100/60",
        "max_in_flight": 10,
        "window": "sliding",
        "count": "all",
        "count_refused": False,
        "retry_after": True,
        "charge": "success",
    }
    assert document["found"]["spend"] == "0.275"
    assert document["found"]["in_flight_mean"] == 0.366667
    assert document["advice"]["ceilings"] == {"workers": 20.0, "rate": 33.333333, "cap": 150.0}


def test_a_price_and_when_it_is_charged_can_be_set() -> None:
    asked = ("--price", "flux-2-pro=0.5", "--model", "flux-2-pro", "--charge", "accept")

    assert figures(*SMALL, *asked)["found"]["spend"] == "5.5"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--workers", "0"), "Invalid value for '--workers': 0 is not in the range 1<=x<=10000"),
        (("--workers", "x"), "Invalid value for '--workers'"),
        (("--minutes", "0"), "Invalid value for '--minutes'"),
        (("--poll", "0"), "Invalid value for '--poll'"),
        (("--arrivals", "35"), "'35' is not N/s, N/min or N/h with N over 0, such as 35/min"),
        (
            ("--rate-limit", "100"),
            "'100' is neither N/SECONDS (N from 1, SECONDS from 0.001 to 86400), such as 100/60, nor off",
        ),
        (("--duration", "soon"), "nor realistic"),
        (("--model", "qwen"), "Unknown model 'qwen'. GET /v1/models lists the models; did you mean qwen-image?"),
        (("--models", "nowhere"), "name a directory with model files"),
        (("--minutes", "100000", "--arrivals", "9/s"), "54,000,000 jobs would arrive; reduce --minutes or --arrivals"),
        (("--minutes", "1", "--json", "nowhere/x.json"), "--json: cannot write nowhere/x.json: No such file"),
        (("--port", "1"), "No such option"),
    ],
)
def test_what_will_not_do_is_said_and_ends_with_2(arguments: tuple[str, ...], complaint: str) -> None:
    result = simulate(*arguments)

    assert complaint in result.output
    assert result.exit_code == 2


def test_a_variable_that_is_no_setting_is_a_slip() -> None:
    result = simulate(EACHLABS_MOCK_RATE="1/1")

    assert "EACHLABS_MOCK_RATE is not a setting" in result.output
    assert result.exit_code == 2


def test_a_run_that_is_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(_workload: object) -> None:
        raise WorkloadTooLargeError("ask for less")

    monkeypatch.setattr("eachlabs_mock.simulation.run.run", give_up)

    assert "Error: ask for less" in simulate().output


def test_the_help_lists_every_setting_that_matters() -> None:
    shown = simulate("--help").output

    for name in SETTINGS:
        assert f"--{name.replace('_', '-')}" in shown
