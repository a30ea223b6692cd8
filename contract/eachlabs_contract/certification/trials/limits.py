"""Trials of the limits: the server asks a program to wait, for a while or for ever."""

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
        "A create is refused with a wait of two seconds",
        "The first create is answered 429 with Retry-After: 2.",
        (WAITS, *expect.RECOVERS),
        rules=({"fault": "rate_limited", "route": "create", "seconds": 2, "times": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.poll",
        "A poll is refused with a wait of two seconds",
        "The first read is answered 429 with Retry-After: 2. The program must send no request before that.",
        (WAITS, *expect.RECOVERS),
        rules=({"fault": "rate_limited", "route": "read", "seconds": 2, "times": 1},),
        speed=REAL,
        irrelevance=relevance.polling,
    ),
    Trial(
        "limits.no-retry-after",
        "A create is refused three times without Retry-After",
        "The first three creates are answered 429 without Retry-After.",
        (WAITS_LONGER, *expect.RECOVERS),
        level=Level.SHOULD,
        rules=({"fault": "rate_limited", "route": "create", "retry_after": "absent", "times": 3},),
        speed=REAL,
    ),
    Trial(
        "limits.date",
        "A create is refused until a date",
        "The first create is answered 429, with a Retry-After that is an HTTP date three seconds ahead.",
        (WAITS, *expect.RECOVERS),
        level=Level.SHOULD,
        rules=({"fault": "rate_limited", "route": "create", "seconds": 3, "retry_after": "date", "times": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.cap",
        "One prediction at a time",
        "Only one prediction may be in flight. Every further create is answered 429.",
        (WAITS, *expect.RECOVERS),
        settings={"max_in_flight": 1, "duration": 1},
        speed=REAL,
        irrelevance=relevance.queueing,
    ),
    Trial(
        "limits.for-ever",
        "Creates are refused for ever",
        "Every create is answered 429 with Retry-After: 1, without end.",
        (expect.FAILS, expect.SPEAKS_OF_LIMITS, WAITS),
        rules=({"fault": "rate_limited", "route": "create", "seconds": 1},),
        speed=REAL,
    ),
    Trial(
        "limits.polling",
        "The polls of all predictions together stay under the limit",
        "A prediction takes 15 real seconds. The requests of the first minute are counted. If the program ends "
        "earlier, its last pace is extrapolated.",
        (expect.STAYS_UNDER_LIMIT, *expect.RECOVERS),
        settings={"duration": 15, "rate_limit": "100/60"},
        speed=REAL,
        irrelevance=relevance.polling,
    ),
)
