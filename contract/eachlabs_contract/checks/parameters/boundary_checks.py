"""Makes checks of the boundary table: one a rule, which sends every row that is about it."""

from collections.abc import Iterable, Mapping
from itertools import groupby, islice
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Exchange
from eachlabs_contract.inputs import Row, Rule, rows
from eachlabs_contract.spec import Level, Model

FEW: Final = 3
"""Rows of a rule and parameter that are sent where the limits cannot be switched off; the telling ones come first."""

STATUS: Final[Mapping[bool | None, int]] = MappingProxyType({True: 200, False: 400})


def of_rule(rule: Rule, sentence: str, *, source: str, level: Level = Level.MUST, executions: int = 1) -> Check:
    """Return the check that sends every row about *rule*; its id is named after it.

    :param executions: of rows to be taken, the most that a model has; rows to be refused cost one at most, since the
        check ends where one is taken.
    """
    status = STATUS[rule.accepted]

    def drive(session: Session) -> None:
        for row in _affordable(session, rule):
            exchange = session.post(row.body)
            holds = taken(exchange) if rule.accepted else exchange.status == status
            session.promise(holds, f"{status}, since {row.label}", exchange)

    drive.__doc__ = f"Sends every row of the boundary table that is about it, and expects {status} each time."
    named = check(
        f"parameters.{rule}",
        sentence,
        source=source,
        level=level,
        executions=executions,
        applies=lambda model: bool(_about(model, rule)),
    )
    return named(drive)


def of_silence(rule: Rule, sentence: str, *, executions: int) -> Check:
    """Return the check that reports what a server makes of the rows about *rule*, of which the page says nothing."""

    def drive(session: Session) -> None:
        outcomes: dict[str, list[tuple[Row, Exchange]]] = {}
        for row in _affordable(session, rule):
            exchange = session.post(row.body)
            outcome = "taken" if taken(exchange) else f"answered {exchange.status or 'not at all'}"
            outcomes.setdefault(outcome, []).append((row, exchange))
        for outcome, tried in outcomes.items():
            (first, exchange), *others = tried
            more = f"; {len(others)} more like it" if others else ""
            session.observe(f"{outcome}: {first.label}{more}", exchange)

    drive.__doc__ = "Sends every row of the boundary table that is about it, and reports what is made of it."
    named = check(
        f"parameters.{rule}",
        sentence,
        source="the page is silent",
        level=Level.CHOICE,
        executions=executions,
        applies=lambda model: bool(_about(model, rule)),
    )
    return named(drive)


def one_each(model: Model, *, accepted: bool) -> Iterable[Row]:
    """Return the first row of each rule and parameter among those that the page has taken, or refused."""
    chosen = {(row.rule, row.parameter): row for row in reversed(rows(model)) if row.accepted is accepted}
    return reversed(chosen.values())


def taken(exchange: Exchange) -> bool:
    """Say whether a create was taken; of what its answer must hold, other claims speak."""
    document = exchange.document
    return exchange.status == 200 and not (isinstance(document, dict) and document.get("status") == "error")


def _about(model: Model, rule: Rule) -> list[Row]:
    return [row for row in rows(model) if row.rule is rule]


def _affordable(session: Session, rule: Rule) -> list[Row]:
    """Return the rows about *rule*; only some where 100 requests a minute are all there are, and time is short."""
    listed = _about(session.model, rule)
    if session.owner.control or session.thorough:
        return listed
    by_parameter = groupby(listed, key=attrgetter("parameter"))  # they stand together
    return [row for _, together in by_parameter for row in islice(together, FEW)]
