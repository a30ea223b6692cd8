"""The check of random inputs: more values than the boundary table has, in other combinations."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from eachlabs_contract.checks.check import check
from eachlabs_contract.checks.parameters.boundary_checks import is_accepted
from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Level, Model

if TYPE_CHECKING:
    from eachlabs_contract.inputs import InvalidInput

EXAMPLES: Final = 40
"""Inputs of each kind that are drawn; a thorough run draws ten times as many."""

FEW: Final = 5
"""The same where the limits cannot be switched off: only 100 requests a minute are possible."""

LONGEST: Final = 200
"""Characters of an input that a message shows."""


@check(
    "parameters.generated",
    "Every input that the schema allows is accepted, and every input with one error is refused.",
    source='page, "Input Parameters"',
    level=Level.SHOULD,
    executions=EXAMPLES + 1,
    minimum=2 * FEW,
)
def generated(session: Session) -> None:
    """Draws valid inputs and inputs with one error, and reports the simplest one that is answered wrongly."""
    from eachlabs_contract.checks.parameters.driver import bad_inputs, explore, good_inputs  # noqa: PLC0415  # see its head

    schema, count = _covered(session.model), _examples(session)

    def accepts(drawn: dict[str, Any]) -> None:
        exchange = session.post({"model": session.model.slug, "input": drawn})
        expected = f"200, since each of these values is documented: {_shown(drawn)}"
        session.promise(is_accepted(exchange), expected, exchange)

    def refuses(invalid: "InvalidInput") -> None:
        exchange = session.post({"model": session.model.slug, "input": invalid.input})
        name, drawn = invalid.parameter, invalid.input
        fault = f"it is {_shown(drawn[name])}" if name in drawn else "it is missing"
        expected = f"400, since {name} violates its rule {invalid.rule}: {fault}"
        session.promise(exchange.status == 400, expected, exchange)

    explore(session, good_inputs(schema), accepts, count)
    explore(session, bad_inputs(schema), refuses, count)


def _examples(session: Session) -> int:
    if session.thorough:
        return 10 * EXAMPLES
    return EXAMPLES if session.owner.control else FEW


def _covered(model: Model) -> Mapping[str, Any]:
    """Return the schema of a model, without the parameters whose values the page describes too little to judge."""

    def covers(name: str, schema: Mapping[str, Any]) -> bool:
        bounded = "minimum" in schema and "maximum" in schema
        return schema.get("type") in {"string", "boolean"} or bounded or name in {"seed", *model.required}

    parameters = {name: schema for name, schema in model.parameters.items() if covers(name, schema)}
    return {**model.schema, "properties": parameters}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
