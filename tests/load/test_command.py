"""`eachlabs-mock load` as a user types it; Locust itself runs only in what is marked slow."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eachlabs_mock.cli.signal_relay import SignalRelay
from eachlabs_mock.load import command
from eachlabs_mock.load.command import load_command
from eachlabs_mock.load.counters import Counters
from eachlabs_mock.server.child_process import Child, NotStartedError
from eachlabs_mock.settings.server import registry

LOAD = [sys.executable, "-c", "from eachlabs_mock.load.command import load_command; load_command()(prog_name='load')"]


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in registry():
        monkeypatch.delenv(f"EACHLABS_MOCK_{each.name.upper()}", raising=False)


@pytest.fixture
def flags(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The flags with which an emulator would have been started; none is."""
    seen: list[str] = []

    @contextmanager
    def started(given: list[str], _token: str) -> Iterator[Child]:
        seen.extend(given)
        yield Child({"base_url": "http://127.0.0.1:9/v1"})

    monkeypatch.setattr(command, "emulator", started)
    return seen


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """What Locust would have been started with; it is said to have had one prediction, and one refusal."""
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run(_relay: object, arguments: list[str], variables: dict[str, str]) -> int:
        seen.append((arguments, variables))
        made = Counters()
        for name in ("request:create", "answered", "created", "done"):
            made.count(0, name)
        made.count(0, "request:create")
        made.count(0, "refused:x")
        made.time(0, "create", 3)
        Path(variables["EACHLABS_LOAD_RESULT"]).write_text(made.dump())
        return 0

    monkeypatch.setattr(SignalRelay, "run", run)
    return seen


@pytest.fixture
def listening() -> Iterator[str]:
    """A base URL at which somebody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def load(*arguments: str) -> Result:
    return CliRunner().invoke(load_command(), arguments, prog_name="eachlabs-mock load")


def test_an_emulator_of_its_own_gets_the_flags_of_serve(flags: list[str], runs: list[Any]) -> None:
    result = load("--duration", "9", "--no-lane", "--users", "3", "--log-format", "json", "--price", "qwen-image=1")

    assert result.exit_code == 0
    assert set(flags) == {"--port=0", "--log-format=json", "--duration=9", "--price=qwen-image=1", "--no-lane"}
    assert runs[0][1]["EACHLABS_LOAD_URL"] == "http://127.0.0.1:9/v1"
    assert "--users=3" in runs[0][0]
    assert "spend            1 USD" in result.output


@pytest.mark.usefixtures("flags", "runs")
def test_the_run_is_told_in_words() -> None:
    lines = load("--run-time", "1m", "--one-key").stdout.splitlines()

    assert lines[:3] == [
        "50.0% of 2 requests were refused",
        "",
        "requests         2 in 1 s; 1.0 per second answered",
    ]


@pytest.mark.usefixtures("flags", "runs")
def test_a_report_is_written(tmp_path: Path) -> None:
    result = load("--report", str(tmp_path / "new" / "report"))

    assert "report.html" in result.stderr
    document = json.loads((tmp_path / "new" / "report" / "report.json").read_bytes())
    assert (document["asked"]["users"], document["asked"]["base_url"]) == (20, "http://127.0.0.1:9/v1")


def test_a_running_emulator_is_driven(listening: str, runs: list[Any]) -> None:
    assert load(listening, "--model", "mine", "--price", "mine=0.5").exit_code == 0
    assert runs[0][1]["EACHLABS_LOAD_URL"] == listening


def test_a_master_drives_nothing_itself(runs: list[Any]) -> None:
    result = load("--master", "--expect-workers", "2")

    assert result.exit_code == 0
    assert "against the emulators of 2 workers" in result.stderr
    assert runs[0][1]["EACHLABS_LOAD_URL"] == ""


@pytest.mark.usefixtures("flags")
def test_a_worker_reports_to_its_master_alone(runs: list[Any]) -> None:
    result = load("--worker", "--master-host", "boss.test")

    assert result.stdout == ""
    assert runs[0][0][-3:] == ["--worker", "--master-host=boss.test", "--master-port=5557"]


@pytest.mark.usefixtures("flags")
def test_a_run_in_which_nothing_was_asked_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SignalRelay, "run", lambda *_: 3)

    result = load()

    assert "no request was made" in result.stderr
    assert result.exit_code == 1


@pytest.mark.usefixtures("flags")
def test_a_run_in_which_something_went_wrong_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_relay: object, _arguments: list[str], variables: dict[str, str]) -> int:
        Path(variables["EACHLABS_LOAD_RESULT"]).write_text(
            '{"0": [{"request:poll": 1, "error:poll: HTTP 500": 1}, {}]}'
        )
        return 0

    monkeypatch.setattr(SignalRelay, "run", run)

    assert load().exit_code == 1


@pytest.mark.parametrize(("code", "ours"), [(2, 2), (-9, 1), (0, 1)])
def test_an_emulator_that_does_not_start_ends_it(monkeypatch: pytest.MonkeyPatch, code: int, ours: int) -> None:
    def emulator(*_: object) -> None:
        raise NotStartedError(code)

    monkeypatch.setattr(command, "emulator", emulator)

    assert load().exit_code == ours


def test_without_locust_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "locust" else name)

    result = load()

    one_line = " ".join(result.output.split())
    assert (
        "Error: load needs locust: run pip install '.[load]' in a checkout, or install the wheel with [load]"
        in one_line
    )
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("http://api.eachlabs.ai/v1",), "load is sent only to this machine"),
        (("http://127.0.0.1:1/v1",), "cannot connect to http://127.0.0.1:1/v1: Connection refused"),
        (
            ("http://127.0.0.1:1/v1", "--duration", "3"),
            "--duration configures a new emulator, but none is started here",
        ),
        (("--master", "--duration", "3"), "--duration configures a new emulator, but none is started here"),
        (("--master", "--worker"), "--master and --worker exclude each other"),
        (("--model", "qwen"), "--model: unknown model 'qwen'; did you mean qwen-image?"),
        (("--model", "?"), "--model: unknown model '?'; the models are flux-2-flex, "),
        (("--models", "nowhere"), "name a directory with model files"),
        (("--users", "0"), "0 is not in the range 1<=x<=2000"),
        (("--spawn-rate", "0"), "Invalid value for '--spawn-rate'"),
        (("--run-time", "1h"), "'1h' is not a time from 1s to 10m, such as 30s or 1m30s"),
        (("--mode", "push"), "is not one of 'poll', 'webhook'"),
        (("--ramp", "wild"), "is not one of 'steady', 'climb', 'steps', 'spike'"),
        (("--rate-limit", "100"), "such as 100/60, nor off"),
        (("--report", "/dev/null/x"), "--report: cannot write to /dev/null/x: Not a directory"),
    ],
)
def test_what_will_not_do_is_said_and_ends_with_2(arguments: tuple[str, ...], complaint: str) -> None:
    result = load(*arguments)

    assert complaint in " ".join(result.output.split())
    assert result.exit_code == 2


def test_importing_the_command_imports_neither_locust_nor_pygal() -> None:
    look = "import sys, eachlabs_mock.load.command; print({'locust', 'gevent', 'pygal'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", look], text=True) == "set()\n"


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["poll", "webhook"])
def test_locust_drives_an_emulator(mode: str, tmp_path: Path) -> None:
    asked = [
        "--users=4",
        "--spawn-rate=4",
        "--run-time=3s",
        "--poll=0.2",
        "--duration=0.2",
        "--fetch",
        f"--mode={mode}",
    ]

    run = subprocess.run(
        [*LOAD, *asked, f"--report={tmp_path}"], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / "report.json").read_bytes())["found"]
    assert found["created"] == found["done"] + found["unfinished"] >= 8
    assert found["users"] == 4
    assert set(found["latencies"]) == {"create", "output"} | ({"poll"} if mode == "poll" else set())


@pytest.mark.slow
def test_one_key_meets_the_limit_and_enough_is_enough() -> None:
    asked = [
        "--users=3",
        "--spawn-rate=3",
        "--run-time=60s",
        "--poll=0.1",
        "--duration=0.1",
        "--at-most=5",
        "--one-key",
    ]

    run = subprocess.run([*LOAD, *asked, "--max-in-flight=1"], capture_output=True, text=True, timeout=40, check=False)

    assert re.search(r"refused \(429\) +\d+ Too many concurrent predictions", run.stdout), run.stdout + run.stderr
    assert "predictions      5 created: 5 done" in run.stdout


@pytest.mark.slow
def test_a_master_sums_up_what_its_worker_did() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = f"--master-port={free.getsockname()[1]}"
    master = [*LOAD, "--master", port, "--users=2", "--run-time=4s", "--poll=0.2"]

    with subprocess.Popen([*LOAD, "--worker", port, "--duration=0.2"]) as worker:
        run = subprocess.run(master, capture_output=True, text=True, timeout=60, check=False)
        assert worker.wait(30) == 0

    assert run.returncode == 0, run.stderr
    assert "2 users" in run.stdout
    assert re.search(r"predictions +[1-9]\d* created: [1-9]", run.stdout), run.stdout
