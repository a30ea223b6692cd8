"""Trials of the transport: refused and broken connections, missing responses, and a prediction without an end."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

TRIALS: Final = (
    Trial(
        "transport.refused",
        "The first connection is refused",
        "The first connection is refused, so no request was sent. Two seconds later the API is available.",
        expect.RECOVERS,
        level=Level.SHOULD,
        opens_late=True,
    ),
    Trial(
        "transport.reset",
        "A connection breaks in the middle of a response",
        "The first read gets half a response body, then the connection is reset.",
        expect.RECOVERS,
        rules=({"fault": "reset", "at": "middle", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "transport.hang",
        "A response never comes",
        "The first read gets no response, and the connection stays open. The program needs a timeout. After it the "
        "program may retry, or give up with an error.",
        (expect.ADMITS, expect.NO_MORE),
        rules=({"fault": "hang", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "transport.never-ends",
        "A prediction never ends",
        "Every read shows the status processing, without end. That costs nothing. The program needs a deadline.",
        (expect.FAILS, expect.NO_MORE),
        rules=({"fault": "stuck"},),
    ),
)
