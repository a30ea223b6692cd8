"""Makes checks from the boundary table: one for each rule, which sends every row of that rule."""

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
"""Rows of each rule and parameter that are sent where the limits cannot be switched off: the first, best ones."""

STATUS: Final[Mapping[bool | None, int]] = MappingProxyType({True: 200, False: 400})


def of_rule(rule: Rule, sentence: str, *, source: str, level: Level = Level.MUST, executions: int = 1) -> Check:
    """Return the check that sends every row of *rule*; its id is named after the rule.

    :param executions: of rows to be accepted, the most that a model has; rows to be refused cost one at most, since the
        check ends when one is accepted.
    """
    status = STATUS[rule.accepted]

    def drive(session: Session) -> None:
        for row in _affordable(session, rule):
            exchange = session.post(row.body)
            holds = is_accepted(exchange) if rule.accepted else exchange.status == status
            session.promise(holds, f"{status}, since {row.label}", exchange)

    drive.__doc__ = f"Sends every row of the boundary table for this rule, and expects {status} each time."
    declare = check(
        f"parameters.{rule}",
        sentence,
        source=source,
        level=level,
        executions=executions,
        applies=lambda model: bool(_about(model, rule)),
    )
    return declare(drive)


def of_silence(rule: Rule, sentence: str, *, executions: int) -> Check:
    """Return the check that reports how a server answers the rows of *rule*, on which the page is silent."""

    def drive(session: Session) -> None:
        outcomes: dict[str, list[tuple[Row, Exchange]]] = {}
        for row in _affordable(session, rule):
            exchange = session.post(row.body)
            outcome = "accepted" if is_accepted(exchange) else f"answered {exchange.status or 'not at all'}"
            outcomes.setdefault(outcome, []).append((row, exchange))
        for outcome, answers in outcomes.items():
            (first, exchange), *others = answers
            more = f"; {len(others)} more like it" if others else ""
            session.observe(f"{outcome}: {first.label}{more}", exchange)

    drive.__doc__ = "Sends every row of the boundary table for this rule, and reports the answers."
    declare = check(
        f"parameters.{rule}",
        sentence,
        source="the page is silent",
        level=Level.CHOICE,
        executions=executions,
        applies=lambda model: bool(_about(model, rule)),
    )
    return declare(drive)


def one_each(model: Model, *, accepted: bool) -> Iterable[Row]:
    """Return the first row of each rule and parameter, of those that the page accepts or of those that it refuses."""
    firsts = {(row.rule, row.parameter): row for row in reversed(rows(model)) if row.accepted is accepted}
    return reversed(firsts.values())


def is_accepted(exchange: Exchange) -> bool:
    """Say whether a create was accepted; other claims cover the body of the answer."""
    document = exchange.document
    return exchange.status == 200 and not (isinstance(document, dict) and document.get("status") == "error")


def _about(model: Model, rule: Rule) -> list[Row]:
    return [row for row in rows(model) if row.rule is rule]


def _affordable(session: Session, rule: Rule) -> list[Row]:
    """Return the rows of *rule*; only some of them where 100 requests a minute are the limit and time is short."""
    every = _about(session.model, rule)
    if session.owner.control or session.thorough:
        return every
    by_parameter = groupby(every, key=attrgetter("parameter"))  # the table is in this order
    return [row for _, group in by_parameter for row in islice(group, FEW)]
