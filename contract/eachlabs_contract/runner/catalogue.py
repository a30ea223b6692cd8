"""Every claim there is, and how each is put to the test."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

from eachlabs_contract.checks import CHECKS, Check
from eachlabs_contract.laws import LAWS, Law
from eachlabs_contract.spec import Group

TESTS: Final[tuple[Check | Law, ...]] = (*CHECKS, *LAWS)


class UnknownNameError(LookupError):
    """There is no such group or claim; the text names those that are near."""


def select_tests(groups: Collection[str] = (), ids: Collection[str] = ()) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
    """Return the checks and laws of some groups and with some ids; all of them where neither is named."""

    def wanted(each: Check | Law) -> bool:
        return not (groups or ids) or each.claim.group in groups or each.claim.id in ids

    return tuple(filter(wanted, CHECKS)), tuple(filter(wanted, LAWS))


def verify_names(groups: Iterable[str] = (), ids: Iterable[str] = ()) -> None:
    """Make sure that there are groups and claims of these names.

    :raises UnknownNameError: one is unknown.
    """
    for group in groups:
        _verify("group", group, [*Group])
    for identity in ids:
        _verify("claim", identity, [each.claim.id for each in TESTS])


def find_test(identity: str) -> Check | Law:
    """Return the check or law of one claim.

    :raises UnknownNameError: there is none.
    """
    verify_names(ids=[identity])
    return next(each for each in TESTS if each.claim.id == identity)


def _verify(kind: str, name: str, known: list[str]) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=3)
    everything = "eachlabs-contract list names them all" if kind == "claim" else f"these are: {', '.join(known)}"
    advice = f"did you mean {' or '.join(near)}?" if near else everything
    raise UnknownNameError(f"there is no {kind} {name!r}; {advice}")
