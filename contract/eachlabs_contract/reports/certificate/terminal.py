"""Says on a terminal what is concluded: a line a scenario as it comes, then the money, then the grade."""

import os
import shutil
from collections.abc import Sequence
from typing import IO, Final

import click

from eachlabs_contract.certification.certificate import Certificate, Grade
from eachlabs_contract.certification.result import Result
from eachlabs_contract.certification.trial import Cost, Scenario
from eachlabs_contract.manners.wording import usd
from eachlabs_contract.reports.terminal import COLOURS
from eachlabs_contract.reports.wording import printable, shortened
from eachlabs_contract.verdict import Verdict

GRADES: Final = {Grade.A: "green", Grade.B: "green", Grade.C: "yellow", Grade.F: "red"}
LONGEST: Final = 400
"""Characters of what happened instead that a terminal shows; the reports have all of it."""

ALIKE: Final = 2
"""Breaches of one habit that a terminal shows."""

_WIDTH: Final = len(Verdict.NOT_APPLICABLE)


class Screen:
    """Where it is told.

    :param scenarios: that will be told, for the width of the columns.
    """

    def __init__(self, stream: IO[str], scenarios: Sequence[Scenario]) -> None:
        self._stream = stream
        self._id_width = max((len(each.id) for each in scenarios), default=0)
        self._colour = stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")

    def begin(self, label: str) -> None:
        """Say which program comes now."""
        self.say(click.style(printable(label), bold=True))

    def told(self, result: Result) -> None:
        """Say what is concluded about one scenario or habit."""
        verdict = click.style(f"{result.verdict:<{_WIDTH}}", fg=COLOURS[result.verdict])
        scenario = result.scenario
        self.say(f"{verdict}  {scenario.id:<{self._id_width}}  {scenario.level:<6}  {scenario.title}")
        for line in details(result):
            self.say(f"    {line}")

    def conclude(self, certificate: Certificate) -> None:
        """Say what it would have cost, and the grade."""
        self.say("")
        for line in losses(certificate):
            self.say(line)
        grade = click.style(f"Grade {certificate.grade}", fg=GRADES[certificate.grade], bold=True)
        self.say(f"{grade}: {certificate.grade.meaning}. Earned over {certificate.basis}.")
        self.say(f"{certificate.seconds:.0f} s.\n")

    def compare(self, certificates: Sequence[Certificate]) -> None:
        """Say side by side what several programs earned."""
        room = shutil.get_terminal_size().columns // 2
        width = min(max(len(each.label) for each in certificates), room)
        for each in certificates:
            grade = click.style(each.grade.value, fg=GRADES[each.grade], bold=True)
            self.say(f"{printable(each.label)[:room]:<{width}}  {grade}  {usd(each.lost)} for nothing")

    def say(self, text: str) -> None:
        """Say something else."""
        click.echo(text, file=self._stream, color=bool(self._colour))


def details(result: Result) -> list[str]:
    """Return what is to be said of a result beside its verdict, a line each."""
    shown = result.shortfalls[:ALIKE] if result.observation is None else result.shortfalls
    lines = [f"why       {printable(result.reason)}"] if result.reason else []
    for each in shown:
        where = f"{each.during}: " if each.during != result.scenario.id else ""
        lines.append(f"expected  {each.expectation.sentence}")
        lines.append(f"instead   {where}{shortened(printable(each.told), LONGEST)}")
        lines += [f"costs     {each.expectation.cost}"] if each.expectation.cost is not Cost.NEITHER else []
    more = len(result.shortfalls) - len(shown)
    return [*lines, f"and       {more} more, which the reports show"] if more else lines


def losses(certificate: Certificate) -> list[str]:
    """Return what was paid, and each loss in dollars, a line each."""
    lines = [f"  {usd(lost)}  {result.scenario.id}: {how}" for lost, result, how in certificate.losses]
    return [f"Money: {certificate.money}.", *lines]
