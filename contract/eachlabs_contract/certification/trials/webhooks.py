"""Trials of webhooks, for programs that receive them."""

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
        "Every webhook is sent twice. The program must process it once.",
        (expect.keeps("effects.once", Cost.MONEY), *expect.RECOVERS),
        rules=({"fault": "duplicate", "route": "webhook"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.early",
        "A webhook comes before the response to the create",
        "The prediction ends at once. Its webhook arrives before the create is answered with its id.",
        expect.RECOVERS,
        rules=({"fault": "early"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.forged",
        "A webhook has an unknown id",
        "A webhook with a forged exec_id arrives before the real one. Any sender that knows the URL can forge one.",
        expect.RECOVERS,
        rules=({"fault": "forged_id"},),
        irrelevance=relevance.receiving,
    ),
    Trial(
        "webhooks.failed",
        "A webhook reports a failure",
        "The prediction fails. The webhook has the status 'failed', where a read has 'error'.",
        (expect.FAILS, expect.shows(MESSAGE), ANSWERS, expect.NO_MORE),
        rules=({"fault": "fail", "message": MESSAGE, "details": "Nothing was charged."},),
        irrelevance=relevance.receiving,
    ),
)
