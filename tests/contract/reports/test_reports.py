"""What reports say: all that a stranger needs of a broken claim, and nothing that does anything by being shown."""

import io
import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.history import curl
from eachlabs_contract.history.events import Answer, Exchange, Request, mask_keys
from eachlabs_contract.reports import document, html, junit, terminal, wording
from eachlabs_contract.reports.folder import prepare_folder, write_report
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.targets.receiver import receiving
from eachlabs_contract.verdict import Finding, Verdict
from helpers.tools import need
from helpers.verdicts import BROKEN, EXCHANGE, FINDINGS, LOST, NASTY, PICTURE, RUN, WEBHOOK, claim, report

ROOT = "http://127.0.0.1:8780"


def exchange(method: str, path: str, body: bytes = b"", **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange("owner", Request(method, path, named, body), None, 0)


# A line of curl


def test_read_is_a_plain_curl_with_the_key_from_the_environment() -> None:
    read = exchange("GET", "/v1/prediction/1", X_API_Key="***")

    assert curl.as_curl(read, ROOT) == f'curl {ROOT}/v1/prediction/1 -H "X-API-Key: $EACHLABS_API_KEY"'


def test_second_caller_has_a_variable_of_its_own() -> None:
    read = replace(exchange("GET", "/", X_API_Key="***"), caller="second")

    assert '"X-API-Key: $EACHLABS_SECOND_KEY"' in curl.as_curl(read, ROOT)


def test_key_that_must_be_refused_has_a_variable_of_its_own() -> None:
    read = replace(exchange("GET", "/", X_API_Key="***"), caller="stranger")

    assert '"X-API-Key: $EACHLABS_BAD_KEY"' in curl.as_curl(read, ROOT)


def test_variable_of_any_role_is_one_that_a_shell_knows() -> None:
    read = replace(exchange("GET", "/", X_API_Key="***"), caller="somebody else")

    assert '"X-API-Key: $EACHLABS_SOMEBODY_ELSE_KEY"' in curl.as_curl(read, ROOT)


def test_empty_key_is_sent_as_one() -> None:
    read = replace(exchange("GET", "/"), request=Request("GET", "/", mask_keys((("X-API-Key", ""),))))

    assert curl.as_curl(read, ROOT).endswith("-H 'X-API-Key;'")


def test_key_that_is_no_api_key_stays_hidden() -> None:
    assert shlex.split(curl.as_curl(exchange("GET", "/", Authorization="***"), ROOT))[-1] == "Authorization: ***"


def test_address_elsewhere_is_taken_as_it_is() -> None:
    assert curl.as_curl(exchange("GET", "http://other.example/1.png"), ROOT) == "curl http://other.example/1.png"


HEADERS = {"Content_Type": "application/json"}


@pytest.mark.parametrize(
    "sent",
    [
        exchange("POST", "/v1/prediction/", b'{"prompt": "it\'s $HOME `x` \\n 100 %"}\n', **HEADERS),
        exchange("POST", "/v1/prediction/", b"\x00\xff'%s\\-\n", **HEADERS),
        exchange("POST", "/v1/prediction/", b"--flag", **HEADERS),
        exchange("POST", "/v1/prediction/", b"\x01--flag", **HEADERS),
        exchange("POST", "/v1/prediction/", b"@/etc/hostname", X_Odd='it\'s "$HOME"'),
        exchange("PUT", "/v1/prediction/[a-c]{1,2}?a=b&c=%20", X_Empty=""),
        exchange("POST", "/v1/prediction/", **HEADERS),
        exchange("GET", "/v1/../../x"),
        exchange("HEAD", "/outputs/1.webp"),
        exchange("GET", "/v1/prediction/1", b"{}", **HEADERS),
    ],
)
def test_shell_sends_just_what_was_sent(sent: Exchange) -> None:
    need("curl", "apt-get install curl")
    with receiving() as receiver:
        line = curl.as_curl(sent, receiver.url(""))
        subprocess.run(["sh", "-c", f"set -e; {line.replace('curl ', 'curl -s --noproxy 127.0.0.1 ', 1)}"], check=True)
        (arrived,) = receiver.take()

    own = {
        name: value
        for name, value in arrived.headers
        if name.lower() not in {"host", "user-agent", "accept", "content-length"}
    }
    assert (arrived.method, arrived.path, arrived.body) == (sent.request.method, sent.request.path, sent.request.body)
    assert own == dict(sent.request.headers)


# Words


@given(st.text())
def test_nothing_that_is_shown_moves_a_cursor(text: str) -> None:
    assert wording.printable(text).isprintable()


def test_what_is_seen_is_shown_as_it_is() -> None:
    assert wording.printable("Straße 火 🚀") == "Straße 火 🚀"


def test_long_text_is_cut_and_counted() -> None:
    assert wording.shortened("a" * 1500, 500) == "a" * 500 + "… (1,000 characters more)"


def test_json_body_is_shown_over_several_lines() -> None:
    assert wording.body_text(Answer(200, body=b'{"a":[1.0]}')) == '{\n  "a": [\n    1.0\n  ]\n}'


@pytest.mark.parametrize("body", [b'{"a":1,"a":2}', b"plain", b"28.50", b'"text"', b""])
def test_body_that_would_change_is_shown_as_it_came(body: bytes) -> None:
    assert wording.body_text(Answer(200, body=body)) == body.decode()


def test_body_that_is_no_text_is_measured() -> None:
    assert wording.body_text(Answer(200, body=b"\xff\x00")) == "(2 bytes, not text)"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (EXCHANGE, '200 {"status":"success"}'),
        (PICTURE, "200 (2 bytes, not text)"),
        (LOST, "no answer: Connection refused"),
        (WEBHOOK, '{"error":""}'),
    ],
)
def test_answer_is_told_in_a_line(event: Exchange, line: str) -> None:
    assert wording.answer_line(event) == line


# The terminal


def screened(*findings: Finding, tty: bool = False) -> str:
    stream = io.StringIO()
    stream.isatty = lambda: tty  # type: ignore[method-assign]
    screen = terminal.CheckPrinter(stream, RUN, [each.claim.id for each in findings])
    for each in findings:
        screen.show_start(each.claim)
        screen.show_finding(each)
    screen.summary(report(*findings))
    screen.conclusion(report(*findings))
    return stream.getvalue()


def test_stranger_learns_all_of_a_broken_claim() -> None:
    assert terminal.broken_lines(BROKEN, RUN) == [
        "claim     Ten is taken.",
        'source    page, "Input Parameters"',
        (
            'request   curl -X POST http://127.0.0.1:8780/v1/prediction/ -H "X-API-Key: $EACHLABS_API_KEY"'
            " -H 'Content-Type: application/json' --data-raw '{\"model\": \"x\"}'"
        ),
        "expected  400, since ten is too much",
        'got       200 {"status":"success"}',
        "rerun     eachlabs-contract check http://127.0.0.1:8780 --check parameters.ten --seed 0",
    ]


def test_answer_is_told_where_the_finding_says_something_else() -> None:
    told = terminal.broken_lines(replace(BROKEN, got="one webhook too many"), RUN)

    assert 'response  200 {"status":"success"}' in told


def test_webhook_is_told_as_evidence() -> None:
    told = terminal.broken_lines(replace(BROKEN, evidence=(WEBHOOK,)), RUN)

    assert told[2:4] == ["webhook   POST /hook/1", 'body      {"error":""}']


def test_terminal_shows_the_last_three_exchanges() -> None:
    told = terminal.broken_lines(replace(BROKEN, evidence=(EXCHANGE,) * 5), RUN)

    assert "before    2 earlier events, shown in the reports" in told
    assert len([each for each in told if each.startswith("request")]) == 3


def test_broken_law_is_tried_again_with_the_check_that_broke_it() -> None:
    law = replace(BROKEN, claim=claim("laws.nasty"), during="limits.window")

    assert RUN.again(law).endswith(" --check limits.window --check laws.nasty --seed 0")


def test_each_claim_has_a_line_with_its_verdict_in_words() -> None:
    lines = screened(*FINDINGS).splitlines()

    assert "holds           envelope.key    MUST    Ten is taken." in lines
    assert "observed        webhooks.again  CHOICE  Ten is taken." in lines
    assert "    3 times" in lines


def test_summary_counts_and_names_what_is_wrong() -> None:
    lines = screened(*FINDINGS).splitlines()[-9:]

    assert lines == [
        "",
        "broken: parameters.ten (MUST)",
        "broken: laws.nasty (SHOULD)",
        "skipped: 1, because it needs a clock",
        "not exercised: 1, because nothing happened",
        "not exercised: 1, because no 429 came",
        (
            "8 claims about http://127.0.0.1:8780: "
            "1 holds, 2 broken, 2 not exercised, 1 skipped, 1 not applicable, 1 observed."
        ),
        "5 requests in 1.5 s, seed 0.",
        "Exit code 1: a claim is broken.",
    ]


def test_nothing_to_try_is_said() -> None:
    assert "0 claims about http://127.0.0.1:8780: nothing to test." in terminal.summary_lines(
        replace(report(), findings=())
    )


def test_pipe_gets_no_colour_and_nothing_that_is_taken_back() -> None:
    assert "\x1b" not in screened(*FINDINGS)
    assert "..." not in screened(*FINDINGS)


def test_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b[31m\x1b[1mbroken" in screened(*FINDINGS, tty=True)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_terminal_that_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert "\x1b[31m" not in screened(*FINDINGS, tty=True)


def test_terminal_fits_the_sentence_into_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    long = Finding(claim("envelope.key", sentence="A word " * 30), Verdict.HOLDS)

    (line,) = [each for each in screened(long, tty=True).splitlines() if "A word" in each]

    assert len(line.replace("\x1b[2K", "")) == 60
    assert line.endswith("…")


# JUnit


def parsed(*findings: Finding) -> ET.Element:
    return ET.fromstring(junit.render_report(report(*findings)))  # noqa: S314  # written by ourselves a moment ago


def cases(*findings: Finding) -> dict[str | None, ET.Element]:
    return {each.get("name"): each for each in parsed(*findings).iter("testcase")}


def test_junit_has_a_case_for_each_claim_and_counts_them() -> None:
    (suite,) = parsed()

    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "2", "1", "3"]


def test_junit_failure_has_the_full_text() -> None:
    failure = cases(BROKEN)["ten"].find("failure")

    assert failure is not None
    assert failure.get("message") == "Ten is taken."
    assert failure.text == "\n".join(terminal.broken_lines(BROKEN, RUN))


@pytest.mark.parametrize(
    ("name", "tag", "reason"), [("window", "skipped", "it needs a clock"), ("cap", "error", "nothing happened")]
)
def test_junit_says_why_a_claim_was_not_tried(name: str, tag: str, reason: str) -> None:
    said = cases(*FINDINGS)[name].find(tag)

    assert said is not None
    assert said.get("message") == reason


def test_choice_never_fails_a_build() -> None:
    choice = replace(BROKEN, claim=claim("parameters.ten", Level.CHOICE))

    assert [each.tag for each in cases(choice)["ten"]] == ["system-out"]
    assert report(choice).exit_code == 0


@given(st.text(st.characters(codec=None)))
def test_junit_is_well_formed_whatever_a_server_says(text: str) -> None:
    said = replace(BROKEN, expected=text, got=text, reason=text)

    assert list(cases(said)) == ["ten"]


# JSON


def test_json_has_the_documented_fields() -> None:
    said = document.report_as_json(report(), {"parameters.ten": "Sends ten."})

    described = document.__doc__ or ""
    for name in (*said, *said["claims"][0], *said["claims"][0]["evidence"][0], *said["counts"]):
        assert name in described


def test_json_survives_a_round_trip_with_all_that_is_odd() -> None:
    said = document.report_as_json(report(), {})

    assert json.loads(json.dumps(said)) == said
    assert said["claims"][-1]["expected"] == NASTY


def test_json_has_the_evidence() -> None:
    shown = document.report_as_json(report(), {})["claims"]

    assert shown[0]["evidence"][0]["request"]["headers"][0] == ["X-API-Key", "***"]
    assert shown[0]["evidence"][0]["answer"]["body"] == '{"status":"success"}'
    assert shown[1]["evidence"][0]["answer"] is None
    assert shown[1]["evidence"][1]["answer"]["body"] == {"base64": "/wA="}
    assert shown[5]["evidence"][0]["kind"] == "webhook"


def test_json_measures_what_is_too_long_to_keep() -> None:
    flood = replace(EXCHANGE, request=replace(EXCHANGE.request, body=b"x" * 16_385))
    finding = Finding(claim("envelope.flood"), Verdict.HOLDS, evidence=(flood,))

    (shown,) = document.report_as_json(report(finding), {})["claims"]
    assert shown["evidence"][0]["request"]["body"] == {"bytes": 16_385}
    assert not shown["evidence"][0]["curl"]


# Pages


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(html.report_pages(report(), {"parameters.ten": "Sends ten."}))


def test_there_is_a_page_for_each_claim_and_one_for_all(pages: dict[str, str]) -> None:
    assert set(pages) == {"index.html", *(f"claims/{each.claim.id}.html" for each in FINDINGS)}


def test_claim_page_tells_the_claim_and_its_evidence(pages: dict[str, str]) -> None:
    page = pages["claims/parameters.ten.html"]

    for told in (
        "Ten is taken.",
        "Sends ten.",
        "400, since ten is too much",
        "$EACHLABS_API_KEY",
        "caller: owner",
    ):
        assert told in page


def test_page_obeys_nothing_that_a_server_says(pages: dict[str, str]) -> None:
    page = pages["claims/laws.nasty.html"]

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x00" not in page


@pytest.mark.parametrize(
    ("findings", "headline"),
    [
        ([BROKEN], "One claim is broken"),
        ([BROKEN, BROKEN], "2 claims are broken"),
        ([FINDINGS[2]], "No claim is broken, but 1 MUST claim was not tested"),
        (FINDINGS[2:5], "No claim is broken, but 2 MUST claims were not tested"),
        ([FINDINGS[1], FINDINGS[5]], "Every claim holds"),
    ],
)
def test_headline_is_the_conclusion(findings: list[Finding], headline: str) -> None:
    assert html.headline(report(*findings)) == headline


def test_empty_run_is_no_success() -> None:
    assert html.headline(replace(report(), findings=())) == "Nothing was tested"


def test_folder_has_every_report(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "new" / "report", "claims")
    write_report(report(), tmp_path / "new" / "report", {})

    assert sorted(each.name for each in (tmp_path / "new" / "report").iterdir()) == [
        "claims",
        "index.html",
        "junit.xml",
        "report.json",
    ]
