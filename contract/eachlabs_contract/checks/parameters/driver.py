"""Draws inputs with Hypothesis, judges each, and reports the simplest one that fails.

Only the check that draws imports this module: Hypothesis is slow to import.
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
    """Return a strategy for inputs that *schema* accepts and of whose texts the page says something."""
    return valid_inputs(schema).filter(_is_plainly_text)


def bad_inputs(schema: Mapping[str, Any]) -> SearchStrategy[InvalidInput]:
    """Return a strategy for inputs that *schema* refuses; an empty text breaks a rule that the page does not name."""
    return invalid_inputs(schema).filter(lambda each: each.rule != "minLength")


def explore(session: Session, strategy: SearchStrategy[Any], judge: Callable[[Any], None], count: int) -> None:
    """Have *judge* look at *count* examples, and where one is judged wrongly, at simpler ones.

    :raises InconclusiveError: the same input is judged in two ways.
    """
    # To make a failing example smaller takes requests, which must not cost anything.
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
        raise InconclusiveError("the same input is taken at one time and refused at another") from None


def _is_plainly_text(drawn: Mapping[str, object]) -> bool:
    """Say whether every text is neither blank nor holds control characters: of those the page says nothing."""
    texts = [each for each in drawn.values() if isinstance(each, str)]
    return all(text.strip() and all(each >= " " or each in "\t\n\r" for each in text) for text in texts)
