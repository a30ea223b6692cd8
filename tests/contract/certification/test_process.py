"""Programs and functions that are run once: how their end is told, and that nothing is left of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Timer
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.certification.process import supervisor
from eachlabs_contract.certification.process.captured_output import HEAD, TAIL, CapturedOutput
from eachlabs_contract.certification.process.children import opening_late
from eachlabs_contract.certification.process.command import Command, NotStartedError, Program
from eachlabs_contract.certification.process.function import Function
from eachlabs_contract.certification.process.result import CompletedRun

KEY = "certify-0123456789abcdef"
VARIABLES = {"EACHLABS_API_KEY": KEY, "EACHLABS_BASE_URL": "http://127.0.0.1:9/v1"}
PROGRAMS = Path(__file__).parents[3] / "fixtures" / "programs"


def ran(program: Program, limit: float = 30, stop: Event | None = None) -> CompletedRun:
    return program.run(VARIABLES, limit, stop or Event())


def python(code: str) -> Command:
    return Command("python", (sys.executable, "-c", code))


def is_over(pid: int) -> bool:
    """Say whether a process is gone, or as good as gone: a zombie that nobody has waited for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


# The captured


@given(st.lists(st.binary(max_size=30)), st.integers(0, 30))
def test_what_fits_is_kept_as_it_came(pieces: list[bytes], split: int) -> None:
    whole = b"".join(pieces)
    captured = CapturedOutput(KEY)
    for piece in (whole[:split], whole[split:]):
        captured.add(piece)

    assert captured.text == whole.decode(errors="replace")


@given(st.integers(0, 40), st.integers(1, 10))
def test_key_is_found_and_masked_wherever_it_is_cut(before: int, step: int) -> None:
    printed = b"." * before + KEY.encode() + b"."
    captured = CapturedOutput(KEY)
    for start in range(0, len(printed), step):
        captured.add(printed[start : start + step])

    assert captured.has_secret
    assert captured.text == "." * before + "[key]."


@given(st.binary(max_size=100))
def test_tape_without_the_key_says_so(printed: bytes) -> None:
    captured = CapturedOutput(KEY)
    captured.add(printed)

    assert not captured.has_secret


def test_flood_is_kept_at_both_ends_and_counted_between() -> None:
    captured = CapturedOutput(KEY)
    captured.add(b"a" * HEAD + b"b" * 1000 + KEY.encode() + b"c" * TAIL)

    assert captured.text == "a" * HEAD + "\n… 1,024 bytes omitted …\n" + "c" * TAIL
    assert captured.has_secret


# A program


def test_output_is_kept_in_the_order_in_which_it_came() -> None:
    code = "import sys\nfor each in 'abc': print(each, file=sys.stderr if each == 'b' else sys.stdout, flush=True)"

    assert ran(python(code)).output == "a\nb\nc\n"


@pytest.mark.parametrize(("code", "expected"), [("pass", 0), ("import sys; sys.exit(7)", 7), ("1 / 0", 1)])
def test_exit_code_is_told(code: str, expected: int) -> None:
    assert ran(python(code)).exit_code == expected


def test_signal_that_killed_it_is_told() -> None:
    assert ran(python("import os; os.kill(os.getpid(), 15)")).exit_code == -signal.SIGTERM


def test_program_knows_where_to_call_and_as_whom() -> None:
    completed = ran(python("import os; print(os.environ['EACHLABS_BASE_URL'], os.environ['EACHLABS_API_KEY'])"))

    assert completed.output == "http://127.0.0.1:9/v1 [key]\n"
    assert completed.printed_key


def test_program_runs_where_its_owner_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert ran(python("import os; print(os.getcwd())")).output == f"{tmp_path.resolve()}\n"


def test_proxy_of_its_owner_does_not_come_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "intranet")

    assert ran(python("import os; print(os.environ['NO_PROXY'])")).output == "intranet,127.0.0.1,localhost\n"


def test_program_that_reads_its_input_finds_the_end_of_it() -> None:
    assert ran(python("import sys; print(repr(sys.stdin.read()))")).output == "''\n"


@pytest.mark.parametrize("words", [("no-such-program",), ("/",)])
def test_program_that_cannot_be_started_is_named(words: tuple[str, ...]) -> None:
    with pytest.raises(NotStartedError, match=r"^mine cannot be started: (No such file|Permission)"):
        ran(Command("mine", words))


@pytest.mark.slow
def test_program_that_hangs_is_ended_with_all_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    completed = ran(Command("hangs", (sys.executable, str(PROGRAMS / "hangs.py"), str(pids))), limit=3)

    assert completed.timed_out
    assert completed.output == "waiting for nothing\n"
    assert [is_over(int(pid)) for pid in pids.read_text().split()] == [True] * 3


def test_orphan_in_a_session_of_its_own_is_found_and_ended(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    orphan = f"import os, time; open({str(pids)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    code = (
        "import os, subprocess, sys, time\n"
        "if os.fork(): os.wait()\n"
        f"else: subprocess.Popen([sys.executable, '-c', {orphan!r}], start_new_session=True)\n"
        f"while not os.path.exists({str(pids)!r}) or not os.path.getsize({str(pids)!r}): time.sleep(0.01)\n"
    )

    completed = ran(python(code))

    assert (completed.exit_code, completed.left_behind) == (0, 1)
    assert is_over(int(pids.read_text()))


def test_program_is_ended_when_it_is_told_to_stop() -> None:
    stop = Event()
    Timer(0.3, stop.set).start()

    completed = ran(python("import time; time.sleep(600)"), stop=stop)

    assert completed.timed_out
    assert completed.seconds < 20


def test_program_that_kills_its_guard_is_taken_for_ended() -> None:
    completed = ran(python("import os; os.kill(os.getppid(), 9)"))

    assert completed.timed_out


# The guard of a program, in this process


def test_everybody_below_is_found() -> None:
    assert supervisor._below(1, {2: 1, 3: 2, 4: 3, 5: 9, 1: 0}) == {2, 3, 4}


def test_where_there_is_no_proc_nobody_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(supervisor, "PROC", tmp_path)

    assert supervisor._below(1, supervisor._parents()) == set()


# A function


def fail() -> NoReturn:
    raise ValueError("the kiln went out")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: None, (0, "")),
        (lambda: sys.stdout.write("done\n"), (0, "done\n")),
        (lambda: sys.exit(3), (3, "")),
        (sys.exit, (0, "")),
        (lambda: sys.exit("no more"), (1, "no more\n")),
        (lambda: subprocess.run(["echo", "below"], check=True), (0, "below\n")),
    ],
)
def test_end_of_a_function_is_told(call: Callable[[], object], expected: tuple[int, str]) -> None:
    completed = ran(Function("it", call))

    assert (completed.exit_code, completed.output) == expected


def test_what_a_function_raises_is_printed() -> None:
    completed = ran(Function("fail", fail))

    assert completed.exit_code == 1
    assert completed.output.endswith("ValueError: the kiln went out\n")


def test_what_a_function_changes_stays_where_it_ran() -> None:
    seen: list[str] = []
    os.environ.pop("EACHLABS_API_KEY", None)

    ran(Function("append", lambda: seen.append(os.environ["EACHLABS_API_KEY"])))

    assert seen == []
    assert "EACHLABS_API_KEY" not in os.environ


def test_function_that_hangs_is_ended() -> None:
    assert ran(Function("pause", signal.pause), limit=0.5).timed_out


def test_child_of_a_function_is_ended() -> None:
    def start() -> None:
        sys.stdout.write(str(subprocess.Popen(["sleep", "600"]).pid))

    completed = ran(Function("start", start))

    assert completed.left_behind == 1
    assert is_over(int(completed.output))


# A door that opens late


@pytest.fixture
def door() -> Iterator[str]:
    with opening_late("http://127.0.0.1:9", 0.0) as root:
        yield root


def test_door_has_an_address_of_its_own(door: str) -> None:
    assert door.startswith("http://127.0.0.1:")
    assert door != "http://127.0.0.1:9"
