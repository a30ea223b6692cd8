"""The commands `check`, `list` and `explain`."""

import os
import shlex
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from eachlabs_contract.checks import Check
from eachlabs_contract.cli.group import INTERRUPTED, UsageError, missing_libraries
from eachlabs_contract.laws import Law
from eachlabs_contract.reports import CheckPrinter, claim_table, explain_claim, prepare_folder, write_report
from eachlabs_contract.runner import Runner, UnknownNameError, select_tests
from eachlabs_contract.spec import DEFAULT_MODEL, UnknownModelError
from eachlabs_contract.targets import BAD_KEY, Access, OpeningError, Target, monotonic, over_http
from eachlabs_contract.verdict import MEANINGS, Finding, Report, Run

SPEND: Final = "EACHLABS_CONTRACT_SPEND"
"""The environment variable that must be `yes` before a server that is not on loopback is paid."""

LIBRARIES: Final = ("hypothesis", "schemathesis")
"""Libraries that checks import when they run."""

EXIT_CODES: Final = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in enumerate(MEANINGS)) + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """Which claims to test, how, and where to write the reports."""

    model: str
    profile: str
    groups: tuple[str, ...]
    ids: tuple[str, ...]
    seed: int
    budget: str
    report: Path | None


@click.command("check", epilog=EXIT_CODES)
@click.argument("url", envvar="EACHLABS_BASE_URL")
@click.option("--api-key", envvar="EACHLABS_API_KEY", default="", metavar="KEY", help="API key. [a made-up key]")
@click.option("--second-key", envvar="EACHLABS_SECOND_KEY", default="", metavar="KEY", help="Key of a second caller.")
@click.option("--bad-key", default="", metavar="KEY", help="Key that must be refused. [invalid-contract-harness]")
@click.option("--control", default="auto", metavar="auto|off|URL", help="Control plane. [auto: try /__mock]")
@click.option(
    "--control-token",
    envvar="EACHLABS_CONTROL_TOKEN",
    default="",
    metavar="TOKEN",
    help="Token for the control plane (X-Mock-Token).",
)
@click.option("--profile", type=click.Choice(["page"]), default="page", show_default=True, help="API profile.")
@click.option("--model", default=DEFAULT_MODEL, metavar="SLUG", show_default=True, help="Model of the predictions.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Check only this group; repeatable.")
@click.option("--check", "ids", multiple=True, metavar="ID", help="Check only this claim; repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the requests that are sent.")
@click.option(
    "--budget",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="Run time: full takes minutes and draws more inputs.",
)
@click.option(
    "--max-executions",
    type=click.IntRange(min=0),
    help=f"Limit of paid executions. A server not on loopback gets none without this option and {SPEND}=yes.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write report.json, junit.xml and HTML pages to this directory.",
)
def check_command(
    *,
    url: str,
    api_key: str,
    second_key: str,
    bad_key: str,
    control: str,
    control_token: str,
    max_executions: int | None,
    **options: Any,  # noqa: ANN401  # the fields of CheckOptions
) -> None:
    """Check the server at URL against every claim.

    URL is the server's root or its /v1, such as http://127.0.0.1:8780. With the emulator's control plane a run takes
    seconds. Without a control plane it takes real time, and the report lists every claim that could not be tested.
    """
    access = Access(
        api_key=api_key,
        second_key=second_key,
        bad_key=bad_key or BAD_KEY,
        control=control,
        token=control_token,
        max_executions=max_executions,
        may_spend=os.environ.get(SPEND) == "yes",
    )
    raise SystemExit(_check(url, access, CheckOptions(**options)))


@click.command("list")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="List only this group; repeatable.")
def list_command(groups: tuple[str, ...]) -> None:
    """List every claim: id, level and sentence."""
    checks, laws = _selected(groups)
    for line in claim_table((*checks, *laws)):
        click.echo(line)


@click.command("explain")
@click.argument("identity", metavar="ID")
def explain_command(identity: str) -> None:
    """Explain one claim.

    Prints its source, how it is tested, what the test needs and costs, and an example request.
    """
    checks, laws = _selected(ids=[identity])
    test = checks[0] if checks else laws[0]
    click.echo(f"{test.claim.id}: {test.claim.sentence}\n")
    for name, text in explain_claim(test):
        click.echo(f"  {name:<18}{text}")


def _check(url: str, access: Access, options: CheckOptions) -> int:
    checks, laws = _selected(options.groups, options.ids)
    if missing := [library for library in LIBRARIES if not find_spec(library)]:
        raise missing_libraries("check", missing)
    try:
        if options.report:
            prepare_folder(options.report, "claims")
        with over_http(url, access, options.model) as target:
            return _run(target, _described(target, url, access, options), options, (*checks, *laws), checks)
    except (OpeningError, UnknownModelError, OSError) as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(target: Target, run: Run, options: CheckOptions, tests: Sequence[Check | Law], checks: Sequence[Check]) -> int:
    runner = Runner(target, checks, seed=options.seed, thorough=options.budget == "full")
    printer = CheckPrinter(sys.stdout, run, [test.claim.id for test in tests])
    findings: list[Finding] = []
    began = monotonic()
    try:
        for test in tests:
            printer.show_start(test.claim)
            findings.append(runner.finding(test))
            printer.show_finding(findings[-1])
    except KeyboardInterrupt:
        printer.summary(Report(run, tuple(findings), monotonic() - began))
        printer.say(f"Interrupted after {len(findings)} of {len(tests)} claims; no reports were written.")
        return INTERRUPTED
    finally:
        runner.leave()
    report = Report(run, tuple(findings), monotonic() - began)
    if options.report:
        write_report(report, options.report, {test.claim.id: test.method for test in tests})
    printer.summary(report)
    printer.conclusion(report)
    return report.exit_code


def _described(target: Target, url: str, access: Access, options: CheckOptions) -> Run:
    flags = (
        ("--control", access.control, "auto"),
        ("--model", options.model, DEFAULT_MODEL),
        ("--budget", options.budget, "quick"),
        ("--max-executions", str(access.max_executions), "None"),
    )
    words = [word for flag, value, default in flags if value != default for word in (flag, value)]
    command = shlex.join(["eachlabs-contract", "check", url, *words])
    root = target.transport.root
    return Run(url, root, options.model, command, profile=options.profile, seed=options.seed, budget=options.budget)


def _selected(groups: Collection[str] = (), ids: Collection[str] = ()) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
    try:
        return select_tests(groups, ids)
    except UnknownNameError as error:
        raise UsageError(str(error)) from None
