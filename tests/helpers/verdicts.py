"""Findings and reports for tests of reports: one of every verdict, and hostile texts."""

from eachlabs_contract.history.events import Answer, Delivery, Exchange, Request
from eachlabs_contract.spec.claim import Claim, Level
from eachlabs_contract.verdict import Finding, Report, Run, Verdict

NASTY = "</pre><script>alert(1)</script>&\"'\x00\x1b[31m\ud800\U0001f680"
RUN = Run(
    "http://127.0.0.1:8780", "http://127.0.0.1:8780", "qwen-image", "eachlabs-contract check http://127.0.0.1:8780"
)
EXCHANGE = Exchange(
    "owner",
    Request("POST", "/v1/prediction/", (("X-API-Key", "***"), ("Content-Type", "application/json")), b'{"model": "x"}'),
    Answer(200, (("Content-Type", "application/json"),), b'{"status":"success"}'),
    1_770_249_600_000,
)
LOST = Exchange("nobody", Request("GET", "/v1/prediction/1"), None, 0, "Connection refused")
PICTURE = Exchange(
    "owner", Request("GET", "/outputs/1.webp"), Answer(200, (("Content-Type", "image/webp"),), b"\xff\x00"), 0
)
WEBHOOK = Delivery("/hook/1", Request("POST", "/hook/1", (("Content-Type", "application/json"),), b'{"error":""}'), 0)


def claim(identity: str, level: Level = Level.MUST, sentence: str = "Ten is taken.") -> Claim:
    return Claim(identity, sentence, 'page, "Input Parameters"', level)


BROKEN = Finding(
    claim("parameters.ten"),
    Verdict.BROKEN,
    expected="400, since ten is too much",
    got='200 {"status":"success"}',
    evidence=(EXCHANGE,),
    conclusive=3,
    requests=4,
    seconds=0.25,
)
FINDINGS = (
    BROKEN,
    Finding(claim("envelope.key"), Verdict.HOLDS, evidence=(LOST, PICTURE), conclusive=1, requests=1),
    Finding(claim("limits.window"), Verdict.SKIPPED, "it needs a clock"),
    Finding(claim("limits.cap"), Verdict.NOT_EXERCISED, "nothing happened"),
    Finding(claim("limits.retry", Level.SHOULD), Verdict.NOT_EXERCISED, "no 429 came"),
    Finding(claim("webhooks.again", Level.CHOICE), Verdict.OBSERVED, "3 times", evidence=(WEBHOOK,), conclusive=1),
    Finding(claim("outputs.count"), Verdict.NOT_APPLICABLE, "there is no such parameter"),
    Finding(
        claim("laws.nasty", Level.SHOULD),
        Verdict.BROKEN,
        expected=NASTY,
        got=NASTY,
        evidence=(
            Exchange("owner", EXCHANGE.request, Answer(200, (("X", NASTY),), NASTY.encode("utf-8", "replace")), 0),
        ),
        during="limits.window",
    ),
)


def report(*findings: Finding) -> Report:
    return Report(RUN, findings or FINDINGS, 1.5)
