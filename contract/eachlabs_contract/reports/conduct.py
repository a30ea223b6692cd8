"""Prints the report on a caller: its manners, its use of the limits, and the cost of its calls."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import click

from eachlabs_contract.manners import CONDUCT_MEANINGS, Account, Capacity, Conduct, Spend, counted, usd, violation_lines
from eachlabs_contract.reports.terminal import COLOURS, count_verdict
from eachlabs_contract.reports.wording import printable
from eachlabs_contract.spec import MILLIS
from eachlabs_contract.verdict import Verdict

MARGIN: Final = " " * 4


def conduct_lines(account: Account) -> list[str]:
    """Return the lines of the report, with colours."""
    return [
        *(line for conduct in account.conducts for line in _conduct(conduct)),
        "",
        _count(account.conducts, len(account.journal.episode.exchanges), account.source),
        *_gaps(account.journal.forgotten),
        "",
        click.style("Requests", bold=True),
        *(MARGIN + line for line in request_lines(account.capacity)),
        click.style("Money", bold=True),
        *(MARGIN + line for line in money_lines(account.spend)),
        "",
        _conclusion(account.exit_code),
    ]


def request_lines(used: Capacity) -> list[str]:
    """Return the lines about the number and pace of requests."""
    if not used.creates and not used.polls:
        return ["no creates and no polls"]
    requests = f"{counted(used.creates, 'create')} and {counted(used.polls, 'poll')}"
    average = f", {_decimal(used.requests_each)} requests each" if used.requests_each else ""
    most = f"at most {counted(used.most_polls, 'poll')} of one prediction"
    refused = f"; {counted(used.refused, 'request')} refused with 429" if used.refused else ""
    return [
        f"{requests} for {counted(used.predictions, 'prediction')}{average}, {most}{refused}",
        *_limit_lines(used),
        *_ceiling_lines(used),
        *_fit_lines(used),
    ]


def money_lines(money: Spend) -> list[str]:
    """Return the lines about the cost of the executions."""
    number = counted(money.executions, "execution")
    unknown = f" ({money.unpriced} of unknown price not included)" if money.unpriced else ""
    wasted = f"wasted: {usd(money.wasted)} for {counted(money.for_nothing, 'execution')}"
    wasted += f", {money.unheard} with an id that no response contained" if money.unheard else ""
    return [
        f"{number} would have cost {usd(money.cost)} at the real service{unknown}; the emulator charges nothing",
        wasted if money.for_nothing else "wasted: nothing, as far as the journal shows",
    ]


def _conduct(conduct: Conduct) -> list[str]:
    verdict = click.style(f"{conduct.verdict:<13}", fg=COLOURS[conduct.verdict])
    line = f"{verdict}  {conduct.manner.id:<26}{conduct.manner.level:<6}  {conduct.manner.sentence}"
    if conduct.verdict is not Verdict.BROKEN:
        return [line]
    return [line, *(MARGIN + printable(detail) for detail in violation_lines(conduct))]


def _count(conducts: Sequence[Conduct], requests: int, source: str) -> str:
    counts = Counter(conduct.verdict for conduct in conducts)
    totals = ", ".join(count_verdict(verdict, counts[verdict]) for verdict in Verdict if counts[verdict])
    return f"{len(conducts)} manners, {counted(requests, 'request')} in the journal of {printable(source)}: {totals}."


def _gaps(number: int) -> list[str]:
    if not number:
        return []
    lost = f"The journal no longer holds the first {counted(number, 'request')}, so the report leaves them out"
    return [f"{lost}. To keep more, raise eachlabs-mock serve --journal-size."]


def _conclusion(code: int) -> str:
    return click.style(f"Exit code {code}: {CONDUCT_MEANINGS[code]}.", fg="red" if code else "green", bold=True)


def _limit_lines(used: Capacity) -> list[str]:
    if used.limits.requests is None:
        return ["no request limit"]
    limit, (calls, polls) = used.limits.requests, used.peak
    shares = f"{_percent(Fraction(calls, limit))} of the limit, polls alone {_percent(Fraction(polls, limit))}"
    peak = f"{counted(calls, 'request')} in the busiest {_seconds(used.limits.window)} ({limit} allowed): {shares}"
    if not used.loop_share:
        return [peak]
    loop = f"one loop that polls every {_seconds(used.interval)} takes {_percent(used.loop_share)} of the limit"
    return [peak, f"{loop}; {used.loops + 1} such loops at once exceed it" if used.loops else f"{loop} and exceeds it"]


def _ceiling_lines(used: Capacity) -> list[str]:
    if used.polls and not used.interval:
        return []  # the poll interval is unknown
    pace = f"with polls every {_seconds(used.interval)}" if used.interval else "without polls"
    pace = f"{pace}, {_seconds(used.duration)} a prediction"
    if used.ceiling.per_minute is None:
        return [f"{pace}: no limit on predictions a minute"]
    bound = {"requests": "request limit", "slots": "limit of predictions in flight"}[used.ceiling.bound]
    return [f"{pace}: at most {_decimal(used.ceiling.per_minute)} predictions a minute, because of the {bound}"]


def _fit_lines(used: Capacity) -> list[str]:
    fits = [f"{_seconds(wait) if wait else 'none'} for {at_once}" for at_once, wait in used.fits]
    return [f"shortest poll interval for steady work: {', '.join(fits)} predictions at once"] if fits else []


def _seconds(millis: int | None) -> str:
    return f"{(millis or 0) / MILLIS:g} s"


def _percent(share: Fraction) -> str:
    return f"{round(share * 100)} %"


def _decimal(number: Fraction | None) -> str:
    return f"{float(number or 0):.1f}".removesuffix(".0")
