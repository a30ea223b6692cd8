"""Trials of webhooks, for programs that wait for them."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import Cost, Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.certification.trials.flow import MESSAGE

ANSWERS: Final = expect.keeps("webhooks.answered")

TRIALS: Final = (
    Trial(
        "webhooks.duplicate",
        "A webhook comes twice",
        "Every webhook is sent twice. What it brings about must happen once.",
        (expect.keeps("effects.once", Cost.MONEY), *expect.RECOVERS),
        rules=({"fault": "duplicate", "route": "webhook"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.early",
        "A webhook comes before the answer to the create",
        "The prediction ends at once, and its webhook is sent before the create is answered with its id.",
        expect.RECOVERS,
        rules=({"fault": "early"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.forged",
        "A webhook with an id that nobody knows",
        "Before the true webhook one comes with a made-up exec_id: anybody who knows the address can send such.",
        expect.RECOVERS,
        rules=({"fault": "forged_id"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.failed",
        "A webhook tells of a failure",
        "The prediction fails. The webhook says so in words of its own: 'failed', where a read would say 'error'.",
        (expect.FAILS, expect.shows(MESSAGE), ANSWERS, expect.NO_MORE),
        rules=({"fault": "fail", "message": MESSAGE, "details": "Nothing was charged."},),
        irrelevance=relevance.receiving,
    ),
)
