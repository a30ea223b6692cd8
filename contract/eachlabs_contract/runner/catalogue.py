"""All claims, with the check or law that tests each."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from eachlabs_contract.checks import CHECKS, Check
from eachlabs_contract.laws import LAWS, Law
from eachlabs_contract.spec import Group

TESTS: Final[tuple[Check | Law, ...]] = (*CHECKS, *LAWS)


class UnknownNameError(LookupError):
    """A group or claim is unknown; the text suggests similar names."""


def select_tests(groups: Collection[str] = (), ids: Collection[str] = ()) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
    """Return the checks and laws that are in *groups* or have one of *ids*; without both, all.

    :raises UnknownNameError: a group or claim is unknown.
    """
    for group in groups:
        _verify("group", group, [*Group])
    for identity in ids:
        _verify("claim", identity, [test.claim.id for test in TESTS])

    def is_selected(test: Check | Law) -> bool:
        return not (groups or ids) or test.claim.group in groups or test.claim.id in ids

    return tuple(filter(is_selected, CHECKS)), tuple(filter(is_selected, LAWS))


def find_test(identity: str) -> Check | Law:
    """Return the check or law of one claim.

    :raises UnknownNameError: the claim is unknown.
    """
    checks, laws = select_tests(ids=[identity])
    return checks[0] if checks else laws[0]


def _verify(kind: str, name: str, known: list[str]) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=3)
    everything = "see eachlabs-contract list" if kind == "claim" else f"known: {', '.join(known)}"
    advice = f"did you mean {' or '.join(near)}?" if near else everything
    raise UnknownNameError(f"unknown {kind} {name!r}; {advice}")
