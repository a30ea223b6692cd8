"""Says on a terminal what is found, a line a claim as it comes, and all that there is to know of a broken one."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Final

import click

from eachlabs_contract.history import Delivery, Event, as_curl
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
"""Events of evidence that a terminal shows; the reports have them all."""

LONGEST: Final = 1000
"""Characters of a line of curl that a terminal shows."""

SAME: Final = 60
"""Characters by which what came is known to be told already."""

_WIDTH: Final = max(map(len, Verdict))
_MARGIN: Final = " " * 4


class Screen:
    """A terminal, or a file in its place.

    :param ids: those that will be told, for the width of their column.
    """

    def __init__(self, stream: IO[str], ids: Iterable[str]) -> None:
        self._stream = stream
        self._id_width = max(map(len, ids), default=0)
        self._live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._live and not os.environ.get("NO_COLOR")

    def say(self, text: str, end: str = "\n") -> None:
        """Write *text*, in colour where the terminal shows colours."""
        click.echo(text + end, file=self._stream, nl=False, color=self._colour)


class CheckScreen(Screen):
    """Where a run is told."""

    def __init__(self, stream: IO[str], run: Run, ids: Iterable[str] = ()) -> None:
        super().__init__(stream, ids)
        self._run = run

    def show_start(self, claim: Claim) -> None:
        """Say what is put to the test now, where the line can be taken back."""
        if self._live:
            self.say(f"{'...':<{_WIDTH}}  {claim.id}\r", end="")

    def show_finding(self, finding: Finding) -> None:
        """Say what was found about one claim."""
        if self._live:
            self.say("\x1b[2K", end="")
        self.say(self._line(finding))
        for line in details(finding, self._run):
            self.say(f"{_MARGIN}{line}")

    def summary(self, report: Report) -> None:
        """Say what was found altogether, so far."""
        self.say("")
        for line in summary_lines(report):
            self.say(line)

    def conclusion(self, report: Report) -> None:
        """Say what the exit code will be, and why."""
        code = report.exit_code
        self.say(click.style(f"Exit code {code}: {MEANINGS[code]}.", fg="red" if code else "green", bold=True))

    def _line(self, finding: Finding) -> str:
        verdict = click.style(f"{finding.verdict:<{_WIDTH}}", fg=COLOURS[finding.verdict], bold=_is_bad(finding))
        if finding.verdict is Verdict.BROKEN:
            return f"{verdict}  {finding.claim.id:<{self._id_width}}  {finding.claim.level}"
        before = f"{finding.claim.id:<{self._id_width}}  {finding.claim.level:<6}  "
        room = shutil.get_terminal_size().columns - _WIDTH - 2 - len(before)
        sentence = finding.claim.sentence
        return f"{verdict}  {before}{_fitted(sentence, room) if self._live else sentence}"


def details(finding: Finding, run: Run) -> list[str]:
    """Return what is to be said of one finding beside its verdict, a line each; nothing where the claim just holds."""
    if finding.verdict is Verdict.BROKEN:
        return broken_lines(finding, run)
    return [printable(finding.reason)] if finding.reason else []


def broken_lines(finding: Finding, run: Run) -> list[str]:
    """Return all that there is to know of a broken claim: the promise, its source, what was sent, what came back."""
    shown, got = finding.evidence[-SHOWN:], " ".join(finding.got.split())
    earlier = len(finding.evidence) - len(shown)
    return [
        *_told("promised", finding.claim.sentence),
        *_told("written", finding.claim.source),
        *(_told("before", f"{earlier} more exchanges, which the reports show") if earlier else ()),
        *(line for each in shown for line in _event(each, run.root, got)),
        *_told("expected", finding.expected),
        *_told("got", got),
        *_told("again", run.again(finding)),
    ]


def summary_lines(report: Report) -> list[str]:
    """Return what a run concluded: what is broken, what could not be tried and why, and how much was done."""
    untried = Counter((each.verdict, each.reason) for each in report.findings if _is_untried(each))
    counts = Counter(each.verdict for each in report.findings)
    told = ", ".join(_counted(each, counts[each]) for each in Verdict if counts[each]) or "nothing to try"
    return [
        *(f"broken: {each.claim.id} ({each.claim.level})" for each in report.of(Verdict.BROKEN)),
        *(f"{verdict}: {count}, since {printable(reason)}" for (verdict, reason), count in untried.items()),
        f"{len(report.findings)} claims about {report.run.target}: {told}.",
        f"{report.requests:,} requests in {report.seconds:.1f} s, seed {report.run.seed}.",
    ]


def _told(word: str, text: str) -> tuple[str, ...]:
    return (f"{word:<9} {shortened(printable(text), LONGEST)}",) if text else ()


def _event(event: Event, root: str, got: str) -> list[str]:
    if isinstance(event, Delivery):
        return [*_told("webhook", request_line(event.request)), *_told("said", answer_line(event))]
    answered = answer_line(event)
    return [
        *_told("sent", as_curl(event, root)),
        *(() if got.startswith(answered[:SAME]) else _told("answered", answered)),
    ]


def _counted(verdict: Verdict, count: int) -> str:
    return f"{count} hold" if verdict is Verdict.HOLDS and count > 1 else f"{count} {verdict}"


def _is_bad(finding: Finding) -> bool:
    return exit_code([finding]) != 0


def _is_untried(finding: Finding) -> bool:
    return finding.verdict in {Verdict.SKIPPED, Verdict.NOT_EXERCISED} and finding.claim.level is not Level.CHOICE


def _fitted(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"
