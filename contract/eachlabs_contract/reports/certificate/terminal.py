"""Says on a terminal what is concluded: a line a trial as it comes, then the money, then the grade."""

import shutil
from collections.abc import Sequence
from typing import IO, Final

import click

from eachlabs_contract.certification import Certificate, Cost, Grade, Result, Trial
from eachlabs_contract.manners import usd
from eachlabs_contract.reports.terminal import COLOURS, Screen
from eachlabs_contract.reports.wording import printable, shortened
from eachlabs_contract.verdict import Verdict

GRADES: Final = {Grade.A: "green", Grade.B: "green", Grade.C: "yellow", Grade.F: "red"}
LONGEST: Final = 400
"""Characters of what happened instead that a terminal shows; the reports have all of it."""

ALIKE: Final = 2
"""Violations of one habit that a terminal shows."""

_WIDTH: Final = len(Verdict.NOT_APPLICABLE)


class CertifyScreen(Screen):
    """Where it is told.

    :param trials: that will be told, for the width of the columns.
    """

    def __init__(self, stream: IO[str], trials: Sequence[Trial]) -> None:
        super().__init__(stream, (each.id for each in trials))

    def begin(self, label: str) -> None:
        """Say which program comes now."""
        self.say(click.style(printable(label), bold=True))

    def show_result(self, result: Result) -> None:
        """Say what is concluded about one trial or habit."""
        verdict = click.style(f"{result.verdict:<{_WIDTH}}", fg=COLOURS[result.verdict])
        trial = result.trial
        self.say(f"{verdict}  {trial.id:<{self._id_width}}  {trial.level:<6}  {trial.title}")
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


def details(result: Result) -> list[str]:
    """Return what is to be said of a result beside its verdict, a line each."""
    shown = result.violations[:ALIKE] if result.observation is None else result.violations
    lines = [f"why       {printable(result.reason)}"] if result.reason else []
    for each in shown:
        where = f"{each.during}: " if each.during != result.trial.id else ""
        lines.append(f"expected  {each.expected}")
        lines.append(f"instead   {where}{shortened(printable(each.got), LONGEST)}")
        lines += [f"costs     {each.cost}"] if each.cost is not Cost.NEITHER else []
    more = len(result.violations) - len(shown)
    return [*lines, f"and       {more} more, which the reports show"] if more else lines


def losses(certificate: Certificate) -> list[str]:
    """Return what was paid, and each loss in dollars, a line each."""
    lines = [f"  {usd(lost)}  {result.trial.id}: {how}" for lost, result, how in certificate.losses]
    return [f"Money: {certificate.money}.", *lines]
