"""Trials of the limits: a program is told to wait, for a while or for ever."""

from typing import Final

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.trial import REAL, Trial
from eachlabs_contract.certification.trials import relevance
from eachlabs_contract.spec import Level

WAITS: Final = expect.keeps("limits.retry-after")
WAITS_LONGER: Final = expect.keeps("limits.backoff")

TRIALS: Final = (
    Trial(
        "limits.create",
        "A create is refused for two seconds",
        "The first create is answered 429 with Retry-After: 2.",
        (WAITS, *expect.RECOVERS),
        rules=({"fault": "rate_limited", "route": "create", "seconds": 2, "times": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.poll",
        "A poll is refused for two seconds",
        "The first read is answered 429 with Retry-After: 2. No request of any kind is welcome before.",
        (WAITS, *expect.RECOVERS),
        rules=({"fault": "rate_limited", "route": "read", "seconds": 2, "times": 1},),
        speed=REAL,
        irrelevance=relevance.polling,
    ),
    Trial(
        "limits.no-retry-after",
        "A create is refused three times, and nobody says for how long",
        "Three creates are answered 429 without Retry-After.",
        (WAITS_LONGER, *expect.RECOVERS),
        level=Level.SHOULD,
        rules=({"fault": "rate_limited", "route": "create", "retry_after": "absent", "times": 3},),
        speed=REAL,
    ),
    Trial(
        "limits.date",
        "A create is refused until a date",
        "The first create is answered 429, with Retry-After as an HTTP date three seconds ahead.",
        (WAITS, *expect.RECOVERS),
        level=Level.SHOULD,
        rules=({"fault": "rate_limited", "route": "create", "seconds": 3, "retry_after": "date", "times": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.cap",
        "One prediction at a time",
        "Only one prediction may be in flight; every create beyond is answered 429.",
        (WAITS, *expect.RECOVERS),
        settings={"max_in_flight": 1, "duration": 1},
        speed=REAL,
        irrelevance=relevance.queueing,
    ),
    Trial(
        "limits.for-ever",
        "Creates are refused for ever",
        "Every create is answered 429 with Retry-After: 1, and that does not end.",
        (expect.FAILS, expect.SPEAKS_OF_LIMITS, WAITS),
        rules=({"fault": "rate_limited", "route": "create", "seconds": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.polling",
        "The polls of all predictions together",
        "A prediction takes 15 seconds, in real time. What is counted are the requests of the first minute; where the "
        "program is done before, it is taken to go on at its last pace.",
        (expect.STAYS_UNDER_LIMIT, *expect.RECOVERS),
        settings={"duration": 15, "rate_limit": "100/60"},
        speed=REAL,
        irrelevance=relevance.polling,
    ),
)
