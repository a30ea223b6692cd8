"""Log lines: one each, whatever is in them."""

import json
from io import StringIO
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_mock.core.clock import WorldClock
from eachlabs_mock.web.request_log import RequestLog
from helpers.harness import KEY, START, Api

Form = Literal["text", "json", "off"]
FORMS = st.sampled_from(["text", "json"])
NASTY = "\r\n\x1b[2Jred\x07\x7f\x85\x9b\u2028\u2029\u202e"


def written(form: Form, event: str = "request", **facts: object) -> str:
    stream = StringIO()
    RequestLog(form, stream, WorldClock("manual", start=START)).write(event, **facts)
    return stream.getvalue()


def test_a_line_for_people_has_time_event_and_facts() -> None:
    line = written("text", method="GET", path="/v1/models", status=200)

    assert line == "2026-02-05T00:00:00.000Z request  method=GET path=/v1/models status=200\n"


def test_a_line_for_programs_is_one_json_object() -> None:
    line = written("json", method="GET", status=200, ms=0.25)

    expected = {"event": "request", "at": "2026-02-05T00:00:00.000Z", "method": "GET", "status": 200, "ms": 0.25}
    assert json.loads(line) == expected
    assert line.endswith("}\n")


def test_facts_without_anything_to_say_are_left_out_for_people() -> None:
    assert (
        written("text", world="", error=None, status=0, url="x") == "2026-02-05T00:00:00.000Z request  status=0 url=x\n"
    )


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("no answer within 5 s", '"no answer within 5 s"'),
        ('a "b"', r'"a \"b\""'),
        ('"', r'"\""'),
        ("é ü", '"é ü"'),
        ("a=b", "a=b"),
        ("\x1b[0m", r'"\u001b[0m"'),
    ],
)
def test_a_column_is_quoted_where_its_end_would_not_be_seen(value: str, column: str) -> None:
    assert written("text", error=value) == f"2026-02-05T00:00:00.000Z request  error={column}\n"


def test_silence_is_silent() -> None:
    assert written("off", path="/") == ""


@pytest.mark.parametrize(("form", "is_on"), [("text", True), ("json", True), ("off", False)])
def test_a_log_knows_whether_it_writes(form: Form, is_on: bool) -> None:  # noqa: FBT001  # a column
    assert RequestLog(form, StringIO(), WorldClock("manual", start=START)).is_on is is_on


@given(FORMS, st.text() | st.text(alphabet=NASTY))
def test_nothing_breaks_a_line_or_steers_a_terminal(form: Form, text: str) -> None:
    line = written(form, path=text, world="w")

    assert line.endswith("\n")
    assert line[:-1].isprintable()


@given(st.text() | st.text(alphabet=NASTY))
def test_programs_read_back_what_was_logged(text: str) -> None:
    assert json.loads(written("json", path=text))["path"] == text


@pytest.mark.parametrize("fact", [["a", 1], {"a": 1}, True, 1.5, "é"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_facts_may_be_whatever_json_holds(form: Form, fact: object) -> None:
    assert written(form, fact=fact).count("\n") == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_each_line_is_written_in_one_call(form: Form) -> None:
    calls: list[str] = []
    stream = StringIO()
    stream.write = calls.append  # type: ignore[assignment, method-assign]

    RequestLog(form, stream, WorldClock("manual", start=START)).write("request", path="/", status=200)

    assert len(calls) == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_key_is_ever_logged(form: Form) -> None:
    api = Api(log_format=form)

    api.create(webhook_url="http://user:secret-1@127.0.0.1/hook?token=secret-2#secret-3")
    api.get("/v1/nowhere", headers={"Authorization": "Bearer secret-4"})
    api.get("/v1/prediction/x", key="invalid-secret-5")
    api.advance(2.5)

    log = api.log.getvalue()
    assert len(log.splitlines()) == 4
    assert KEY not in log
    assert "secret" not in log
