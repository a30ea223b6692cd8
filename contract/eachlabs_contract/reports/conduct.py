"""Says on a terminal how a caller behaved, what it used of the limits, and what that would have cost."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import click

from eachlabs_contract.manners import CONDUCT_MEANINGS, Account, Capacity, Conduct, Spend, counted, usd, violation_lines
from eachlabs_contract.reports.terminal import COLOURS
from eachlabs_contract.reports.wording import printable
from eachlabs_contract.spec import MILLIS
from eachlabs_contract.verdict import Verdict

MARGIN: Final = " " * 4


def conduct_lines(account: Account) -> list[str]:
    """Return the account for people, a line each; colours are the terminal's affair."""
    return [
        *(line for each in account.conducts for line in _conduct(each)),
        "",
        _count(account.conducts, len(account.journal.episode.exchanges), account.source),
        *_gaps(account.journal.forgotten),
        "",
        click.style("Requests", bold=True),
        *(MARGIN + each for each in request_lines(account.capacity)),
        click.style("Money", bold=True),
        *(MARGIN + each for each in money_lines(account.spend)),
        "",
        _conclusion(account.exit_code),
    ]


def request_lines(used: Capacity) -> list[str]:
    """Return what the requests went for, and what the limits leave room for."""
    if not used.creates and not used.polls:
        return ["no prediction was asked for"]
    sent = f"{counted(used.creates, 'create')} and {counted(used.polls, 'poll')}"
    each = f", {_decimal(used.requests_each)} each" if used.requests_each else ""
    most = f"at most {counted(used.most_polls, 'poll')} of one"
    refused = f"; {used.refused} of them refused (429)" if used.refused else ""
    return [
        f"{sent} for {counted(used.predictions, 'prediction')}{each}, {most}{refused}",
        *_limit_lines(used),
        *_ceiling_lines(used),
        *_fit_lines(used),
    ]


def money_lines(money: Spend) -> list[str]:
    """Return what the executions would have cost."""
    number = counted(money.executions, "execution")
    unknown = f"; the price of {money.unpriced} of them is not known, and not in it" if money.unpriced else ""
    wasted = f"{usd(money.wasted)} of that for nothing: {counted(money.for_nothing, 'execution')} paid for in vain"
    wasted += f", {money.unheard} of them with ids that no answer told" if money.unheard else ""
    return [
        f"{number} would have cost {usd(money.cost)} at the real service{unknown}; the emulator charged nothing",
        wasted if money.for_nothing else "none of it was for nothing, as far as the journal shows",
    ]


def _conduct(conduct: Conduct) -> list[str]:
    verdict = click.style(f"{conduct.verdict:<13}", fg=COLOURS[conduct.verdict])
    line = f"{verdict}  {conduct.manner.id:<26}{conduct.manner.level:<6}  {conduct.manner.sentence}"
    if conduct.verdict is not Verdict.BROKEN:
        return [line]
    return [line, *(MARGIN + printable(each) for each in violation_lines(conduct))]


def _count(conducts: Sequence[Conduct], requests: int, source: str) -> str:
    counts = Counter(each.verdict for each in conducts)
    told = ", ".join(f"{counts[each]} {'hold' if each is Verdict.HOLDS else each}" for each in Verdict if counts[each])
    by = f"judged by {counted(requests, 'request')} in the journal of {printable(source)}"
    return f"{len(conducts)} manners of the caller, {by}: {told}."


def _gaps(number: int) -> list[str]:
    if not number:
        return []
    told = f"The first {counted(number, 'request')} are no longer in the journal, and not judged"
    return [f"{told}: eachlabs-mock serve --journal-size keeps more."]


def _conclusion(code: int) -> str:
    return click.style(f"Exit code {code}: {CONDUCT_MEANINGS[code]}.", fg="red" if code else "green", bold=True)


def _limit_lines(used: Capacity) -> list[str]:
    if used.limits.requests is None:
        return ["no limit of requests was in force"]
    limit, (calls, polls) = used.limits.requests, used.peak
    shares = f"{_percent(Fraction(calls, limit))} of the limit, the polls alone {_percent(Fraction(polls, limit))}"
    peak = f"{calls} calls in the busiest {_seconds(used.limits.window)}, where {limit} are allowed: {shares}"
    if not used.loop_share:
        return [peak]
    breaking = f"; {used.loops + 1} such loops at once break it" if used.loops else ", and breaks it alone"
    return [
        peak,
        f"a loop that polls every {_seconds(used.interval)} takes {_percent(used.loop_share)} of it{breaking}",
    ]


def _ceiling_lines(used: Capacity) -> list[str]:
    if used.polls and not used.interval:
        return []  # how often they came is not known
    takes = f"a prediction of {_seconds(used.duration)}"
    how = f"polling every {_seconds(used.interval)}" if used.interval else "without polling"
    if used.ceiling.per_minute is None:
        return [f"{how}, with {takes}: no limit on predictions a minute"]
    bound = {"requests": "the limit of requests", "slots": "the number in flight"}[used.ceiling.bound]
    return [f"{how}, with {takes}: {_decimal(used.ceiling.per_minute)} predictions a minute at most, by {bound}"]


def _fit_lines(used: Capacity) -> list[str]:
    told = [
        f"{at_once} at once, every {_seconds(fits)}" if fits else f"{at_once} at once, at none"
        for at_once, fits in used.fits
    ]
    return [f"intervals that fit, where each is followed by the next: {'; '.join(told)}"] if told else []


def _seconds(millis: int | None) -> str:
    return f"{(millis or 0) / MILLIS:g} s"


def _percent(share: Fraction) -> str:
    return f"{round(share * 100)} %"


def _decimal(number: Fraction | None) -> str:
    return f"{float(number or 0):.1f}".removesuffix(".0")
