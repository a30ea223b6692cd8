"""Draws inputs with Hypothesis, judges each, and reports the simplest one that fails.

Only the check that draws imports this module, since Hypothesis is slow to import.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from eachlabs_contract.checks.session import Session
from eachlabs_contract.inputs import InvalidInput, invalid_inputs, valid_inputs
from eachlabs_contract.verdict import InconclusiveError


def good_inputs(schema: Mapping[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for inputs that *schema* accepts and whose texts the page covers."""
    return valid_inputs(schema).filter(_is_plainly_text)


def bad_inputs(schema: Mapping[str, Any]) -> SearchStrategy[InvalidInput]:
    """Return a strategy for inputs that *schema* refuses, but no empty texts: no rule of the page forbids them."""
    return invalid_inputs(schema).filter(lambda invalid: invalid.rule != "minLength")


def explore(session: Session, strategy: SearchStrategy[Any], judge: Callable[[Any], None], count: int) -> None:
    """Call *judge* with *count* examples, and after a failure with simpler ones.

    :raises InconclusiveError: the same input is judged in two ways.
    """
    # Simplifying a failing example takes more requests, so they must be free.
    phases = (Phase.generate, Phase.shrink) if session.target.budget.left is None else (Phase.generate,)

    @seed(session.seed)
    @settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def explored(example: Any) -> None:  # noqa: ANN401  # whatever the strategy draws
        judge(example)

    try:
        explored()
    except Flaky:
        raise InconclusiveError("the same input was accepted once and refused once") from None


def _is_plainly_text(drawn: Mapping[str, object]) -> bool:
    """Say whether no text is blank or holds control characters: the page is silent about those."""
    texts = [value for value in drawn.values() if isinstance(value, str)]
    return all(text.strip() and all(char >= " " or char in "\t\n\r" for char in text) for text in texts)
