"""What is said of a certification: the grade, all that explains it, and nothing that does anything by being shown."""

import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.certification.result import inapplicable, judged, judged_habit
from eachlabs_contract.certification.trials import BASELINE, TRIALS
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.reports.certificate import document, html, junit
from eachlabs_contract.reports.certificate.terminal import CertifyPrinter
from eachlabs_contract.reports.certificate.wirelog import FIRST, LAST, entries
from eachlabs_contract.reports.folder import prepare_folder, write_certificates
from helpers.certified import NASTY, certificate, create, exchange, good, observed, read, webhook

BOTH = (certificate(), certificate(NASTY, "node theirs.mjs"))


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(html.certificate_pages(BOTH))


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document.certificates_as_json(BOTH)))
    return found


# On a terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    printer = CertifyPrinter(stream, TRIALS)
    for one in BOTH:
        printer.begin(one.label)
        for row in one.rows:
            printer.show_result(row)
        printer.conclude(one)
    printer.compare(BOTH)
    return stream.getvalue()


def test_terminal_tells_what_was_expected_what_happened_and_what_it_costs() -> None:
    assert (
        "broken          transport.hang         MUST    A response never comes\n"
        "    expected  The program ends before the time limit.\n"
        "    got       it was still running after 60 s (--time-limit) and was killed\n"
        "    cost      a hang\n"
    ) in told(io.StringIO())


def test_terminal_says_why_a_trial_does_not_apply() -> None:
    assert "    reason    the fault 'rate_limited' was never triggered: the program made no matching request\n" in told(
        io.StringIO()
    )


def test_terminal_says_the_money_before_the_grade() -> None:
    said = told(io.StringIO())

    assert said.index("Money: ") < said.index("Grade F")
    assert "  0.025 USD  transport.hang: A response never comes: 1 made, 1 needed, 1 paid and never collected\n" in said


def test_terminal_says_over_how_much_the_grade_was_earned() -> None:
    assert "without any fault. Based on 3 of 4 trials and 4 of 4 habits.\n12 s.\n" in told(io.StringIO())


def test_terminal_compares_programs() -> None:
    assert told(io.StringIO()).splitlines()[-2].split() == ["mine", "F", "0.025", "USD", "wasted"]


def test_terminal_is_told_at_most_two_violations_of_a_habit() -> None:
    polls = [read(at=1000 * step) for step in range(1, 6)]
    seen = observed(create(), *polls)
    runs = {f"limits.{number}": seen for number in range(4)}
    stream = io.StringIO()

    CertifyPrinter(stream, ()).show_result(judged_habit(HABITS[2], runs))

    assert stream.getvalue().count("got   ") == 2
    assert "    and       2 more violations, shown in the reports\n" in stream.getvalue()


def test_terminal_is_coloured_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b[" in told(Terminal())
    assert "\x1b[" not in told(io.StringIO())


# For programs


def test_document_has_the_grade_at_the_top(said: dict[str, Any]) -> None:
    assert next(iter(said.items())) == ("grade", "F")


def test_document_of_several_programs_has_the_worst_grade() -> None:
    fine = Certificate("fine", "fine", (judged(BASELINE, good()),))

    assert document.certificates_as_json((fine, *BOTH))["grade"] == "F"
    assert document.certificates_as_json((fine,))["grade"] == "A"


def test_document_tells_money_exactly(said: dict[str, Any]) -> None:
    assert said["programs"][0]["money"] == {
        "predictions": 4,
        "superfluous": 0,
        "paid": 4,
        "uncollected": 1,
        "for_nothing": 1,
        "spent": "0.100",
        "lost": "0.025",
    }


def test_document_has_a_row_for_each_trial_and_habit(said: dict[str, Any]) -> None:
    assert [row["verdict"] for row in said["programs"][0]["rows"]] == [
        "holds",
        "not applicable",
        "broken",
        "broken",
        "holds",
        "holds",
        "broken",
        "holds",
    ]


def test_every_field_of_the_document_is_told_in_the_module(said: dict[str, Any]) -> None:
    text = document.__doc__ or ""
    names: set[str] = set()
    waiting: list[Any] = [said]
    while waiting:
        each = waiting.pop()
        names |= set(each) if isinstance(each, dict) else set()
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else []

    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", text)] == []


# For build servers


def suites() -> ET.Element:
    return ET.fromstring(junit.render_certificates(BOTH))  # noqa: S314  # our own


def test_junit_has_a_suite_for_each_program_and_a_case_for_each_row() -> None:
    counts = [(each.get("tests"), each.get("failures"), each.get("skipped")) for each in suites()]

    assert counts == [("8", "3", "1")] * 2


def test_junit_says_what_happened() -> None:
    failure = suites().find(".//testcase[@name='hang']/failure")

    assert failure is not None
    assert failure.text == (
        "transport.hang: The program ends before the time limit. "
        "Instead: it was still running after 60 s (--time-limit) and was killed"
    )


def test_junit_has_the_grade_as_a_property() -> None:
    grade = suites().find(".//property[@name='grade']")

    assert grade is not None
    assert grade.get("value") == "F"


# The wire


def test_wire_log_tells_real_seconds() -> None:
    wire, _ = entries(good(speed=5.0))

    assert [(each.seconds, each.line.split()[0]) for each in wire] == [(0.0, "POST"), (0.2, "GET"), (0.52, "GET")]


def test_wire_log_has_lines_of_curl_with_the_key_from_the_environment() -> None:
    wire, _ = entries(good())

    assert wire[0].curl.startswith(
        'curl -X POST http://127.0.0.1:8780/v1/prediction/ -H "X-API-Key: $EACHLABS_API_KEY"'
    )


def test_wire_log_tells_what_a_refusal_asked_for() -> None:
    wire, _ = entries(observed(exchange("GET", "/v1/prediction/1", status=429, retry_after="2")))

    assert wire[0].came == "answered 429; Retry-After: 2"


def test_wire_log_tells_webhooks() -> None:
    hook = webhook(answered=0)

    assert [each.came for each in entries(observed(webhook(), hook))[0]] == ["answered 204", "not answered: "]


def test_wire_log_shows_no_picture() -> None:
    wire, _ = entries(observed(exchange("GET", "/outputs/1.webp", said="RIFF")))

    assert wire[0].answer == ""


def test_long_wire_log_is_cut_in_the_middle() -> None:
    wire, left_out = entries(observed(*(read(at=step) for step in range(100))))

    assert (len(wire), left_out) == (FIRST + LAST, 100 - FIRST - LAST)
    assert (wire[0].seconds, wire[-1].seconds) == (0.0, 0.099)


# For people


def test_there_is_a_page_for_each_cell(pages: dict[str, str]) -> None:
    assert sorted(pages) == sorted(
        ["index.html", *(f"cells/{n}-{row.trial.id}.html" for n in (1, 2) for row in BOTH[0].rows)]
    )


def test_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for link in re.findall(r'<a href="([^"#]+)"', page):
            assert str((Path("/") / path).parent.joinpath(link).resolve())[1:] in pages


def test_page_runs_no_script_and_loads_nothing(pages: dict[str, str]) -> None:
    loading = r"<script|<img|<iframe|@import|url\(|\ssrc=|rel=\"stylesheet\""

    assert [re.findall(loading, page) for page in pages.values()] == [[]] * 17


def test_page_names_no_address_but_this_machines(pages: dict[str, str]) -> None:
    addresses = {address for page in pages.values() for address in re.findall(r"https?://[^/\"'<\s]+", page)}

    assert addresses == {"http://127.0.0.1:8780"}


def test_page_of_a_cell_tells_story_expectation_wire_and_output(pages: dict[str, str]) -> None:
    page = pages["cells/1-transport.hang.html"]

    for part in (
        "The first read gets no response",
        "The program ends before the time limit.",
        "still running after 60 s (--time-limit)",
        "the answer stopped and the connection stayed open",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "2 child processes still running",
    ):
        assert part in page


def test_page_of_a_habit_leads_to_where_it_was_broken(pages: dict[str, str]) -> None:
    assert '<a href="1-flow.happy.html">flow.happy</a>' in pages["cells/1-hygiene.silence.html"]


def test_page_of_a_program_that_was_not_run_says_why() -> None:
    one = Certificate("mine", "", (judged(BASELINE, good()), inapplicable(TRIALS[1], "the program does not poll")))

    page = dict(html.certificate_pages((one,)))["cells/1-flow.three-minutes.html"]

    assert "the program does not poll" in page
    assert "Transfer log" not in page


def test_folder_holds_every_report(tmp_path: Path) -> None:
    prepare_folder(tmp_path / "new", "cells")
    write_certificates(BOTH, tmp_path / "new")

    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == [
        "cells",
        "index.html",
        "junit.xml",
        "report.json",
    ]
    assert json.loads((tmp_path / "new" / "report.json").read_text())["grade"] == "F"


def test_folder_that_cannot_be_written_is_found_out_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="file"):
        prepare_folder(tmp_path / "file" / "below", "cells")
