"""Trials of the ordinary flow: what the API may answer any day, without anything being broken."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

MESSAGE: Final = "The kiln went out at 1,040 degrees"

TRIALS: Final = (
    Trial(
        "flow.happy",
        "Nothing goes wrong",
        "The prediction takes 2.5 seconds and succeeds. What the program does here is what its work needs; the other "
        "trials are measured by it.",
        (expect.CALLS, expect.MAKES, expect.WORKS, expect.COLLECTS),
    ),
    Trial(
        "flow.three-minutes",
        "A prediction takes three minutes",
        "The prediction takes 180 seconds, which pass in 9 here, and then succeeds.",
        expect.RECOVERS,
        settings={"duration": 180},
        speed=20,
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.failed",
        "A prediction fails",
        "The prediction ends in an error, which is free, with a message and details that say why.",
        (expect.FAILS, expect.shows(MESSAGE), expect.NO_MORE),
        rules=({"fault": "fail", "message": MESSAGE, "details": "Nothing was charged."},),
    ),
    Trial(
        "flow.extra-fields",
        "Answers have fields that nobody announced",
        "Every answer has four more fields, as a newer version of the service may add them.",
        expect.RECOVERS,
        rules=({"fault": "extra_fields"},),
    ),
    Trial(
        "flow.unknown-status",
        "A status that nobody announced",
        "Two reads say that the prediction is 'queued', which the page does not know; then it succeeds as usual.",
        (expect.ADMITS, expect.NO_MORE),
        rules=({"fault": "unknown_status", "word": "queued", "route": "read", "times": 2},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.no-metrics",
        "A success without metrics",
        "The prediction succeeds, and the answer that says so lacks the field metrics.",
        expect.RECOVERS,
        level=Level.SHOULD,
        rules=({"fault": "missing_field", "field": "metrics", "route": "read"},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "flow.output-late",
        "An output is not there at first",
        "The first download of an output is answered 404; the next one would bring it.",
        (*expect.RECOVERS, expect.FETCHES),
        level=Level.SHOULD,
        rules=({"fault": "http_error", "status": 404, "route": "output", "times": 1},),
        irrelevance=relevance.downloading,
    ),
    Trial(
        "flow.no-image",
        "An output is no image",
        "Every download says that it is an image, and holds a line of text.",
        (expect.FAILS, expect.NO_MORE),
        level=Level.SHOULD,
        rules=({"fault": "not_an_image", "route": "output"},),
        irrelevance=relevance.downloading,
    ),
)
