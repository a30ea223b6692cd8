"""The expectations on programs: pure functions that return the actual behaviour in words, or empty if it was met."""

import re
from typing import Any, Final

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.trial import Cost, Expectation
from eachlabs_contract.history import BAD_REQUEST, TOO_MANY, Exchange
from eachlabs_contract.manners import arrival_time, counted, event_name, find_manner, polls_by_prediction, usd
from eachlabs_contract.spec import MINUTE, REQUESTS_PER_MINUTE

LAST_OUTPUT: Final = 200
"""Characters quoted from a program's last line of output."""

ABOUT_LIMITS: Final = re.compile(r"429|rate.?limit|too many|limit|quota|throttl|busy", re.IGNORECASE)
"""Words that report a refusal because of too many requests."""


def _ends(seen: Observation) -> str:
    if not seen.run.timed_out:
        return ""
    return f"it was still running after {seen.run.seconds:.0f} s (--time-limit) and was killed"


def _succeeds(seen: Observation) -> str:
    if seen.run.exit_code in {0, None}:
        return ""
    lines = seen.run.output.strip().splitlines()
    said = f"; last output: {lines[-1][:LAST_OUTPUT]}" if lines else " and no output"
    return f"it ended with exit code {_code(seen)}{said}"


def _fails(seen: Observation) -> str:
    return "it ended with exit code 0" if seen.run.exit_code == 0 else ""


def _admits(seen: Observation) -> str:
    payments = seen.payments
    missing = payments.needed - (payments.paid - payments.uncollected)
    if seen.run.exit_code != 0 or missing <= 0:
        return ""
    return f"it ended with exit code 0, but never received {missing} of {counted(payments.needed, 'result')}"


def _collects(seen: Observation) -> str:
    payments = seen.payments
    if not payments.uncollected:
        return ""
    lost = min(payments.uncollected, payments.for_nothing)
    paid = f"{payments.uncollected} of {counted(payments.paid, 'paid result')}"
    return f"it never collected {paid}: {usd(lost * payments.price)}" if lost else ""


def _delivers(seen: Observation) -> str:
    payments = seen.payments
    missing = payments.needed - payments.paid
    return f"it never made {missing} of {counted(payments.needed, 'prediction')}" if missing > 0 else ""


def _creates_no_more(seen: Observation) -> str:
    payments = seen.payments
    more = payments.created - payments.needed
    if more <= 0:
        return ""
    cost = max(payments.paid - payments.needed, 0) * payments.price
    return f"it made {counted(payments.created, 'prediction')}, {payments.needed} needed: {usd(cost)} too much"


def _calls(seen: Observation) -> str:
    if seen.calls:
        return ""
    return "it sent no request to the API; does it read EACHLABS_BASE_URL and EACHLABS_API_KEY?"


def _makes(seen: Observation) -> str:
    return "" if seen.predictions or not seen.calls else "it made no prediction"


def _asks_once(seen: Observation) -> str:
    again = len(seen.creates) - max(seen.needed or 1, 1)
    return f"it repeated the refused create {counted(again, 'time')}" if again > 0 else ""


def _shows_refusal(seen: Observation) -> str:
    refusal = next((create for create in seen.creates if create.status >= BAD_REQUEST), None)
    reason = _reason(refusal)
    if _flat(reason) in _flat(seen.run.output):
        return ""
    return f"its output does not contain the reason of the refusal: {reason!r}"


def _speaks_of_limits(seen: Observation) -> str:
    return "" if ABOUT_LIMITS.search(seen.run.output) else "its output mentions neither a limit nor 429"


def _fetches(seen: Observation) -> str:
    missing = (seen.needed or 0) - seen.fetched
    return f"it never downloaded {counted(missing, 'output')}" if missing > 0 else ""


def _stays_under_limit(seen: Observation) -> str:
    refused = next((call for call in seen.calls if call.status == TOO_MANY), None)
    if refused:
        return f"{event_name(refused)} was refused, after more than {REQUESTS_PER_MINUTE} requests within a minute"
    rate = requests_in_first_minute(seen)
    if rate <= REQUESTS_PER_MINUTE:
        return ""
    return f"at its pace it makes {rate} requests in the first minute ({REQUESTS_PER_MINUTE} allowed)"


def requests_in_first_minute(seen: Observation) -> int:
    """Return the number of requests in the first minute, extrapolated if the program ran for less.

    The extrapolation polls each prediction that was polled at the end at its last interval.
    """
    calls = [arrival_time(call) for call in seen.calls]
    if not calls:
        return 0
    span = calls[-1] - calls[0]
    if span >= MINUTE:
        return max(sum(start <= at < start + MINUTE for at in calls) for start in calls)
    polls = [[arrival_time(read.exchange) for read in reads] for reads in polls_by_prediction(seen.journal).values()]
    paces = [(times[-1] - times[-2], calls[-1] - times[-1]) for times in polls if times[1:]]
    return len(calls) + sum((MINUTE - span) // wait for wait, since in paces if 0 < wait >= since)


def _no_key_in_output(seen: Observation) -> str:
    return "its output contained the key (masked here)" if seen.run.printed_key else ""


def keeps(identity: str, cost: Cost = Cost.NEITHER) -> Expectation:
    """Return the expectation that a program keeps a manner."""
    manner = find_manner(identity)

    def judge(seen: Observation) -> str:
        violations = manner.judge(seen.journal).violations
        more = f" (and {len(violations) - 1} more)" if violations[1:] else ""
        return f"{violations[0].got}{more}" if violations else ""

    return Expectation(manner.sentence, judge, cost)


def shows(text: str) -> Expectation:
    """Return the expectation that a program prints *text*."""

    def judge(seen: Observation) -> str:
        return "" if _flat(text) in _flat(seen.run.output) else f"its output does not contain {text!r}"

    return Expectation("The program prints the reason that the API gave.", judge)


ENDS: Final = Expectation("The program ends before the time limit.", _ends, Cost.HANG)
CALLS: Final = Expectation("The program calls the API.", _calls, Cost.WORK)
MAKES: Final = Expectation("The program makes a prediction.", _makes, Cost.WORK)
SUCCEEDS: Final = Expectation("The program ends with exit code 0.", _succeeds)
WORKS: Final = Expectation("Without a fault the program ends with exit code 0.", _succeeds, Cost.WORK)
FAILS: Final = Expectation("The program ends with a nonzero exit code.", _fails)
ADMITS: Final = Expectation("The program ends with exit code 0 only if it has every result.", _admits, Cost.MONEY)
DELIVERS: Final = Expectation("The program makes every prediction that its work needs.", _delivers)
COLLECTS: Final = Expectation("The program collects every paid result.", _collects, Cost.MONEY)
NO_MORE: Final = Expectation("The program makes no more predictions than its work needs.", _creates_no_more, Cost.MONEY)
ASKS_ONCE: Final = Expectation("The program does not repeat a create that was refused for good.", _asks_once)
SHOWS_REFUSAL: Final = Expectation("The program prints the reason of the refusal.", _shows_refusal)
SPEAKS_OF_LIMITS: Final = Expectation("The program prints that it reached a limit.", _speaks_of_limits)
FETCHES: Final = Expectation("The program downloads every output.", _fetches)
STAYS_UNDER_LIMIT: Final = Expectation("The program polls slowly enough for the request limit.", _stays_under_limit)
NO_KEY_IN_OUTPUT: Final = Expectation("The program never prints its key.", _no_key_in_output)

RECOVERS: Final = (SUCCEEDS, DELIVERS, COLLECTS, NO_MORE)
"""The expectations of a trial that a retry or a wait solves."""


def _code(seen: Observation) -> str:
    code = seen.run.exit_code or 0
    return str(code) if code >= 0 else f"{code} (killed by signal {-code})"


def _flat(text: str) -> str:
    """Return *text* without case, white space and punctuation, which a program may change when it prints the text."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _reason(refusal: Exchange | None) -> str:
    """Return the details of a refusal, or else its message."""
    document: Any = refusal.document if refusal else None
    texts = [document.get(name) for name in ("details", "message")] if isinstance(document, dict) else []
    return next((text for text in texts if isinstance(text, str) and text), "")
