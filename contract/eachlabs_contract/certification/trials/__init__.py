"""The catalogue of scenarios, in the order in which they are told."""

from difflib import get_close_matches
from itertools import chain
from typing import Final

from eachlabs_contract.certification.trial import Scenario
from eachlabs_contract.certification.trials import errors, flow, limits, transport, webhooks
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.spec.claim import Level

SCENARIOS: Final[tuple[Scenario, ...]] = tuple(
    chain(flow.SCENARIOS, limits.SCENARIOS, errors.SCENARIOS, transport.SCENARIOS, webhooks.SCENARIOS)
)

CALM: Final = SCENARIOS[0]
"""The one in which nothing goes wrong: what a program does there is what the others are measured by."""


class UnknownScenarioError(ValueError):
    """There is no such scenario; the text names the nearest."""


def selected(ids: tuple[str, ...]) -> tuple[Scenario, ...]:
    """Return the scenarios with *ids*, in the order of the catalogue; without any, all.

    :raises UnknownScenarioError: one of them is none.
    """
    known = [each.id for each in SCENARIOS]
    for unknown in (each for each in ids if each not in known):
        near = get_close_matches(unknown, known, 1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "--list shows all there are"
        raise UnknownScenarioError(f"there is no scenario {unknown!r}; {hint}")
    return tuple(each for each in SCENARIOS if not ids or each.id in ids)


def rows() -> list[tuple[str, str, Level, str]]:
    """Return a row for each scenario, and for each habit that is judged over all of them: id, title, level, story."""
    return [(each.id, each.title, each.level, each.story) for each in (*SCENARIOS, *HABITS)]
