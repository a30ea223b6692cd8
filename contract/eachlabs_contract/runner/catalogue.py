"""Every claim there is, and how each is put to the test."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import chain
from typing import Final

from eachlabs_contract.checks import (
    envelope,
    lifecycle,
    limits,
    openapi,
    outputs,
    parameters,
    races,
    stateful,
    webhooks,
)
from eachlabs_contract.checks.check import Check
from eachlabs_contract.laws import LAWS
from eachlabs_contract.laws.law import Law
from eachlabs_contract.spec.claim import Group

CHECKS: Final[tuple[Check, ...]] = tuple(
    chain(
        parameters.CHECKS,
        envelope.CHECKS,
        lifecycle.CHECKS,
        limits.CHECKS,
        webhooks.CHECKS,
        outputs.CHECKS,
        races.CHECKS,
        stateful.CHECKS,
        openapi.CHECKS,
    )
)

TESTS: Final[tuple[Check | Law, ...]] = (*CHECKS, *LAWS)


class UnknownNameError(LookupError):
    """There is no such group or claim; the text names those that are near."""


def selected(groups: Collection[str] = (), ids: Collection[str] = ()) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
    """Return the checks and laws of some groups and with some ids; all of them where neither is named."""

    def wanted(each: Check | Law) -> bool:
        return not (groups or ids) or each.claim.group in groups or each.claim.id in ids

    return tuple(filter(wanted, CHECKS)), tuple(filter(wanted, LAWS))


def verify(groups: Iterable[str] = (), ids: Iterable[str] = ()) -> None:
    """Make sure that there are groups and claims of these names.

    :raises UnknownNameError: one is unknown.
    """
    for group in groups:
        _verify("group", group, [*Group])
    for identity in ids:
        _verify("claim", identity, [each.claim.id for each in TESTS])


def named(identity: str) -> Check | Law:
    """Return the check or law of one claim.

    :raises UnknownNameError: there is none.
    """
    verify(ids=[identity])
    return next(each for each in TESTS if each.claim.id == identity)


def _verify(kind: str, name: str, known: list[str]) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=3)
    everything = "eachlabs-contract list names them all" if kind == "claim" else f"these are: {', '.join(known)}"
    advice = f"did you mean {' or '.join(near)}?" if near else everything
    raise UnknownNameError(f"there is no {kind} {name!r}; {advice}")
