"""Trials of errors: refusals, failures of the server, and answers that cannot be read."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

NO_BLIND_REPEAT: Final = expect.keeps("creates.blind-repeat", Cost.MONEY)

TRIALS: Final = (
    Trial(
        "errors.400",
        "A create is refused as wrong",
        "Every create is answered 400; message and details say what is wrong.",
        (expect.FAILS, expect.ASKS_ONCE, expect.SHOWS_REFUSAL),
        rules=({"fault": "http_error", "status": 400, "route": "create"},),
    ),
    Trial(
        "errors.401",
        "The key is refused",
        "Every create is answered 401.",
        (expect.FAILS, expect.ASKS_ONCE, expect.NO_KEY_IN_OUTPUT),
        rules=({"fault": "http_error", "status": 401, "route": "create"},),
    ),
    Trial(
        "errors.500-at-poll",
        "The server fails once at a poll",
        "The first read is answered 500. The prediction goes on all the same, and succeeds.",
        expect.RECOVERS,
        rules=({"fault": "http_error", "status": 500, "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.500-at-create",
        "The server fails at a create, and has done the work",
        "The first create is answered 500, although the prediction was made, runs, and is charged for: its id was in "
        "the answer that is lost. Whoever sends the create again pays twice.",
        (NO_BLIND_REPEAT, expect.NO_MORE, expect.ADMITS),
        rules=({"fault": "http_error", "status": 500, "route": "create", "times": 1, "after_commit": True},),
        inevitable=1,
    ),
    Trial(
        "errors.502-html",
        "A gateway's page instead of an answer",
        "The first read is answered 502, with a page of HTML.",
        expect.RECOVERS,
        rules=({"fault": "http_error", "status": 502, "body": "html", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.malformed-json",
        "An answer that is no JSON",
        "The first read is answered 200, and its body lacks the last character.",
        expect.RECOVERS,
        rules=({"fault": "malformed_json", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.empty-body",
        "An answer without a body",
        "The first read is answered 200, with nothing in it.",
        expect.RECOVERS,
        level=Level.SHOULD,
        rules=({"fault": "empty_body", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
)
