"""The log holds nobody up: with no reader, a reader that sleeps, or no room, calls are answered all the same."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from typing import TextIO

import pytest

from bench.children import free_port
from eachlabs_mock.console import LineWriter, open_closed_streams
from eachlabs_mock.core.clock import WorldClock
from eachlabs_mock.server.readiness import Address, becomes_ready
from eachlabs_mock.web.request_log import RequestLog
from helpers.harness import START, UNKNOWN_ID
from helpers.served import COMMAND, Served, serving

PATIENCE = 20
"""Real seconds after which a test that waits for an event gives up."""
FULL = Path("/dev/full")
LINE = "x" * 99 + "\n"


class Pipe:
    """A pipe: its end to write to, as a stream, and what was read from the other."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        self.stream = os.fdopen(writer, "w", encoding="utf-8")

    def read(self, most: int = 10**6) -> str:
        return os.read(self._reader, most).decode()

    def leave(self) -> None:
        """Let nobody read any more."""
        os.close(self._reader)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.stream.close()


def in_time(work: object) -> None:
    """Do *work*, in a thread of its own that nobody waits for for ever."""
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]  # any callable is one
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def log_to(stream: TextIO) -> RequestLog:
    return RequestLog("json", stream, WorldClock("manual", start=START))


def test_what_is_written_comes_out_as_it_is(pipe: Pipe) -> None:
    outlet = LineWriter(pipe.stream)

    assert [outlet.write("a line\n"), outlet.write("caf\u00e9\n"), outlet.write("\u6f22" * 3000 + "\n")] == [True] * 3
    assert pipe.read() == "a line\ncaf\u00e9\n" + "\u6f22" * 3000 + "\n"


def test_what_a_stream_cannot_spell_is_written_in_escapes() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="ascii") as stream:
        assert LineWriter(stream).write("\U0001f6b2" * 2000 + "\n")

    with os.fdopen(reader) as read:
        assert read.read() == "\\U0001f6b2" * 2000 + "\n"


def test_a_stream_in_memory_takes_everything() -> None:
    stream = StringIO()

    assert LineWriter(stream).write(LINE * 10_000)
    assert stream.getvalue() == LINE * 10_000


def test_of_a_pipe_that_nobody_empties_no_more_is_wanted_than_it_holds(pipe: Pipe) -> None:
    outlet, taken = LineWriter(pipe.stream), []

    in_time(lambda: taken.extend(outlet.write(LINE) for _ in range(10_000)))

    went_out = sum(taken)
    assert 300 < went_out < 10_000
    assert taken == [True] * went_out + [False] * (10_000 - went_out)
    assert pipe.read() == LINE * went_out


@pytest.mark.parametrize("length", [1, 4_095, 4_096, 4_097, 6_000, 70_000])
def test_no_line_waits_for_room_however_long_it_is(pipe: Pipe, length: int) -> None:
    outlet, taken = LineWriter(pipe.stream), []

    in_time(lambda: taken.extend(outlet.write("x" * length + "\n") for _ in range(40_000 // length + 20)))

    assert not all(taken)


def test_a_line_longer_than_the_pipe_is_cut_and_the_next_begins_anew(pipe: Pipe) -> None:
    outlet, taken = LineWriter(pipe.stream), []

    in_time(lambda: taken.append(outlet.write("y" * 10**6 + "\n")))
    seen = pipe.read()
    taken.append(outlet.write(LINE))

    assert taken == [False, True]
    assert set(seen) == {"y"}
    assert pipe.read() == "\n" + LINE


def test_without_a_reader_nothing_is_written_and_nothing_fails(pipe: Pipe) -> None:
    pipe.leave()

    assert not LineWriter(pipe.stream).write(LINE)


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_without_room_nothing_is_written_and_nothing_fails() -> None:
    with FULL.open("w") as stream:
        assert not LineWriter(stream).write(LINE)


def test_to_a_closed_stream_nothing_is_written_and_nothing_fails(pipe: Pipe) -> None:
    outlet = LineWriter(pipe.stream)
    pipe.stream.close()

    assert not outlet.write(LINE)


def test_the_log_says_how_many_lines_it_missed_once_it_is_read_again(pipe: Pipe) -> None:
    log = log_to(pipe.stream)

    in_time(lambda: [log.write("request", path="x" * 100) for _ in range(1000)])
    before = pipe.read().splitlines()
    log.write("request", path="again")
    after = [json.loads(each) for each in pipe.read().splitlines()]

    assert 0 < len(before) < 1000
    assert [each["event"] for each in after] == ["lines_missed", "request"]
    assert after[0]["lines"] == 1000 - len(before)
    assert after[1]["path"] == "again"


def test_lines_that_were_missed_are_told_of_once(pipe: Pipe) -> None:
    log = log_to(pipe.stream)
    in_time(lambda: [log.write("request", path="x" * 100) for _ in range(1000)])
    pipe.read()

    for _ in range(3):
        log.write("request", path="again")

    assert pipe.read().count("lines_missed") == 1


def test_closed_streams_lead_to_nowhere_and_open_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = StringIO()
    for name, stream in (("stdin", None), ("stdout", kept), ("stderr", None)):
        monkeypatch.setattr(sys, name, stream)
    open_closed_streams()

    with closing(sys.stdin), closing(sys.stderr):
        assert (sys.stdin.read(), sys.stderr.write("x"), sys.stdout) == ("", 1, kept)


def answers(server: Served, number: int) -> set[int]:
    """Poll so often, and return how that was answered."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as connection:
        seen = set()
        for _ in range(number):
            connection.request("GET", f"/v1/prediction/{UNKNOWN_ID}", headers={"X-API-Key": "a-key"})
            answer = connection.getresponse()
            answer.read()
            seen.add(answer.status)
        return seen


def test_a_server_whose_log_nobody_reads_goes_on_answering() -> None:
    with serving("--rate-limit", "off") as server:
        assert answers(server, 1500) == {404}
        logged = server.errors()

    assert 200 < logged.count(" request ") < 1500


def test_a_server_whose_log_has_lost_its_reader_goes_on_answering() -> None:
    reader, writer = os.pipe()
    with serving(errors=writer) as server:
        os.close(writer)
        os.close(reader)

        assert answers(server, 20) == {404}
        assert server.create()[0] == 200
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_server_whose_log_has_no_room_goes_on_answering() -> None:
    with FULL.open("w") as full, serving(errors=full.fileno()) as server:
        assert answers(server, 20) == {404}
        assert server.create()[0] == 200
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "closed",
    [
        "<&- >&- 2>&-",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("<&-", ">&-", "2>&-", ">&- 2>/dev/full", "> /dev/full")
        ),
    ],
)
def test_a_server_with_closed_or_full_streams_answers_and_ends_in_order(closed: str) -> None:
    port = free_port()
    command = ["bash", "-c", f'exec "$@" {closed}', "bash", *COMMAND, "--port", str(port)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            assert becomes_ready(Address("127.0.0.1", port))
            assert Served(process, {"port": port}).create()[0] == 200
        finally:
            process.terminate()
        assert process.wait(PATIENCE) == 0
