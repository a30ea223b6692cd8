"""The check of drawn inputs: more of what the boundary table tries, in combinations that nobody thought of."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.parameters.boundary_checks import taken as was_taken
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Level, Model

if TYPE_CHECKING:
    from eachlabs_contract.inputs import InvalidInput

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
    from eachlabs_contract.checks.parameters.driver import bad_inputs, explore, good_inputs  # noqa: PLC0415  # see its head

    schema, count = _spoken_of(session.model), _examples(session)

    def taken(drawn: dict[str, Any]) -> None:
        exchange = session.post({"model": session.model.slug, "input": drawn})
        session.promise(was_taken(exchange), f"200, since each of these is documented: {_shown(drawn)}", exchange)

    def refused(invalid: "InvalidInput") -> None:
        exchange = session.post({"model": session.model.slug, "input": invalid.input})
        name, drawn = invalid.parameter, invalid.input
        fault = f"it is {_shown(drawn[name])}" if name in drawn else "it is missing"
        expected = f"400, since {name} breaks its rule {invalid.rule}: {fault}"
        session.promise(exchange.status == 400, expected, exchange)

    explore(session, good_inputs(schema), taken, count)
    explore(session, bad_inputs(schema), refused, count)


def _examples(session: Session) -> int:
    if session.thorough:
        return 10 * EXAMPLES
    return EXAMPLES if session.owner.control else FEW


def _spoken_of(model: Model) -> Mapping[str, Any]:
    """Return the schema of a model without the parameters about whose values its page says too little to judge."""

    def told(name: str, schema: Mapping[str, Any]) -> bool:
        bounded = "minimum" in schema and "maximum" in schema
        return schema.get("type") in {"string", "boolean"} or bounded or name in {"seed", *model.required}

    return {**model.schema, "properties": {name: each for name, each in model.parameters.items() if told(name, each)}}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
