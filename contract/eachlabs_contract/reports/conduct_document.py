"""Writes the report on a caller as a JSON document.

Its fields::

    format      "eachlabs-conduct/1"; the number rises when a field changes its meaning
    source      the URL or file of the journal
    exit_code   0 no MUST is broken, 1 a MUST is broken
    forgotten   requests that the journal no longer held
    manners     one entry for each manner:
        id, level, sentence, method, why, right    the manner
        verdict     holds, broken, not exercised
        occasions   number of times it could be kept or broken
        cost        USD paid in vain because of it, a decimal string; in_vain the ids of these predictions
        breaches    done (in words), requests and webhooks (numbers in the journal), at (milliseconds, of the last)
    capacity    limits, predictions, creates, polls, most_polls, refused, requests_each, interval, peak (calls, polls),
                loop_share, duration, ceiling (per_minute, bound), fits (at_once, interval); times in milliseconds
    spend       executions, unpriced, for_nothing, unheard; cost and wasted are decimal strings in USD
"""

from fractions import Fraction
from typing import Any, Final

from eachlabs_contract.history import Delivery, Exchange
from eachlabs_contract.manners import Account, Capacity, Conduct, Spend
from eachlabs_contract.verdict import Violation

FORMAT: Final = "eachlabs-conduct/1"


def conduct_as_json(account: Account) -> dict[str, Any]:
    """Return the account as JSON."""
    return {
        "format": FORMAT,
        "source": account.source,
        "exit_code": account.exit_code,
        "forgotten": account.journal.forgotten,
        "manners": [_conduct_document(conduct) for conduct in account.conducts],
        "capacity": _capacity_document(account.capacity),
        "spend": _spend_document(account.spend),
    }


def _conduct_document(conduct: Conduct) -> dict[str, Any]:
    manner = conduct.manner
    return {
        "id": manner.id,
        "level": manner.level,
        "sentence": manner.sentence,
        "method": manner.method,
        "why": manner.why,
        "right": manner.right,
        "verdict": conduct.verdict,
        "occasions": conduct.occasions,
        "cost": str(conduct.cost),
        "in_vain": [prediction.id for prediction in conduct.wasted],
        "breaches": [_violation_document(violation) for violation in conduct.violations],
    }


def _violation_document(violation: Violation) -> dict[str, Any]:
    return {
        "done": violation.got,
        "requests": [event.number for event in violation.evidence if isinstance(event, Exchange)],
        "webhooks": [event.number for event in violation.evidence if isinstance(event, Delivery)],
        "at": violation.evidence[-1].at if violation.evidence else None,
    }


def _capacity_document(used: Capacity) -> dict[str, Any]:
    per_minute = used.ceiling.per_minute
    return {
        "limits": {"requests": used.limits.requests, "window": used.limits.window, "in_flight": used.limits.in_flight},
        "predictions": used.predictions,
        "creates": used.creates,
        "polls": used.polls,
        "most_polls": used.most_polls,
        "refused": used.refused,
        "requests_each": _number(used.requests_each),
        "interval": used.interval,
        "peak": {"calls": used.peak[0], "polls": used.peak[1]},
        "loop_share": _number(used.loop_share),
        "duration": used.duration,
        "ceiling": {"per_minute": _number(per_minute), "bound": used.ceiling.bound},
        "fits": [{"at_once": at_once, "interval": interval} for at_once, interval in used.fits],
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _spend_document(money: Spend) -> dict[str, Any]:
    return {
        "executions": money.executions,
        "unpriced": money.unpriced,
        "cost": str(money.cost),
        "wasted": str(money.wasted),
        "for_nothing": money.for_nothing,
        "unheard": money.unheard,
    }
