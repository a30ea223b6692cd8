"""Trials of errors: refusals, server failures, and unreadable responses."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

NO_BLIND_REPEAT: Final = expect.keeps("creates.blind-repeat", Cost.MONEY)

TRIALS: Final = (
    Trial(
        "errors.400",
        "The server refuses a create as wrong",
        "Every create is answered 400, with a message and details.",
        (expect.FAILS, expect.ASKS_ONCE, expect.SHOWS_REFUSAL),
        rules=({"fault": "http_error", "status": 400, "route": "create"},),
    ),
    Trial(
        "errors.401",
        "The server refuses the key",
        "Every create is answered 401.",
        (expect.FAILS, expect.ASKS_ONCE, expect.NO_KEY_IN_OUTPUT),
        rules=({"fault": "http_error", "status": 401, "route": "create"},),
    ),
    Trial(
        "errors.500-at-poll",
        "A poll is answered 500 once",
        "The first read is answered 500. The prediction still succeeds.",
        expect.RECOVERS,
        rules=({"fault": "http_error", "status": 500, "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.500-at-create",
        "A create is answered 500 after the prediction was made",
        "The first create is answered 500, but the prediction exists, runs and is charged. Its id is lost. A program "
        "that repeats the create pays twice.",
        (NO_BLIND_REPEAT, expect.NO_MORE, expect.ADMITS),
        rules=({"fault": "http_error", "status": 500, "route": "create", "times": 1, "after_commit": True},),
        inevitable=1,
    ),
    Trial(
        "errors.502-html",
        "A poll is answered 502 with HTML",
        "The first read is answered 502 with an HTML page, as from a gateway.",
        expect.RECOVERS,
        rules=({"fault": "http_error", "status": 502, "body": "html", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.malformed-json",
        "A response is not valid JSON",
        "The first read is answered 200, but its body lacks the last character.",
        expect.RECOVERS,
        rules=({"fault": "malformed_json", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "errors.empty-body",
        "A response has no body",
        "The first read is answered 200 with an empty body.",
        expect.RECOVERS,
        level=Level.SHOULD,
        rules=({"fault": "empty_body", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
)
