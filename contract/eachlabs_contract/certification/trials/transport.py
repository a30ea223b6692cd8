"""Trials of the wire: nobody listens, connections break, answers never come, and neither does the end."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

TRIALS: Final = (
    Trial(
        "transport.refused",
        "Nobody listens at first",
        "The first connection is refused, so that certainly nothing was sent. Two seconds later the API is there.",
        expect.RECOVERS,
        level=Level.SHOULD,
        opens_late=True,
    ),
    Trial(
        "transport.reset",
        "A connection breaks in the middle of an answer",
        "The first read is answered with half a body, and then the connection is reset.",
        expect.RECOVERS,
        rules=({"fault": "reset", "at": "middle", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "transport.hang",
        "An answer never comes",
        "The first read is never answered, and the connection stays open. A program needs a time-out of its own: then "
        "it may ask again, or give up and say so.",
        (expect.ADMITS, expect.NO_MORE),
        rules=({"fault": "hang", "route": "read", "times": 1},),
        irrelevance=relevance.polling,
    ),
    Trial(
        "transport.never-ends",
        "A prediction never ends",
        "Every read says that the prediction is being processed, for ever, which costs nothing. A program needs a "
        "deadline of its own.",
        (expect.FAILS, expect.NO_MORE),
        rules=({"fault": "stuck"},),
    ),
)
