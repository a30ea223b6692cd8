"""Prints a certification on a terminal: one line a trial, then the money, then the grade."""

import shutil
from collections.abc import Sequence
from typing import IO, Final

import click

from eachlabs_contract.certification import Certificate, Cost, Grade, Result, Trial
from eachlabs_contract.manners import counted, usd
from eachlabs_contract.reports.terminal import COLOURS, Printer
from eachlabs_contract.reports.wording import printable, shortened
from eachlabs_contract.verdict import Verdict

GRADES: Final = {Grade.A: "green", Grade.B: "green", Grade.C: "yellow", Grade.F: "red"}
LONGEST: Final = 400
"""Characters of the actual behaviour that a terminal shows; the reports show all of it."""

ALIKE: Final = 2
"""Violations of one habit that a terminal shows."""

_WIDTH: Final = len(Verdict.NOT_APPLICABLE)


class CertifyPrinter(Printer):
    """Prints the progress and the result of `certify`.

    :param trials: all trials that will be printed; they set the width of the columns.
    """

    def __init__(self, stream: IO[str], trials: Sequence[Trial]) -> None:
        super().__init__(stream, (trial.id for trial in trials))

    def begin(self, label: str) -> None:
        """Print the name of the next program."""
        self.say(click.style(printable(label), bold=True))

    def show_result(self, result: Result) -> None:
        """Print the result of one trial or habit."""
        verdict = click.style(f"{result.verdict:<{_WIDTH}}", fg=COLOURS[result.verdict])
        trial = result.trial
        self.say(f"{verdict}  {trial.id:<{self._id_width}}  {trial.level:<6}  {trial.title}")
        for line in details(result):
            self.say(f"    {line}")

    def conclude(self, certificate: Certificate) -> None:
        """Print the payments and the grade."""
        self.say("")
        for line in losses(certificate):
            self.say(line)
        grade = click.style(f"Grade {certificate.grade}", fg=GRADES[certificate.grade], bold=True)
        self.say(f"{grade}: {certificate.grade.meaning}. Based on {certificate.basis}.")
        self.say(f"{certificate.seconds:.0f} s.\n")

    def compare(self, certificates: Sequence[Certificate]) -> None:
        """Print one line for each program: label, grade and wasted money."""
        room = shutil.get_terminal_size().columns // 2
        width = min(max(len(certificate.label) for certificate in certificates), room)
        for certificate in certificates:
            grade = click.style(certificate.grade.value, fg=GRADES[certificate.grade], bold=True)
            self.say(f"{printable(certificate.label)[:room]:<{width}}  {grade}  {usd(certificate.lost)} wasted")


def details(result: Result) -> list[str]:
    """Return the lines below a result: the reason, or each violation."""
    violations = result.violations[:ALIKE] if result.observation is None else result.violations
    lines = [f"reason    {printable(result.reason)}"] if result.reason else []
    for violation in violations:
        where = f"{violation.during}: " if violation.during != result.trial.id else ""
        lines.append(f"expected  {violation.expected}")
        lines.append(f"got       {where}{shortened(printable(violation.got), LONGEST)}")
        lines += [f"cost      {violation.cost}"] if violation.cost is not Cost.NEITHER else []
    more = len(result.violations) - len(violations)
    return [*lines, f"and       {counted(more, 'more violation')}, shown in the reports"] if more else lines


def losses(certificate: Certificate) -> list[str]:
    """Return the payments, and one line for each trial that wasted money."""
    lines = [f"  {usd(lost)}  {result.trial.id}: {payments}" for lost, result, payments in certificate.losses]
    return [f"Money: {certificate.money}.", *lines]
