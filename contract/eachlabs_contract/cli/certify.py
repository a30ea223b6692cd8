"""The command `eachlabs-contract certify`: grades a user's program."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from eachlabs_contract.certification import (
    HABITS,
    JOBS,
    LIMIT,
    Certificate,
    Command,
    EmulatorError,
    Grade,
    NotStartedError,
    TrialOptions,
    TrialRunner,
    UnknownTrialError,
    running_emulator,
    select_trials,
    trial_rows,
    worst_grade,
)
from eachlabs_contract.cli.group import INTERRUPTED, UsageError
from eachlabs_contract.reports import CertifyPrinter, prepare_folder, shortened, write_certificates
from eachlabs_contract.targets import ControlError, NoAnswerError
from eachlabs_contract.verdict import USAGE

BELOW: Final = 1
"""Exit code where a grade is below `--min-grade`."""

LABEL: Final = 30
"""Characters of a command that label its program in a report."""

EPILOG: Final = (
    "Exit codes: 0 every program earns --min-grade or better; 1 a program earns less; 2 usage error, or a program "
    "cannot be started."
)


class LabelledCommand(click.ParamType[tuple[str, str]]):
    """The label and the command of a program."""

    name = "LABEL=COMMAND"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return label and command."""
        label, equals, command = value.partition("=")
        if not equals or not label.strip() or not command.strip():
            self.fail(f"{value!r} is not of the form LABEL=COMMAND, such as 'mine=python mine.py'", param, ctx)
        return label.strip(), command


@click.command("certify", epilog=EPILOG, context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option(
    "--program",
    "named",
    multiple=True,
    type=LabelledCommand(),
    help="A program and its label in the reports; repeatable.",
)
@click.option("--trial", "ids", multiple=True, metavar="ID", help="Run only this trial; repeatable.")
@click.option("--list", "is_listing", is_flag=True, help="List the trials and exit.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write report.json, junit.xml and HTML pages to this directory.",
)
@click.option(
    "--time-limit",
    "limit",
    type=click.FloatRange(1, 3600),
    default=LIMIT,
    show_default=True,
    metavar="SECONDS",
    help="Real time for each trial, on top of the time its predictions take.",
)
@click.option("--jobs", type=click.IntRange(1, 8), default=JOBS, show_default=True, help="Number of parallel trials.")
@click.option(
    "--min-grade", type=click.Choice([*Grade]), default="B", show_default=True, help="Lowest grade with exit code 0."
)
def certify_command(  # noqa: PLR0913  # one parameter for each option
    *,
    command: tuple[str, ...],
    named: tuple[tuple[str, str], ...],
    ids: tuple[str, ...],
    is_listing: bool,
    report: Path | None,
    limit: float,
    jobs: int,
    min_grade: str,
) -> None:
    """Run your program under 30 trials and grade it A, B, C or F.

    Each trial runs the program once against a fresh emulator world with one fault: a refusal, a failure, a broken
    answer, a connection that hangs. The program runs in the current directory and reads the emulator's address from
    EACHLABS_BASE_URL and its key from EACHLABS_API_KEY. It is judged by its requests, its output and its exit code.
    At the time limit it is killed with all its child processes. If its own deadline is longer than --time-limit,
    shorten the deadline or raise the limit.

    \b
      eachlabs-contract certify -- python my_program.py
      eachlabs-contract certify --report out --program "mine=python mine.py" --program "theirs=node theirs.mjs"

    The report states the money lost: predictions beyond those needed, and paid results never collected.
    """  # noqa: D301  # click's own mark
    if is_listing:
        _list()
        return
    programs = _programs(command, named)
    try:
        options = TrialOptions(trials=select_trials(ids), limit=limit, jobs=jobs)
        raise SystemExit(_certify(programs, options, report, Grade(min_grade)))
    except (UnknownTrialError, EmulatorError, ControlError, NoAnswerError, OSError) as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _certify(programs: Sequence[Command], options: TrialOptions, report: Path | None, least: Grade) -> int:
    if report:
        prepare_folder(report, "cells")
    printer = CertifyPrinter(sys.stdout, (*options.trials, *HABITS))
    certificates, unstarted = [], []
    with running_emulator() as root:
        for program in programs:
            printer.begin(program.label)
            try:
                certificates.append(
                    TrialRunner(program, root, options).certificate(shlex.join(program.words), printer.show_result)
                )
                printer.conclude(certificates[-1])
            except NotStartedError as error:
                unstarted.append(str(error))
    return _concluded(tuple(certificates), unstarted, printer, report, least)


def _concluded(
    certificates: tuple[Certificate, ...],
    unstarted: Sequence[str],
    printer: CertifyPrinter,
    report: Path | None,
    least: Grade,
) -> int:
    if certificates and report:
        write_certificates(certificates, report)
    if certificates[1:]:
        printer.compare(certificates)
    for reason in unstarted:
        click.echo(f"eachlabs-contract: {reason}", err=True)
    if unstarted:
        return USAGE
    return 0 if worst_grade(certificates).is_at_least(least) else BELOW


def _programs(command: tuple[str, ...], named: tuple[tuple[str, str], ...]) -> list[Command]:
    programs = [Command(label, _words(label, text)) for label, text in named]
    if command:
        programs.append(Command(shortened(shlex.join(command), LABEL), command))
    if not programs:
        raise UsageError("no program given; use -- COMMAND... or --program LABEL=COMMAND")
    labels = [program.label for program in programs]
    if duplicate := next((label for label in labels if labels.count(label) > 1), None):
        raise UsageError(f"two programs have the label {duplicate!r}; labels must differ")
    return programs


def _words(label: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"cannot parse the command of {label}: {error}") from None


def _list() -> None:
    width = max(len(identity) for identity, *_ in trial_rows())
    for identity, title, level, _story in trial_rows():
        click.echo(f"{identity:<{width}}  {level:<6}  {title}")
