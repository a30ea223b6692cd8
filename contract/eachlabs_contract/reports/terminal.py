"""Prints the findings of `check` on a terminal: one line a claim, and the details of each broken claim."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Final

import click

from eachlabs_contract.history import Delivery, Event, as_curl
from eachlabs_contract.manners import counted
from eachlabs_contract.reports.wording import answer_line, printable, request_line, shortened
from eachlabs_contract.spec import Claim, Level
from eachlabs_contract.verdict import MEANINGS, Finding, Report, Run, Verdict, exit_code

COLOURS: Final[Mapping[Verdict, str]] = {
    Verdict.HOLDS: "green",
    Verdict.BROKEN: "red",
    Verdict.NOT_EXERCISED: "yellow",
    Verdict.SKIPPED: "yellow",
    Verdict.OBSERVED: "cyan",
    Verdict.NOT_APPLICABLE: "cyan",
}

SHOWN: Final = 3
"""Events of evidence that a terminal shows; the reports show them all."""

LONGEST: Final = 1000
"""Characters of a line that a terminal shows."""

SAME: Final = 60
"""A response whose first characters equal those of `got` is not printed again."""

_WIDTH: Final = max(map(len, Verdict))
_MARGIN: Final = " " * 4


class Printer:
    """Writes lines to a terminal or a file.

    :param ids: all ids that will be printed; they set the width of the column.
    """

    def __init__(self, stream: IO[str], ids: Iterable[str]) -> None:
        self._stream = stream
        self._id_width = max(map(len, ids), default=0)
        self._live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._live and not os.environ.get("NO_COLOR")

    def say(self, text: str, end: str = "\n") -> None:
        """Write *text*, in colour if the terminal supports it."""
        click.echo(text + end, file=self._stream, nl=False, color=self._colour)


class CheckPrinter(Printer):
    """Prints the progress and the result of `check`."""

    def __init__(self, stream: IO[str], run: Run, ids: Iterable[str] = ()) -> None:
        super().__init__(stream, ids)
        self._run = run

    def show_start(self, claim: Claim) -> None:
        """Show the claim under test, on a terminal that can erase the line."""
        if self._live:
            self.say(f"{'...':<{_WIDTH}}  {claim.id}\r", end="")

    def show_finding(self, finding: Finding) -> None:
        """Print the finding of one claim."""
        if self._live:
            self.say("\x1b[2K", end="")
        self.say(self._line(finding))
        for line in details(finding, self._run):
            self.say(f"{_MARGIN}{line}")

    def summary(self, report: Report) -> None:
        """Print the summary."""
        self.say("")
        for line in summary_lines(report):
            self.say(line)

    def conclusion(self, report: Report) -> None:
        """Print the exit code and its meaning."""
        code = report.exit_code
        self.say(click.style(f"Exit code {code}: {MEANINGS[code]}.", fg="red" if code else "green", bold=True))

    def _line(self, finding: Finding) -> str:
        verdict = click.style(f"{finding.verdict:<{_WIDTH}}", fg=COLOURS[finding.verdict], bold=_is_bad(finding))
        if finding.verdict is Verdict.BROKEN:
            return f"{verdict}  {finding.claim.id:<{self._id_width}}  {finding.claim.level}"
        columns = f"{finding.claim.id:<{self._id_width}}  {finding.claim.level:<6}  "
        width = shutil.get_terminal_size().columns - _WIDTH - 2 - len(columns)
        sentence = finding.claim.sentence
        return f"{verdict}  {columns}{_truncated(sentence, width) if self._live else sentence}"


def details(finding: Finding, run: Run) -> list[str]:
    """Return the lines below a finding: the details of a broken claim, or the reason; none for a claim that holds."""
    if finding.verdict is Verdict.BROKEN:
        return broken_lines(finding, run)
    return [printable(finding.reason)] if finding.reason else []


def broken_lines(finding: Finding, run: Run) -> list[str]:
    """Return the details of a broken claim: the promise, its source, requests and responses, and how to rerun it."""
    events, got = finding.evidence[-SHOWN:], " ".join(finding.got.split())
    earlier = len(finding.evidence) - len(events)
    return [
        *_labelled("claim", finding.claim.sentence),
        *_labelled("source", finding.claim.source),
        *(_labelled("before", f"{counted(earlier, 'earlier event')}, shown in the reports") if earlier else ()),
        *(line for event in events for line in _event(event, run.root, got)),
        *_labelled("expected", finding.expected),
        *_labelled("got", got),
        *_labelled("rerun", run.again(finding)),
    ]


def summary_lines(report: Report) -> list[str]:
    """Return the summary of a run: broken claims, untested claims with the reason, and the counts."""
    untested = Counter((finding.verdict, finding.reason) for finding in report.findings if _is_untested(finding))
    counts = Counter(finding.verdict for finding in report.findings)
    totals = ", ".join(count_verdict(verdict, counts[verdict]) for verdict in Verdict if counts[verdict])
    return [
        *(f"broken: {finding.claim.id} ({finding.claim.level})" for finding in report.of(Verdict.BROKEN)),
        *(f"{verdict}: {count}, because {printable(reason)}" for (verdict, reason), count in untested.items()),
        f"{counted(len(report.findings), 'claim')} about {report.run.target}: {totals or 'nothing to test'}.",
        f"{counted(report.requests, 'request')} in {report.seconds:.1f} s, seed {report.run.seed}.",
    ]


def count_verdict(verdict: Verdict, count: int) -> str:
    """Return how many findings have *verdict*, in words: "1 holds", "2 hold", "2 broken"."""
    return f"{count} hold" if verdict is Verdict.HOLDS and count != 1 else f"{count} {verdict}"


def _labelled(label: str, text: str) -> tuple[str, ...]:
    return (f"{label:<9} {shortened(printable(text), LONGEST)}",) if text else ()


def _event(event: Event, root: str, got: str) -> list[str]:
    if isinstance(event, Delivery):
        return [*_labelled("webhook", request_line(event.request)), *_labelled("body", answer_line(event))]
    response = answer_line(event)
    return [
        *_labelled("request", as_curl(event, root)),
        *(() if got.startswith(response[:SAME]) else _labelled("response", response)),
    ]


def _is_bad(finding: Finding) -> bool:
    return exit_code([finding]) != 0


def _is_untested(finding: Finding) -> bool:
    return finding.verdict in {Verdict.SKIPPED, Verdict.NOT_EXERCISED} and finding.claim.level is not Level.CHOICE


def _truncated(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"
