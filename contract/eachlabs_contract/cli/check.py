"""The commands below `eachlabs-contract`: `check`, `list` and `explain`."""

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from eachlabs_contract.checks import Check
from eachlabs_contract.cli.group import INTERRUPTED, UsageError
from eachlabs_contract.laws import Law
from eachlabs_contract.reports import CheckScreen, claim_table, explain_claim, prepare_folder, write_report
from eachlabs_contract.runner import Runner, UnknownNameError, find_test, select_tests, verify_names
from eachlabs_contract.spec import DEFAULT_MODEL, UnknownModelError
from eachlabs_contract.targets import BAD_KEY, Access, OpeningError, Target, monotonic, over_http
from eachlabs_contract.verdict import MEANINGS, Finding, Report, Run

SPEND: Final = "EACHLABS_CONTRACT_SPEND"
"""The environment variable that must say yes before anything is paid for."""

LIBRARIES: Final = ("hypothesis", "schemathesis")
"""What checks import when they are driven."""

EXIT_CODES: Final = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in enumerate(MEANINGS)) + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What is to be put to the test, how, and where it is reported."""

    model: str
    profile: str
    groups: tuple[str, ...]
    ids: tuple[str, ...]
    seed: int
    budget: str
    report: Path | None

    @property
    def tests(self) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
        """The checks and laws that were asked for.

        :raises UsageError: there is no such group or claim.
        """
        _verify(self.groups, self.ids)
        return select_tests(self.groups, self.ids)


@click.command("check", epilog=EXIT_CODES)
@click.argument("url", envvar="EACHLABS_BASE_URL")
@click.option("--api-key", envvar="EACHLABS_API_KEY", default="", metavar="KEY", help="Sent in X-API-Key. [made up]")
@click.option("--second-key", envvar="EACHLABS_SECOND_KEY", default="", metavar="KEY", help="Another caller's key.")
@click.option("--bad-key", default="", metavar="KEY", help="A key that must be refused. [invalid-contract-harness]")
@click.option(
    "--control", default="auto", metavar="auto|off|URL", help="The control plane. [auto: looked for at /__mock]"
)
@click.option(
    "--control-token",
    envvar="EACHLABS_CONTROL_TOKEN",
    default="",
    metavar="TOKEN",
    help="What the control plane wants in X-Mock-Token.",
)
@click.option("--profile", type=click.Choice(["page"]), default="page", show_default=True, help="The API's dialect.")
@click.option("--model", default=DEFAULT_MODEL, metavar="SLUG", show_default=True, help="The model to create with.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Claims of this group only; may be repeated.")
@click.option("--check", "ids", multiple=True, metavar="ID", help="This claim only; may be repeated.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed sends the same requests.")
@click.option(
    "--budget", type=click.Choice(["quick", "full"]), default="quick", show_default=True, help="Time to take."
)
@click.option(
    "--max-executions",
    type=click.IntRange(min=0),
    help=f"Paid executions allowed; a server that is not on loopback also wants {SPEND}=yes. [none there]",
)
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write reports here.")
def check_command(
    *,
    url: str,
    api_key: str,
    second_key: str,
    bad_key: str,
    control: str,
    control_token: str,
    max_executions: int | None,
    **wish: Any,  # noqa: ANN401  # the fields of CheckOptions
) -> None:
    """Hold the server at URL to every claim of the contract.

    URL is the root of the server or its /v1, such as http://127.0.0.1:8780. Where the server has a control plane, as
    the emulator has, it is used, and a run takes seconds; without one a run takes real time, and what cannot be tried
    is named. Reports: report.json, junit.xml, index.html.
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
    raise SystemExit(_check(url, access, CheckOptions(**wish)))


@click.command("list")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="Claims of this group only; may be repeated.")
def list_command(groups: tuple[str, ...]) -> None:
    """List every claim: its id, its level, its sentence."""
    _verify(groups)
    checks, laws = select_tests(groups)
    for line in claim_table((*checks, *laws)):
        click.echo(line)


@click.command("explain")
@click.argument("identity", metavar="ID")
def explain_command(identity: str) -> None:
    """Explain one claim: where it is written, how it is tested, what that needs and costs, and an example."""
    _verify(ids=[identity])
    test = find_test(identity)
    click.echo(f"{test.claim.id}: {test.claim.sentence}\n")
    for name, text in explain_claim(test):
        click.echo(f"  {name:<18}{text}")


def _check(url: str, access: Access, wish: CheckOptions) -> int:
    checks, laws = wish.tests
    if missing := [each for each in LIBRARIES if not find_spec(each)]:
        advice = "run pip install '.[contract]' in a checkout, or install the wheel with [contract]"
        raise UsageError(f"check needs {' and '.join(missing)}: {advice}")
    try:
        if wish.report:
            prepare_folder(wish.report, "claims")
        with over_http(url, access, wish.model) as target:
            return _run(target, _described(target, url, access, wish), wish, (*checks, *laws), checks)
    except (OpeningError, UnknownModelError, OSError) as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(target: Target, run: Run, wish: CheckOptions, tests: Sequence[Check | Law], checks: Sequence[Check]) -> int:
    runner = Runner(target, checks, seed=wish.seed, thorough=wish.budget == "full")
    screen = CheckScreen(sys.stdout, run, [each.claim.id for each in tests])
    findings: list[Finding] = []
    began = monotonic()
    try:
        for each in tests:
            screen.show_start(each.claim)
            findings.append(runner.finding(each))
            screen.show_finding(findings[-1])
    except KeyboardInterrupt:
        screen.summary(Report(run, tuple(findings), monotonic() - began))
        screen.say(f"Interrupted after {len(findings)} of {len(tests)} claims; no reports are written.")
        return INTERRUPTED
    finally:
        runner.leave()
    report = Report(run, tuple(findings), monotonic() - began)
    if wish.report:
        write_report(report, wish.report, {each.claim.id: each.method for each in tests})
    screen.summary(report)
    screen.conclusion(report)
    return report.exit_code


def _described(target: Target, url: str, access: Access, wish: CheckOptions) -> Run:
    said = [
        ("--control", access.control, "auto"),
        ("--model", wish.model, DEFAULT_MODEL),
        ("--budget", wish.budget, "quick"),
    ]
    said.append(("--max-executions", str(access.max_executions), "None"))
    options = [word for flag, value, default in said if value != default for word in (flag, value)]
    command = shlex.join(["eachlabs-contract", "check", url, *options])
    root = target.transport.root
    return Run(url, root, wish.model, command, profile=wish.profile, seed=wish.seed, budget=wish.budget)


def _verify(groups: Iterable[str] = (), ids: Iterable[str] = ()) -> None:
    try:
        verify_names(groups, ids)
    except UnknownNameError as error:
        raise UsageError(str(error)) from None
