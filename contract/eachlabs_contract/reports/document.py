"""Says what was concluded as a JSON document, for programs.

Its fields::

    format      "eachlabs-contract/1"; a higher number says that a field has changed its meaning
    target      the address that was held to the claims
    model, profile, seed, budget    of the run, as they were asked for
    seconds     real time the run took
    requests    exchanges that were made
    exit_code   0 holds, 1 broken, 3 a MUST was not put to the test
    meaning     the same in words
    counts      of each verdict: holds, broken, not exercised, skipped, observed, not applicable
    claims      one entry each, in the order of the run:
        id, group, level, sentence, source    the claim itself
        method      how it was tested, in words
        verdict     one of those above
        reason      why it was not tried or does not apply, or what was observed; may be empty
        expected, got    of a broken claim: what was promised in this very case, and what came
        conclusive  how many times the claim was put to the test
        requests, seconds    what that took
        again       the command that tries only this claim again
        evidence    the events that show it, in order, each:
            kind        "exchange" or "webhook"
            at          milliseconds since the epoch, by the server's clock where that is known
            caller      who asked: "owner", "second", "nobody", ...; "server" of a webhook
            request     method, path, headers (pairs, keys masked), body
            answer      status, headers, body; null of a webhook, and where no answer came
            failure     what came instead of an answer; empty where one came
            curl        the line that sends the request again; empty of a webhook, and where the body is not kept

A body is text where it is UTF-8, else an object with one field, ``base64``. One of more than 16,384 bytes is not kept:
it is an object with one field, ``bytes``, that says how many there were.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from eachlabs_contract.history import Delivery, Event, as_curl, content_as_json
from eachlabs_contract.verdict import MEANINGS, Finding, Report, Verdict

FORMAT: Final = "eachlabs-contract/1"
LONGEST: Final = 16_384
"""Bytes of a body that is kept: pictures and floods would bury the rest."""


def report_as_json(report: Report, methods: Mapping[str, str]) -> dict[str, Any]:
    """Return the document.

    :param methods: how each claim is tested, in words, by its id.
    """
    run, counts = report.run, Counter(each.verdict for each in report.findings)
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
        "counts": {each.value: counts[each] for each in Verdict},
        "claims": [_claim(each, report, methods.get(each.claim.id, "")) for each in report.findings],
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
        "evidence": [_event(each, report.run.root) for each in finding.evidence],
    }


def _event(event: Event, root: str) -> dict[str, Any]:
    said: dict[str, Any]
    if isinstance(event, Delivery):
        said = {"kind": "webhook", "caller": "server", "answer": None, "failure": "", "curl": ""}
    else:
        said = {
            "kind": "exchange",
            "caller": event.caller,
            "answer": event.answer and {"status": event.answer.status, **content_as_json(event.answer, LONGEST)},
            "failure": event.failure,
            "curl": as_curl(event, root) if len(event.request.body) <= LONGEST else "",
        }
    request = {"method": event.request.method, "path": event.request.path, **content_as_json(event.request, LONGEST)}
    return {"at": event.at, "request": request, **said}
