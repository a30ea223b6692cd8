"""Checks of a model's parameters: bounds, types, options, defaults."""

from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.limits.support import must_be_accepted
from eachlabs_contract.checks.parameters.boundary_checks import is_accepted, of_rule, of_silence, one_each
from eachlabs_contract.checks.parameters.defaults import defaults_mean_themselves
from eachlabs_contract.checks.parameters.generated import generated
from eachlabs_contract.checks.session import Session
from eachlabs_contract.inputs import Rule, rows
from eachlabs_contract.spec import IN_FLIGHT, Level, page
from eachlabs_contract.targets import Need
from eachlabs_contract.verdict import InconclusiveError

BOUNDS: Final = 'page, "Input Parameters": Minimum and Maximum'
TYPES: Final = 'page, "Input Parameters": Type'
OPTIONS: Final = 'page, "Input Parameters": Options'
SEED: Final = 'page, "Input Parameters": Seed, an integer; Minimum 0 and Maximum 0 mean that it has no bounds'


@check(
    "parameters.silence-answered",
    "An input that the page does not cover is accepted or refused, and never causes a server error.",
    source='page, "Error Handling": 400, a bad request; 500, a server error',
    level=Level.SHOULD,
    executions=50,
)
def silence_answered(session: Session) -> None:
    """Sends blank and unusual texts, 28.0 for 28, huge integers, duplicate keys, unknown fields; expects 200 or 4xx."""
    for row in rows(session.model):
        if row.accepted is None:
            exchange = session.post(row.body)
            answered = is_accepted(exchange) or 400 <= exchange.status < 500
            session.promise(answered, f"200, or a refusal such as 400: {row.label}", exchange)


@check(
    "parameters.refusal-body",
    "A refused input is answered with the error body: status, message and details.",
    source='page, "Error Response"',
    executions=70,
)
def refusal_body(session: Session) -> None:
    """Sends one invalid value of each kind for each parameter and checks the body of every 400."""
    for row in one_each(session.model, accepted=False):
        exchange = session.post(row.body)
        if exchange.status == 400:
            complaints = "; ".join(page.refusal(exchange.document).complaints)
            expected = f"the error body: status, message and details, since {row.label}"
            session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "parameters.acceptance-body",
    "An accepted input is answered with a predictionID, whatever its parameters are.",
    source='page, "Create Prediction Response"',
    executions=60,
)
def acceptance_body(session: Session) -> None:
    """Sends one valid value of each kind for each parameter and checks the body of every 200."""
    for row in one_each(session.model, accepted=True):
        exchange = session.post(row.body)
        if exchange.status == 200:
            complaints = "; ".join(page.created(exchange.document).complaints)
            expected = "the answer to a create: status, message and predictionID"
            session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "parameters.refused-creates-nothing",
    "A refused input makes no prediction and takes no slot.",
    source='page, "Rate Limits" and "Error Handling"',
    level=Level.SHOULD,
    needs=(Need.LIMITS,),
    executions=IN_FLIGHT + 1,
    settings={"max_in_flight": IN_FLIGHT},
)
def refused_creates_nothing(session: Session) -> None:
    """Sends one invalid value of each kind for each parameter, then ten valid creates, which must all be accepted."""
    for row in one_each(session.model, accepted=False):
        if session.post(row.body).status == 200:
            raise InconclusiveError(f"an input was accepted although {row.label}; another claim covers that")
    for number in range(1, IN_FLIGHT + 1):
        expected = f"200 for valid input {number} of {IN_FLIGHT}, since the inputs before were refused"
        must_be_accepted(session, expected)


CHECKS: Final[tuple[Check, ...]] = (
    of_rule(Rule.LOWER_BOUND, "The documented minimum is accepted.", source=BOUNDS, executions=10),
    of_rule(Rule.UPPER_BOUND, "The documented maximum is accepted.", source=BOUNDS, executions=10),
    of_rule(Rule.RANGE, "Every value between the documented bounds is accepted.", source=BOUNDS, executions=40),
    of_rule(Rule.BELOW, "Every value below the documented minimum is refused, even the nearest one.", source=BOUNDS),
    of_rule(Rule.ABOVE, "Every value above the documented maximum is refused, even the nearest one.", source=BOUNDS),
    of_rule(Rule.FRACTION, "A fraction is refused where an integer is documented.", source=TYPES),
    of_rule(Rule.NON_FINITE, "NaN and Infinity are refused where a number is documented.", source=f"{TYPES}; RFC 8259"),
    of_rule(Rule.BOOLEAN_NUMBER, "A boolean is refused where a number is documented.", source=TYPES),
    of_rule(
        Rule.NUMERIC_STRING,
        "A string of digits is refused where a number is documented.",
        source=TYPES,
        level=Level.SHOULD,
    ),
    of_rule(
        Rule.STRING_BOOLEAN,
        "A string such as true or 1 is refused where a boolean is documented.",
        source=TYPES,
        level=Level.SHOULD,
    ),
    of_rule(Rule.WRONG_TYPE, "A value of the wrong type is refused.", source=TYPES),
    of_rule(Rule.NULL, "Null is refused for every parameter.", source=TYPES, level=Level.SHOULD),
    of_rule(Rule.BOOLEANS, "True and false are accepted where a boolean is documented.", source=TYPES, executions=10),
    of_rule(Rule.OPTIONS, "Every documented option is accepted.", source=OPTIONS, executions=20),
    of_rule(Rule.UNDOCUMENTED_OPTION, "A value that is not a documented option is refused.", source=OPTIONS),
    of_rule(
        Rule.PROSE_OPTION,
        "An option that only the prose of the page names is refused.",
        source=f'{OPTIONS}, unlike the prose in "Technical Specifications"',
        level=Level.SHOULD,
    ),
    of_rule(Rule.ANY_SEED, "Every integer seed from 0 to 2^53 is accepted.", source=SEED, executions=10),
    of_rule(
        Rule.WIDE_SEED,
        "A negative seed and a seed of up to 64 bits are accepted.",
        source=SEED,
        level=Level.SHOULD,
        executions=10,
    ),
    of_rule(
        Rule.ANY_TEXT,
        "Text of any script and length is accepted.",
        source='page, "Input Parameters": Prompt, a string without bounds',
        executions=60,
    ),
    of_rule(
        Rule.REQUIRED, "An input without a required parameter is refused.", source='page, "Input Parameters": Required'
    ),
    of_rule(
        Rule.COMBINATIONS,
        "Any two documented values are accepted together, and so is an input without optional parameters.",
        source='page, "Input Parameters"',
        executions=60,
    ),
    of_silence(Rule.EMPTY_TEXT, "The server chooses whether it accepts an empty or blank text.", executions=8),
    of_silence(
        Rule.ODD_TEXT,
        "The server chooses whether it accepts a text with control characters or broken surrogates.",
        executions=10,
    ),
    of_silence(Rule.WHOLE_FLOAT, "The server chooses whether it accepts 28.0 as an integer.", executions=8),
    of_silence(Rule.HUGE_INTEGER, "The server chooses whether it accepts an integer beyond 64 bits.", executions=8),
    of_silence(Rule.DUPLICATE_KEY, "The server chooses whether it accepts the same parameter twice.", executions=12),
    of_silence(
        Rule.UNKNOWN_FIELD, "The server chooses whether it ignores or refuses an unknown parameter.", executions=6
    ),
    silence_answered,
    refusal_body,
    acceptance_body,
    refused_creates_nothing,
    defaults_mean_themselves,
    generated,
)
