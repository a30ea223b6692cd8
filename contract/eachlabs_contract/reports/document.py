"""Writes the findings of `check` as a JSON document.

Its fields::

    format      "eachlabs-contract/1"; the number rises when a field changes its meaning
    target      the address that was checked
    model, profile, seed, budget    the options of the run
    seconds     real time
    requests    number of exchanges
    exit_code   0 holds, 1 broken, 3 a MUST was not tested
    meaning     the exit code in words
    counts      number of findings for each verdict: holds, broken, not exercised, skipped, observed, not applicable
    claims      the findings in the order of the run, each:
        id, group, level, sentence, source    the claim
        method      how it was tested, in words
        verdict     one of the verdicts above
        reason      why it was not tested or does not apply, or the observation; may be empty
        expected, got    of a broken claim: the promise in this case, and the actual behaviour
        conclusive  number of times the claim was tested
        requests, seconds    the cost of the test
        again       the command that reruns only this claim
        evidence    the events that show it, in order, each:
            kind        "exchange" or "webhook"
            at          milliseconds since the epoch, by the server's clock if known
            caller      the role of the key: "owner", "second", "nobody", ...; "server" for a webhook
            request     method, path, headers (pairs, keys masked), body
            answer      status, headers, body; null for a webhook or a missing response
            failure     why no response came; else empty
            curl        the command that repeats the request; empty for a webhook or a body that was not kept

A UTF-8 body is text; any other body is an object with one field, ``base64``. A body of more than 16,384 bytes is an
object with one field, ``bytes``: its length.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from eachlabs_contract.history import Delivery, Event, as_curl, content_as_json
from eachlabs_contract.verdict import MEANINGS, Finding, Report, Verdict

FORMAT: Final = "eachlabs-contract/1"
LONGEST: Final = 16_384
"""Bytes of the longest body that is kept."""


def report_as_json(report: Report, methods: Mapping[str, str]) -> dict[str, Any]:
    """Return the document.

    :param methods: the test method of each claim, by its id.
    """
    run, counts = report.run, Counter(finding.verdict for finding in report.findings)
    return {
        "format": FORMAT,
        "target": run.target,
        "model": run.model,
        "profile": run.profile,
        "seed": run.seed,
        "budget": run.budget,
        "seconds": round(report.seconds, 3),
        "requests": report.requests,
        "exit_code": report.exit_code,
        "meaning": MEANINGS[report.exit_code],
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "claims": [_claim(finding, report, methods.get(finding.claim.id, "")) for finding in report.findings],
    }


def _claim(finding: Finding, report: Report, method: str) -> dict[str, Any]:
    claim = finding.claim
    return {
        "id": claim.id,
        "group": claim.group.value,
        "level": claim.level.value,
        "sentence": claim.sentence,
        "source": claim.source,
        "method": method,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "expected": finding.expected,
        "got": finding.got,
        "conclusive": finding.conclusive,
        "requests": finding.requests,
        "seconds": round(finding.seconds, 3),
        "again": report.run.again(finding),
        "evidence": [_event(event, report.run.root) for event in finding.evidence],
    }


def _event(event: Event, root: str) -> dict[str, Any]:
    facts: dict[str, Any]
    if isinstance(event, Delivery):
        facts = {"kind": "webhook", "caller": "server", "answer": None, "failure": "", "curl": ""}
    else:
        facts = {
            "kind": "exchange",
            "caller": event.caller,
            "answer": event.answer and {"status": event.answer.status, **content_as_json(event.answer, LONGEST)},
            "failure": event.failure,
            "curl": as_curl(event, root) if len(event.request.body) <= LONGEST else "",
        }
    request = {"method": event.request.method, "path": event.request.path, **content_as_json(event.request, LONGEST)}
    return {"at": event.at, "request": request, **facts}
