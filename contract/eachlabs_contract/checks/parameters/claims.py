"""Checks of a model's parameters: bounds, types, options, defaults."""

from typing import Final

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.limits.support import must_be_taken
from eachlabs_contract.checks.parameters.boundary_checks import of_rule, of_silence, one_each, taken
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
SEED: Final = 'page, "Input Parameters": Seed, an integer whose Minimum 0 and Maximum 0 mean that there are none'


@check(
    "parameters.silence-answered",
    "What the page says nothing about is taken or refused; it is never a failure of the server.",
    source='page, "Error Handling": every status is of a kind',
    level=Level.SHOULD,
    executions=50,
)
def silence_answered(session: Session) -> None:
    """Sends blank and odd texts, 28.0 for 28, huge integers, doubled keys, unknown fields; expects 200 or 4xx."""
    for row in rows(session.model):
        if row.accepted is None:
            exchange = session.post(row.body)
            answered = taken(exchange) or 400 <= exchange.status < 500
            session.promise(answered, f"200, or a refusal such as 400: {row.label}", exchange)


@check(
    "parameters.refusal-body",
    "A refused input is answered with the error body: status, message and details.",
    source='page, "Error Response"',
    executions=70,
)
def refusal_body(session: Session) -> None:
    """Sends one bad value of each kind for each parameter and reads the body of every 400."""
    for row in one_each(session.model, accepted=False):
        exchange = session.post(row.body)
        if exchange.status == 400:
            complaints = "; ".join(page.refusal(exchange.document).complaints)
            expected = f"the error body: status, message and details, since {row.label}"
            session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "parameters.acceptance-body",
    "An input that is taken is answered with the id of a prediction, whatever its parameters are.",
    source='page, "Create Prediction Response"',
    executions=60,
)
def acceptance_body(session: Session) -> None:
    """Sends one good value of each kind for each parameter and reads the body of every 200."""
    for row in one_each(session.model, accepted=True):
        exchange = session.post(row.body)
        if exchange.status == 200:
            complaints = "; ".join(page.created(exchange.document).complaints)
            expected = "the answer to a create: status, message and predictionID"
            session.promise(not complaints, expected, exchange, got=complaints)


@check(
    "parameters.refused-creates-nothing",
    "A refused input creates nothing: it takes no slot of those in flight.",
    source='page, "Rate Limits" and "Error Handling"',
    level=Level.SHOULD,
    needs=(Need.LIMITS,),
    executions=IN_FLIGHT + 1,
    settings={"max_in_flight": IN_FLIGHT},
)
def refused_creates_nothing(session: Session) -> None:
    """Sends one bad value of each kind for each parameter, then ten good creates, which must all be taken."""
    for row in one_each(session.model, accepted=False):
        if session.post(row.body).status == 200:
            raise InconclusiveError(f"{row.label}, and it is taken, which another claim is about")
    for number in range(1, IN_FLIGHT + 1):
        must_be_taken(
            session, f"200 for good input {number} of {IN_FLIGHT}, since those before were refused and run nowhere"
        )


CHECKS: Final[tuple[Check, ...]] = (
    of_rule(Rule.LOWER_BOUND, "The documented minimum itself is taken.", source=BOUNDS, executions=10),
    of_rule(Rule.UPPER_BOUND, "The documented maximum itself is taken.", source=BOUNDS, executions=10),
    of_rule(Rule.RANGE, "Every value between the documented bounds is taken.", source=BOUNDS, executions=40),
    of_rule(Rule.BELOW, "A value under the documented minimum is refused, however near it is.", source=BOUNDS),
    of_rule(Rule.ABOVE, "A value over the documented maximum is refused, however near it is.", source=BOUNDS),
    of_rule(Rule.FRACTION, "A fraction is no integer, and is refused.", source=TYPES),
    of_rule(Rule.NON_FINITE, "NaN and Infinity are no numbers of JSON, and are refused.", source=f"{TYPES}; RFC 8259"),
    of_rule(Rule.BOOLEAN_NUMBER, "A boolean is no number, and is refused where one is documented.", source=TYPES),
    of_rule(
        Rule.NUMERIC_STRING,
        "A string of digits is no number, and is refused where one is documented.",
        source=TYPES,
        level=Level.SHOULD,
    ),
    of_rule(
        Rule.STRING_BOOLEAN,
        "A string such as true or 1 is no boolean, and is refused where one is documented.",
        source=TYPES,
        level=Level.SHOULD,
    ),
    of_rule(Rule.WRONG_TYPE, "A value of another type than the documented one is refused.", source=TYPES),
    of_rule(Rule.NULL, "Null is no value of any documented type, and is refused.", source=TYPES, level=Level.SHOULD),
    of_rule(Rule.BOOLEANS, "Both values of a boolean are taken.", source=TYPES, executions=10),
    of_rule(Rule.OPTIONS, "Every documented option is taken.", source=OPTIONS, executions=20),
    of_rule(Rule.UNDOCUMENTED_OPTION, "A value that is none of the documented options is refused.", source=OPTIONS),
    of_rule(
        Rule.PROSE_OPTION,
        "What only the prose of the page offers, and no list of options, is refused.",
        source=f'{OPTIONS}, against the prose under "Technical Specifications"',
        level=Level.SHOULD,
    ),
    of_rule(Rule.ANY_SEED, "Any seed that every reader of JSON holds exactly is taken.", source=SEED, executions=10),
    of_rule(
        Rule.WIDE_SEED,
        "A negative seed is taken, and one of up to 64 bits.",
        source=SEED,
        level=Level.SHOULD,
        executions=10,
    ),
    of_rule(
        Rule.ANY_TEXT,
        "Any text is taken, of whatever script and length.",
        source='page, "Input Parameters": Prompt, a string without bounds',
        executions=60,
    ),
    of_rule(
        Rule.REQUIRED,
        "An input without a required parameter is refused.",
        source='page, "Input Parameters": Required',
    ),
    of_rule(
        Rule.COMBINATIONS,
        "Every two documented values are taken together, and so is an input without optional parameters.",
        source='page, "Input Parameters"',
        executions=60,
    ),
    of_silence(Rule.EMPTY_TEXT, "An empty or blank text is taken, or is refused.", executions=8),
    of_silence(
        Rule.ODD_TEXT, "A text of control characters or broken surrogates is taken, or is refused.", executions=10
    ),
    of_silence(Rule.WHOLE_FLOAT, "A whole number written 28.0 is an integer, or is none.", executions=8),
    of_silence(Rule.HUGE_INTEGER, "An integer beyond 64 bits is taken, or is refused.", executions=8),
    of_silence(Rule.DUPLICATE_KEY, "A parameter that stands there twice is taken, or is refused.", executions=12),
    of_silence(Rule.UNKNOWN_FIELD, "A parameter that the model does not have is ignored, or is refused.", executions=6),
    silence_answered,
    refusal_body,
    acceptance_body,
    refused_creates_nothing,
    defaults_mean_themselves,
    generated,
)
