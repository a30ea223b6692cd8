"""The check of drawn inputs: more of what the boundary table tries, in combinations that nobody thought of."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from contract.check import check
from contract.checks.tabled import taken as was_taken
from contract.claim import Level
from contract.inputs import Violation, invalid_inputs, valid_inputs
from contract.model import Model
from contract.session import InconclusiveError, Session

EXAMPLES: Final = 40
"""Inputs of either kind that are drawn; ten times as many where there is time."""

FEW: Final = 5
"""The same where the limits cannot be switched off: 100 requests a minute are all there are."""

LONGEST: Final = 200
"""Characters of an input that a message shows."""


@check(
    "parameters.generated",
    "Any input that the schema allows is taken, and any with one thing wrong is refused.",
    source='page, "Input Parameters"',
    level=Level.SHOULD,
    executions=EXAMPLES + 1,
    minimum=2 * FEW,
)
def generated(session: Session) -> None:
    """Draws inputs, good ones and ones with one thing wrong, and reports the simplest that is judged wrongly."""
    schema = _spoken_of(session.model)

    def taken(drawn: dict[str, Any]) -> None:
        exchange = session.post({"model": session.model.slug, "input": drawn})
        session.promise(was_taken(exchange), f"200, since each of these is documented: {_shown(drawn)}", exchange)

    def refused(violation: Violation) -> None:
        exchange = session.post({"model": session.model.slug, "input": violation.input})
        name, fault = violation.parameter, _shown(violation.input.get(violation.parameter, "nothing"))
        expected = f"400, since {name} breaks its rule {violation.rule}: it is {fault}"
        session.promise(exchange.status == 400, expected, exchange)

    _explore(session, valid_inputs(schema).filter(_plainly_text), taken)
    # An empty text breaks a minLength that the page does not name.
    _explore(session, invalid_inputs(schema).filter(lambda each: each.rule != "minLength"), refused)


def _examples(session: Session) -> int:
    if session.thorough:
        return 10 * EXAMPLES
    return EXAMPLES if session.owner.control else FEW


def _explore(session: Session, strategy: SearchStrategy[Any], judge: Callable[[Any], None]) -> None:
    # To make a failing example smaller takes requests, which must not cost anything.
    phases = (Phase.generate, Phase.shrink) if session.target.purse.left is None else (Phase.generate,)

    @seed(session.seed)
    @settings(
        max_examples=_examples(session),
        phases=phases,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def explore(example: Any) -> None:  # noqa: ANN401  # whatever the strategy draws
        judge(example)

    try:
        explore()
    except Flaky:
        raise InconclusiveError("the same input is taken at one time and refused at another") from None


def _spoken_of(model: Model) -> Mapping[str, Any]:
    """Return the schema of a model without the parameters about whose values its page says too little to judge."""

    def told(name: str, schema: Mapping[str, Any]) -> bool:
        bounded = "minimum" in schema and "maximum" in schema
        return schema.get("type") in {"string", "boolean"} or bounded or name in {"seed", *model.required}

    return {**model.schema, "properties": {name: each for name, each in model.parameters.items() if told(name, each)}}


def _plainly_text(drawn: Mapping[str, object]) -> bool:
    """Say whether every text is neither blank nor holds control characters: of those the page says nothing."""
    texts = [each for each in drawn.values() if isinstance(each, str)]
    return all(text.strip() and all(each >= " " or each in "\t\n\r" for each in text) for text in texts)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
