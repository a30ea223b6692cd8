"""Tells all there is to know of one claim without a server: where it is written, how it is tested, what that costs."""

from typing import Final

from eachlabs_contract.checks import Check
from eachlabs_contract.history import as_curl
from eachlabs_contract.laws import Law
from eachlabs_contract.manners import PAGE_PRICES, counted
from eachlabs_contract.reports.terminal import LONGEST
from eachlabs_contract.reports.wording import printable, shortened
from eachlabs_contract.runner import example_exchange
from eachlabs_contract.spec import DEFAULT_MODEL, Group
from eachlabs_contract.targets import EXAMPLE_ROOT

RANDOM: Final = frozenset({Group.LIVES, Group.SHAPE})
"""Groups whose checks draw what they send, so that there is no one exchange to show."""


def claim_table(tests: tuple[Check | Law, ...]) -> list[str]:
    """Return a line for each claim: id, level, sentence."""
    width = max((len(each.claim.id) for each in tests), default=0)
    return [f"{each.claim.id:<{width}}  {each.claim.level:<6}  {each.claim.sentence}" for each in tests]


def explain_claim(test: Check | Law) -> list[tuple[str, str]]:
    """Return what there is to know of one claim, each with its name."""
    return [
        ("Level", test.claim.level),
        ("Written in", test.claim.source),
        ("How it is tested", test.method),
        ("Needs", needs(test)),
        ("Costs", cost(test)),
        *_example(test),
    ]


def needs(test: Check | Law) -> str:
    """Return what a check needs of a server and of a model."""
    if isinstance(test, Law):
        return "nothing of its own: it judges what the other checks exchanged"
    parameters = [f"the parameter {each!r} of the model" for each in test.parameters]
    return "; ".join([*(each.value for each in sorted(test.needs)), *parameters]) or "nothing beyond the API and a key"


def cost(test: Check | Law) -> str:
    """Return what a check costs where executions are paid."""
    executions = 0 if isinstance(test, Law) else test.executions
    if not executions:
        return "no paid execution"
    return f"at most {counted(executions, 'paid execution')}, {executions * PAGE_PRICES[DEFAULT_MODEL]} USD"


def _example(test: Check | Law) -> list[tuple[str, str]]:
    if isinstance(test, Law) or test.claim.group in RANDOM:
        return [("Example", "there is no one exchange to show; a report shows those that a run made")]
    shown = example_exchange(test)
    if not shown:
        return []
    exchange, expected = shown
    sent = shortened(printable(as_curl(exchange, EXAMPLE_ROOT), keep="\n"), LONGEST)
    return [("Example", sent), *([("It expects", printable(expected))] if expected else [])]
