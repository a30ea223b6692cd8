"""Trials of the normal flow: responses that a correct API may give."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

MESSAGE: Final = "The kiln went out at 1,040 degrees"

TRIALS: Final = (
    Trial(
        "flow.happy",
        "No fault",
        "The prediction takes 2.5 seconds and succeeds. The other trials are compared with this run: it shows how many "
        "predictions the program needs.",
        (expect.CALLS, expect.MAKES, expect.WORKS, expect.COLLECTS),
    ),
    Trial(
        "flow.three-minutes",
        "A prediction takes three minutes",
        "The prediction takes 180 seconds (9 real seconds here) and succeeds.",
        expect.RECOVERS,
        settings={"duration": 180},
        speed=20,
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.failed",
        "A prediction fails",
        "The prediction ends with status error, a message and details. It costs nothing.",
        (expect.FAILS, expect.shows(MESSAGE), expect.NO_MORE),
        rules=({"fault": "fail", "message": MESSAGE, "details": "Nothing was charged."},),
    ),
    Trial(
        "flow.extra-fields",
        "Responses have undocumented fields",
        "Every response has four additional fields, as a newer version of the service may have.",
        expect.RECOVERS,
        rules=({"fault": "extra_fields"},),
    ),
    Trial(
        "flow.unknown-status",
        "A prediction has an undocumented status",
        "Two reads show the status 'queued', which the page does not document. Then the prediction succeeds.",
        (expect.ADMITS, expect.NO_MORE),
        rules=({"fault": "unknown_status", "word": "queued", "route": "read", "times": 2},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.no-metrics",
        "A success has no metrics",
        "The prediction succeeds, but the response lacks the field metrics.",
        expect.RECOVERS,
        level=Level.SHOULD,
        rules=({"fault": "missing_field", "field": "metrics", "route": "read"},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.output-late",
        "An output is missing at first",
        "The first download of an output is answered 404; the second download succeeds.",
        (*expect.RECOVERS, expect.FETCHES),
        level=Level.SHOULD,
        rules=({"fault": "http_error", "status": 404, "route": "output", "times": 1},),
        irrelevance=relevance.downloading,
    ),
    Trial(
        "flow.no-image",
        "An output is not an image",
        "Every download has the media type of an image, but contains a line of text.",
        (expect.FAILS, expect.NO_MORE),
        level=Level.SHOULD,
        rules=({"fault": "not_an_image", "route": "output"},),
        irrelevance=relevance.downloading,
    ),
)
