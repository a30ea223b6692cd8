"""What is expected of programs: pure functions of an observation, each saying what happened instead, or nothing."""

import re
from collections.abc import Callable
from typing import Any, Final

from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.trial import Cost, Expectation
from eachlabs_contract.history import BAD_REQUEST, TOO_MANY, Exchange
from eachlabs_contract.manners import arrival_time, counted, event_name, find_manner, polls_by_prediction, usd
from eachlabs_contract.spec import MINUTE, REQUESTS_PER_MINUTE

LAST_WORDS: Final = 200
"""Characters of a program's last line that are quoted."""

ABOUT_LIMITS: Final = re.compile(r"429|rate.?limit|too many|limit|quota|throttl|busy", re.IGNORECASE)
"""Words by which a program says that it was refused for too many requests."""


def _ends(seen: Observation) -> str:
    if not seen.ending.timed_out:
        return ""
    return f"it was still running after {seen.ending.seconds:.0f} real seconds (--time-limit), and was ended"


def _succeeds(seen: Observation) -> str:
    if seen.ending.exit_code in {0, None}:
        return ""
    lines = seen.ending.output.strip().splitlines()
    said = f", and its last words were: {lines[-1][:LAST_WORDS]}" if lines else ", without a word"
    return f"it ended with exit code {_code(seen)}{said}"


def _fails(seen: Observation) -> str:
    return "it ended with exit code 0, as if all were well" if seen.ending.exit_code == 0 else ""


def _admits(seen: Observation) -> str:
    """Let exit code 0 mean that every result is there."""
    account = seen.account
    missing = account.needed - (account.paid - account.uncollected)
    if seen.ending.exit_code != 0 or missing <= 0:
        return ""
    return f"it ended with exit code 0, although {counted(missing, 'result')} of {account.needed} never reached it"


def _collects(seen: Observation) -> str:
    account = seen.account
    if not account.uncollected:
        return ""
    lost = min(account.uncollected, account.for_nothing)
    return (
        f"{counted(account.uncollected, 'paid result')} of {account.paid} never collected: {usd(lost * account.price)}"
        if lost
        else ""
    )


def _delivers(seen: Observation) -> str:
    """Let all that was needed be made and collected, whatever went wrong."""
    account = seen.account
    missing = account.needed - account.paid
    return f"{counted(missing, 'prediction')} of {account.needed} never made" if missing > 0 else ""


def _creates_no_more(seen: Observation) -> str:
    account = seen.account
    more = account.created - account.needed
    if more <= 0:
        return ""
    cost = max(account.paid - account.needed, 0) * account.price
    return f"it made {counted(account.created, 'prediction')} where {account.needed} were needed: {usd(cost)} too many"


def _calls(seen: Observation) -> str:
    if seen.calls:
        return ""
    return "it sent no request to the API; does it read EACHLABS_BASE_URL and EACHLABS_API_KEY?"


def _makes(seen: Observation) -> str:
    return "" if seen.predictions or not seen.calls else "it made no prediction"


def _asks_once(seen: Observation) -> str:
    again = len(seen.creates) - max(seen.needed or 1, 1)
    return f"it sent {counted(again, 'create')} more, each refused in the same way" if again > 0 else ""


def _shows_refusal(seen: Observation) -> str:
    refusal = next((each for each in seen.creates if each.status >= BAD_REQUEST), None)
    reason = _reason(refusal)
    if _flat(reason) in _flat(seen.ending.output):
        return ""
    return f"nothing that it printed has the words of the refusal: {reason!r}"


def _speaks_of_limits(seen: Observation) -> str:
    return "" if ABOUT_LIMITS.search(seen.ending.output) else "nothing that it printed speaks of a limit, or of 429"


def _fetches(seen: Observation) -> str:
    missing = (seen.needed or 0) - seen.fetched
    return f"{counted(missing, 'output')} never downloaded" if missing > 0 else ""


def _stays_under_limit(seen: Observation) -> str:
    refused = next((each for each in seen.calls if each.status == TOO_MANY), None)
    if refused:
        return (
            f"{event_name(refused)} was refused: it had made more than {REQUESTS_PER_MINUTE} requests within a minute"
        )
    rate = requests_in_first_minute(seen)
    if rate <= REQUESTS_PER_MINUTE:
        return ""
    return f"at its pace it makes {rate} requests in its first minute, where {REQUESTS_PER_MINUTE} are allowed"


def requests_in_first_minute(seen: Observation) -> int:
    """Return how many requests a program would make in a minute of which only the beginning was seen.

    What is not seen is taken to go on at the last pace: every prediction that was followed at the end is polled again
    after each wait as long as the last one.
    """
    asked = [arrival_time(each) for each in seen.calls]
    if not asked:
        return 0
    span = asked[-1] - asked[0]
    if span >= MINUTE:
        return max(sum(at <= each < at + MINUTE for each in asked) for at in asked)
    followed = [[arrival_time(each.exchange) for each in reads] for reads in polls_by_prediction(seen.journal).values()]
    paces = [(reads[-1] - reads[-2], asked[-1] - reads[-1]) for reads in followed if reads[1:]]
    return len(asked) + sum((MINUTE - span) // wait for wait, since in paces if 0 < wait >= since)


def _no_key_in_output(seen: Observation) -> str:
    return "the key was in what it printed (here it is masked)" if seen.ending.printed_key else ""


def keeps(identity: str, cost: Cost = Cost.NEITHER) -> Expectation:
    """Return the expectation that a program keeps the manner with this id."""
    manner = find_manner(identity)

    def judge(seen: Observation) -> str:
        violations = manner.judge(seen.journal).violations
        more = f" (and {len(violations) - 1} more)" if violations[1:] else ""
        return f"{violations[0].got}{more}" if violations else ""

    return Expectation(manner.sentence, judge, cost)


def shows(text: str) -> Expectation:
    """Return the expectation that a program prints *text*."""

    def judge(seen: Observation) -> str:
        return "" if _flat(text) in _flat(seen.ending.output) else f"nothing that it printed has the words {text!r}"

    return Expectation("It shows the reason that the API gave.", judge)


def _expect(sentence: str, judge: Callable[[Observation], str], cost: Cost = Cost.NEITHER) -> Expectation:
    return Expectation(sentence, judge, cost)


ENDS: Final = _expect("It ends by itself.", _ends, Cost.HANG)
CALLS: Final = _expect("It calls the API.", _calls, Cost.WORK)
MAKES: Final = _expect("It makes what it is there for.", _makes, Cost.WORK)
SUCCEEDS: Final = _expect("It ends with exit code 0.", _succeeds)
WORKS: Final = _expect("It ends with exit code 0, since nothing goes wrong.", _succeeds, Cost.WORK)
FAILS: Final = _expect("It ends with another exit code than 0.", _fails)
ADMITS: Final = _expect("It ends with exit code 0 only if it has every result.", _admits, Cost.MONEY)
DELIVERS: Final = _expect("Everything is made that was to be made.", _delivers)
COLLECTS: Final = _expect("It collects every result that it pays for.", _collects, Cost.MONEY)
NO_MORE: Final = _expect("It makes no prediction more than its work needs.", _creates_no_more, Cost.MONEY)
ASKS_ONCE: Final = _expect("It does not send again what was refused for good.", _asks_once)
SHOWS_REFUSAL: Final = _expect("It shows why it was refused.", _shows_refusal)
SPEAKS_OF_LIMITS: Final = _expect("It says that a limit was met.", _speaks_of_limits)
FETCHES: Final = _expect("It downloads every output in the end.", _fetches)
STAYS_UNDER_LIMIT: Final = _expect("Its polls leave it under the limit of requests.", _stays_under_limit)
NO_KEY_IN_OUTPUT: Final = _expect("It never prints its key.", _no_key_in_output)

RECOVERS: Final = (SUCCEEDS, DELIVERS, COLLECTS, NO_MORE)
"""What is expected where patience is all it takes."""


def _code(seen: Observation) -> str:
    code = seen.ending.exit_code or 0
    return str(code) if code >= 0 else f"{code} (killed by signal {-code})"


def _flat(text: str) -> str:
    """Return *text* without anything that a program may change of it to print it: case, blanks, line ends, quotes."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _reason(refusal: Exchange | None) -> str:
    """Return the details of a refusal, or else its message."""
    document: Any = refusal.document if refusal else None
    said = [document.get(name) for name in ("details", "message")] if isinstance(document, dict) else []
    return next((each for each in said if isinstance(each, str) and each), "")
