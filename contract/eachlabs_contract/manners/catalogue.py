"""Every manner there is, and how a journal is judged by all of them."""

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
"""Money first."""


class BadMannersError(AssertionError):
    """A caller broke a manner; the text tells each, what was done, why it hurts and what would be right."""


class UnknownMannerError(LookupError):
    """There is no such manner; the text names those there are."""


def find_manner(identity: str) -> Manner:
    """Return the manner with this id.

    :raises UnknownMannerError: there is none.
    """
    manners = {each.id: each for each in MANNERS}
    if identity not in manners:
        raise UnknownMannerError(f"there is no manner {identity!r}; these are: {', '.join(sorted(manners))}")
    return manners[identity]


def judge_all(journal: Journal) -> tuple[Conduct, ...]:
    """Return how the caller behaved with regard to every manner."""
    return tuple(each.judge(journal) for each in MANNERS)


def check_manners(journal: Journal, *, but: Collection[str] = (), strict: bool = False) -> None:
    """Make sure that there is nothing to complain about; the rest is as in `complaints`.

    :raises BadMannersError: there is.
    """
    if broken := complaints(journal, but=but, strict=strict):
        raise BadMannersError(complaint(broken))


def complaints(journal: Journal, *, but: Collection[str] = (), strict: bool = False) -> tuple[Conduct, ...]:
    """Return what there is to complain about: the manners that the caller broke.

    :param but: ids of manners that are not held against it.
    :param strict: whether those are counted, too, that a caller only should keep.
    :raises UnknownMannerError: there is no manner of such an id.
    """
    for excused in sorted(but):
        find_manner(excused)
    broken = (each for each in judge_all(journal) if each.verdict is Verdict.BROKEN and each.manner.id not in but)
    return tuple(each for each in broken if strict or each.manner.level is Level.MUST)
