"""The command `eachlabs-contract certify`: what it says, what it ends with, and what it makes of bad input."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eachlabs_client import Client
from eachlabs_contract.certification import Grade, certify
from eachlabs_contract.certification.process import children
from eachlabs_contract.certification.process.children import running_emulator
from eachlabs_contract.certification.process.command import Command
from eachlabs_contract.certification.trial_runner import TrialOptions, TrialRunner
from eachlabs_contract.certification.trials import select_trials
from eachlabs_contract.cli.certify import certify_command
from eachlabs_contract.verdict import Verdict

PROGRAMS = Path(__file__).parents[3] / "fixtures" / "programs"
PYTHON = sys.executable


def ran(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(certify_command, arguments)


def certified(program: str, *options: str, report: Path) -> tuple[int, dict[str, Any]]:
    """Certify one of the fixtures; return the exit code and what the report says of it."""
    result = ran(*options, "--report", str(report), "--", PYTHON, *program.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    said: dict[str, Any] = json.loads((report / "report.json").read_text())["programs"][0]
    return result.exit_code, said


def verdicts(said: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in said["rows"]}


# Without running anything


def test_list_shows_every_trial_and_habit() -> None:
    lines = ran("--list").stdout.splitlines()

    assert len(lines) == 34
    assert lines[0] == "flow.happy             MUST    No fault"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no program given; use -- COMMAND... or --program LABEL=COMMAND"),
        (("--trial", "limits.pol", "--", "true"), "unknown trial 'limits.pol'; did you mean limits.poll?"),
        (("--program", "true"), "'true' is not of the form LABEL=COMMAND"),
        (("--program", "=true"), "'=true' is not of the form LABEL=COMMAND"),
        (("--program", "a=true 'b"), "cannot parse the command of a: No closing quotation"),
        (("--program", "a=true", "--program", "a=false"), "two programs have the label 'a'; labels must differ"),
        (("--time-limit", "0", "--", "true"), "0.0 is not in the range 1<=x<=3600"),
        (("--jobs", "0", "--", "true"), "0 is not in the range 1<=x<=8"),
        (("--min-grade", "D", "--", "true"), "'D' is not one of 'A', 'B', 'C', 'F'"),
        (("--report", "/dev/null/x", "--", "true"), "Not a directory"),
    ],
)
def test_bad_call_ends_with_2_and_says_why(arguments: tuple[str, ...], told: str) -> None:
    result = ran(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr


def test_emulator_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "EMULATOR", (PYTHON, "-c", "import sys; sys.exit(7)"))

    result = ran("--", "true")

    assert result.exit_code == 2
    assert "the emulator did not start (exit code 7)" in result.stderr


def test_emulator_is_not_told_what_is_meant_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_MOCK_NO_SUCH_SETTING", "1")

    with running_emulator() as root:
        assert root.startswith("http://127.0.0.1:")


# Programs that are over at once


@pytest.mark.slow
def test_program_that_cannot_be_started_leaves_the_others_their_results(tmp_path: Path) -> None:
    result = ran(
        *("--trial", "flow.happy", "--report", str(tmp_path)),
        *("--program", "gone=no-such-program --flag", "--program", "idle=true"),
    )

    assert result.exit_code == 2
    assert result.stderr == "eachlabs-contract: gone cannot be started: No such file or directory\n"
    assert [each["label"] for each in json.loads((tmp_path / "report.json").read_text())["programs"]] == ["idle"]


def test_only_program_that_cannot_be_started_ends_with_one_line() -> None:
    result = ran("no-such-program", "--flag")

    assert (result.exit_code, result.stderr) == (
        2,
        "eachlabs-contract: no-such-program --flag cannot be started: No such file or directory\n",
    )


@pytest.mark.slow
def test_programs_are_compared() -> None:
    result = ran("--program", "one=true", "--program", "another=false")

    assert [line.split() for line in result.stdout.splitlines()[-2:]] == [
        ["one", "F", "0.00", "USD", "wasted"],
        ["another", "F", "0.00", "USD", "wasted"],
    ]


def test_program_that_does_nothing_earns_f_and_nothing_else_is_tried(tmp_path: Path) -> None:
    result = ran("--report", str(tmp_path), "--", "true")

    said = json.loads((tmp_path / "report.json").read_text())
    assert (result.exit_code, said["grade"]) == (1, "F")
    assert (
        "got       it sent no request to the API; does it read EACHLABS_BASE_URL and EACHLABS_API_KEY?" in result.stdout
    )
    assert sum(row["run"] is not None for row in said["programs"][0]["rows"]) == 1


@pytest.mark.slow
def test_crash_after_the_create_loses_what_was_paid(tmp_path: Path) -> None:
    exit_code, said = certified(f"{PROGRAMS / 'crashes.py'}", report=tmp_path)

    assert (exit_code, said["grade"], said["money"]["lost"]) == (1, "F", "0.025")
    assert "KeyError: 'id'" in said["rows"][0]["run"]["output"]


@pytest.mark.slow
def test_hang_is_ended_and_graded(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    exit_code, said = certified(f"{PROGRAMS / 'hangs.py'} {pids}", "--time-limit", "2", report=tmp_path)

    assert (exit_code, said["grade"], said["rows"][0]["run"]["exit_code"]) == (1, "F", None)
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.slow
def test_key_that_a_program_prints_is_masked_and_held_against_it(tmp_path: Path) -> None:
    _, said = certified(f"{PROGRAMS / 'prints_key.py'}", "--trial", "flow.happy", report=tmp_path)

    assert (said["grade"], verdicts(said)["hygiene.key"]) == ("C", "broken")
    assert said["rows"][0]["run"]["output"] == "my key is [key]\n"
    assert all("certify-" not in each.read_text() for each in tmp_path.rglob("*.*"))


@pytest.mark.slow
def test_min_grade_decides_the_exit_code() -> None:
    assert ran("--min-grade", "F", "--", "true").exit_code == 0


@pytest.mark.slow
def test_function_is_certified() -> None:
    seen: list[str] = []

    certificate = certify(lambda: seen.append("called"), trials=["flow.failed"])

    assert certificate.grade is Grade.F
    assert certificate.complaints[0].startswith(
        "flow.happy: The program calls the API. Instead: it sent no request to the API"
    )
    assert seen == []


@pytest.mark.slow
def test_interrupt_ends_everything(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    words = [PYTHON, "-m", "eachlabs_contract", "certify", "--", PYTHON, str(PROGRAMS / "hangs.py"), str(pids)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not pids.exists() or len(pids.read_text().split()) < 3:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert process.returncode == 130
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


# Whole runs


@pytest.mark.slow
def test_our_own_client_earns_an_a(tmp_path: Path) -> None:
    client = f"-m eachlabs_client generate lighthouse --out {tmp_path / 'out.webp'} --force --deadline 30"

    exit_code, said = certified(client, "--jobs", "4", report=tmp_path / "report")

    assert (exit_code, said["grade"], said["complaints"], said["money"]["lost"]) == (0, "A", [], "0.000")
    assert said["counted"] == 25 + 4


@pytest.mark.slow
def test_loop_of_the_page_loses_money(tmp_path: Path) -> None:
    exit_code, said = certified(f"{PROGRAMS / 'page_loop.py'}", "--time-limit", "15", "--jobs", "4", report=tmp_path)

    found = verdicts(said)
    assert (exit_code, said["grade"], said["money"]["lost"]) == (1, "F", "0.175")
    assert [found[each] for each in ("flow.happy", "flow.three-minutes", "errors.500-at-poll", "transport.hang")] == [
        "holds",
        "holds",
        "broken",
        "broken",
    ]


@pytest.mark.slow
def test_program_that_waits_for_webhooks_is_tried_with_webhooks(tmp_path: Path) -> None:
    options = [f"--trial=webhooks.{each}" for each in ("duplicate", "early", "forged", "failed")]

    exit_code, said = certified(f"{PROGRAMS / 'waits_for_webhook.py'}", *options, report=tmp_path)

    assert (exit_code, said["grade"], said["counted"]) == (0, "A", 5 + 4)


@pytest.mark.slow
def test_program_with_several_predictions_is_tried_with_a_cap(tmp_path: Path) -> None:
    options = ("--trial", "limits.cap", "--trial", "limits.polling")

    _, said = certified(f"{PROGRAMS / 'batch.py'}", *options, report=tmp_path)

    assert verdicts(said)["limits.cap"] == "holds"
    assert verdicts(said)["limits.polling"] == "broken"


@pytest.mark.slow
def test_trials_one_by_one_and_side_by_side_find_the_same() -> None:
    program = Command("loop", (PYTHON, str(PROGRAMS / "page_loop.py")))
    trials = select_trials(("flow.failed", "errors.400", "errors.502-html", "transport.refused"))
    with running_emulator() as root:
        found = [
            [
                row.verdict
                for row in TrialRunner(program, root, TrialOptions(trials=trials, jobs=jobs))
                .certificate("", print)
                .rows
            ]
            for jobs in (1, 3)
        ]

    assert found[0] == found[1]
    assert found[0][:5] == [Verdict.HOLDS, *[Verdict.BROKEN] * 4]


def ask() -> None:
    """Do what a program of a user's may do: ask with our client, and print where the result is."""
    with Client() as client:
        sys.stdout.write(client.generate("qwen-image", {"prompt": "a pier"}, deadline_seconds=20).output[0])


@pytest.mark.slow
def test_function_that_uses_our_client_earns_an_a() -> None:
    certificate = certify(ask, trials=["flow.failed", "limits.create", "errors.502-html", "transport.refused"])

    assert (certificate.grade, certificate.complaints) == (Grade.A, ())
    assert certificate.basis == "5 of 5 trials and 4 of 4 habits"
