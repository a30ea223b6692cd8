"""All manners, and the judgement of a journal by all of them."""

from collections.abc import Collection
from itertools import chain
from typing import Final

from eachlabs_contract.history import Journal
from eachlabs_contract.manners import creating, identity, limits, polling, results
from eachlabs_contract.manners.manner import Conduct, Manner
from eachlabs_contract.manners.wording import complaint
from eachlabs_contract.spec import Level
from eachlabs_contract.verdict import Verdict

MANNERS: Final[tuple[Manner, ...]] = tuple(
    chain(creating.MANNERS, results.MANNERS, limits.MANNERS, polling.MANNERS, identity.MANNERS)
)
"""Manners that cost money come first."""


class BadMannersError(AssertionError):
    """A caller broke manners; the text says for each what it did, why that hurts and how to fix it."""


class UnknownMannerError(LookupError):
    """A manner is unknown; the text lists the known ones."""


def find_manner(identity: str) -> Manner:
    """Return the manner with this id.

    :raises UnknownMannerError: the id is unknown.
    """
    manners = {manner.id: manner for manner in MANNERS}
    if identity not in manners:
        raise UnknownMannerError(f"unknown manner {identity!r}; known: {', '.join(sorted(manners))}")
    return manners[identity]


def judge_all(journal: Journal) -> tuple[Conduct, ...]:
    """Return the caller's conduct for every manner."""
    return tuple(manner.judge(journal) for manner in MANNERS)


def check_manners(journal: Journal, *, but: Collection[str] = (), strict: bool = False) -> None:
    """Raise if the caller broke a manner. The parameters are those of `complaints`.

    :raises BadMannersError: the caller broke a manner.
    """
    if broken := complaints(journal, but=but, strict=strict):
        raise BadMannersError(complaint(broken))


def complaints(journal: Journal, *, but: Collection[str] = (), strict: bool = False) -> tuple[Conduct, ...]:
    """Return the conduct for each manner that the caller broke.

    :param but: ids of manners to ignore.
    :param strict: whether manners of level SHOULD count, too.
    :raises UnknownMannerError: an id in *but* is unknown.
    """
    for ignored in sorted(but):
        find_manner(ignored)
    relevant = (conduct for conduct in judge_all(journal) if conduct.manner.id not in but)
    broken = (conduct for conduct in relevant if conduct.verdict is Verdict.BROKEN)
    return tuple(conduct for conduct in broken if strict or conduct.manner.level is Level.MUST)
