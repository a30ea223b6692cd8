"""Describes one claim without a server: its source, its test method, its cost, and an example."""

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
"""Groups whose checks generate random requests, so that no single exchange is an example."""


def claim_table(tests: tuple[Check | Law, ...]) -> list[str]:
    """Return one line for each claim: id, level, sentence."""
    width = max((len(test.claim.id) for test in tests), default=0)
    return [f"{test.claim.id:<{width}}  {test.claim.level:<6}  {test.claim.sentence}" for test in tests]


def explain_claim(test: Check | Law) -> list[tuple[str, str]]:
    """Return the facts about one claim, each with its label."""
    return [
        ("Level", test.claim.level),
        ("Source", test.claim.source),
        ("Test method", test.method),
        ("Needs", needs(test)),
        ("Costs", cost(test)),
        *_example(test),
    ]


def needs(test: Check | Law) -> str:
    """Return the requirements of a test on server and model."""
    if isinstance(test, Law):
        return "nothing: it examines the exchanges of all other checks"
    parameters = [f"the parameter {name!r} of the model" for name in test.parameters]
    return "; ".join([*(need.value for need in sorted(test.needs)), *parameters]) or "only the API and a key"


def cost(test: Check | Law) -> str:
    """Return the cost of a test against a server that charges."""
    executions = 0 if isinstance(test, Law) else test.executions
    if not executions:
        return "no paid execution"
    return f"at most {counted(executions, 'paid execution')}, {executions * PAGE_PRICES[DEFAULT_MODEL]} USD"


def _example(test: Check | Law) -> list[tuple[str, str]]:
    if isinstance(test, Law) or test.claim.group in RANDOM:
        return [("Example", "none: the requests are generated; the report of a run shows them")]
    example = example_exchange(test)
    if not example:
        return []
    exchange, expected = example
    request = shortened(printable(as_curl(exchange, EXAMPLE_ROOT), keep="\n"), LONGEST)
    return [("Example", request), *([("Expected", printable(expected))] if expected else [])]
