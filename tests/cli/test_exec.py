"""`eachlabs-mock exec` as a user types it: with real commands, and an emulator in a real process."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eachlabs_mock.cli import serve, signal_relay
from eachlabs_mock.cli.exec import exec_command
from eachlabs_mock.cli.run_report import RunReport
from eachlabs_mock.cli.signal_relay import SignalRelay
from eachlabs_mock.control.client import Control, ControlError
from eachlabs_mock.server import child_process
from eachlabs_mock.server.child_process import Child, NotStartedError, emulator
from helpers.receivers import receiving

PROJECT = Path(__file__).parents[2] / "fixtures" / "projects" / "poller"
PYTEST = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # our own tools would multiply what a start costs
EXEC = [sys.executable, "-m", "eachlabs_mock", "exec"]

SAY = "import os; print(*(os.environ[name] for name in ('EACHLABS_BASE_URL', 'EACHLABS_API_KEY')), flush=True)"

CREATE = """
import os, sys
import requests
base, headers = os.environ["EACHLABS_BASE_URL"], {"X-API-Key": os.environ["EACHLABS_API_KEY"]}
def create(prompt, **more):
    body = {"model": more.pop("model", "qwen-image"), "input": {"prompt": prompt}, **more}
    return requests.post(f"{base}/prediction/", json=body, headers=headers).json()["predictionID"]
def read(id):
    return requests.get(f"{base}/prediction/{id}", headers=headers).json()
"""
"""What the programs under test begin with; `--progress immediate` then ends each prediction at once."""


@pytest.fixture(autouse=True)
def no_variables_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("EACHLABS_")]:
        monkeypatch.delenv(name)


def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EXEC, *arguments],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_program(program: str, *flags: str) -> subprocess.CompletedProcess[str]:
    return run(*flags, "--", sys.executable, "-c", CREATE + program)


def python(program: str) -> list[str]:
    return ["--", sys.executable, "-c", program]


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(exec_command(), arguments, env=environment, prog_name="eachlabs-mock exec")


def is_served(base_url: str) -> bool:
    host, port = re.findall(r"//([\d.]+):(\d+)/v1", base_url)[0]
    try:
        create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def report(finished: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines of the report, without the one that announces the emulator."""
    prefix = "eachlabs-mock: "
    lines = [line.removeprefix(prefix) for line in finished.stderr.splitlines() if line.startswith(prefix)]
    return lines[1:]


def a_run(**differences: Any) -> RunReport:
    ledger = {"total": "0", "executions": 0, "unpriced": 0, "by_model": {}}
    nothing: dict[str, Any] = {"requests": [], "predictions": [], "deliveries": [], "pending": []}
    return RunReport(**{**nothing, "ledger": ledger, "charge": "success", **differences})


def a_request(number: int, path: str = "/v1/prediction/x", status: int = 200) -> dict[str, Any]:
    return {"number": number, "method": "GET", "path": path, "status": status}


def a_prediction(status: str, *outputs: str, model: str = "qwen-image") -> dict[str, Any]:
    return {"status": status, "model": model, "output": [f"http://127.0.0.1:1/outputs/{each}" for each in outputs]}


def test_the_command_finds_the_emulator_by_two_variables_and_its_exit_code_is_returned() -> None:
    finished = run("--seed", "5", *python(SAY + "; raise SystemExit(7)"))
    base_url, key = finished.stdout.split()

    assert finished.returncode == 7
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", base_url)
    assert key == "exec-5"
    assert finished.stderr.startswith(f"eachlabs-mock: {base_url}, seed 5, clock auto (skips waiting times;")
    assert not is_served(base_url)


@pytest.mark.slow
def test_the_report_names_requests_predictions_spend_and_what_is_unfinished() -> None:
    program = """
requests.get(read(create("a"))["output"])
read(create("b"))
create("c [mock:stuck]")
create("d [mock:fail]")
create("e", model="flux-2-pro")
"""
    finished = run_program(program, "--progress", "immediate", "--control-token", "secret")

    assert finished.returncode == 0
    assert report(finished) == [
        "8 requests, 5 predictions (1 error, 1 processing, 3 success), spend 0.050 USD",
        "not in the spend: 1 execution without a known price (1 flux-2-pro); set --price SLUG=USD",
        "unfinished: 1 prediction still processing, 2 outputs never fetched",
    ]


@pytest.mark.slow
def test_a_webhook_that_nobody_accepted_is_unfinished_work() -> None:
    with receiving(lambda request: request.send_error(500)) as receiver:
        program = f"""
id = create("a [mock:fail]", webhook_url="{receiver.url}")
root = base.removesuffix("/v1")
requests.post(root + "/__mock/deliveries/wait", json={{}}, headers=headers).raise_for_status()
"""
        finished = run_program(program, "--progress", "immediate")

    assert report(finished)[1:] == ["unfinished: 1 webhook failed"]


def test_a_good_run_that_spends_too_much_exits_1() -> None:
    finished = run_program("create('a')", "--progress", "immediate", "--max-spend", "0.02")

    assert finished.returncode == 1
    assert report(finished)[-1] == "the spend of 0.025 USD exceeds --max-spend 0.02"


@pytest.mark.slow
def test_the_sample_project_passes_though_its_program_sleeps() -> None:
    finished = run("--max-spend", "0.05", "--", *PYTEST, cwd=PROJECT, **BARE)

    assert "3 passed" in finished.stdout
    assert finished.returncode == 0


@pytest.mark.slow
def test_the_sample_projects_failure_comes_through_and_beats_the_spend() -> None:
    finished = run("--max-spend", "0", "--no-prompt-faults", "--", *PYTEST, "--exitfirst", cwd=PROJECT, **BARE)

    assert finished.returncode == 1
    assert "Failed: DID NOT RAISE" in finished.stdout


@contextmanager
def running(program: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run *program*, which first says where the emulator is; yield the process of `exec` and that address."""
    command, pipe = [*EXEC, *python(f"import signal, sys, time; {SAY}\n{program}")], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command_and_the_emulator_ends_all_the_same(number: signal.Signals) -> None:
    with running(f"signal.signal({int(number)}, signal.SIG_DFL); print(flush=True); signal.pause()") as (process, url):
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)

        assert process.wait(20) == 128 + number
    assert not is_served(url)


def test_a_command_may_outlive_a_signal() -> None:
    with running("signal.signal(15, lambda *_: sys.exit(0)); print(flush=True); signal.pause()") as (process, _):
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()

        assert process.wait(20) == 0


@pytest.mark.slow
def test_a_killed_exec_leaves_no_emulator_behind() -> None:
    with running("sys.stdin.read()") as (process, url):
        process.kill()
        process.wait(20)

        assert ends(url)


def ends(url: str) -> bool:
    """Wait until the emulator hangs up on a connection that it was left with."""
    host, port = re.findall(r"//([\d.]+):(\d+)/v1", url)[0]
    try:
        with create_connection((host, int(port)), timeout=20) as connection:
            return connection.recv(1) == b""
    except ConnectionError:
        return True


IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"

COUNTS_CTRL_C = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("ready", flush=True)
signal.sigwait([signal.SIGINT])
raise SystemExit(0 if signal.sigtimedwait([signal.SIGINT], 0.2) is None else 1)
"""


def test_ctrl_c_in_a_terminal_reaches_the_command_once() -> None:
    command, pipe = [sys.executable, "-c", IN_A_TERMINAL, *EXEC, *python(COUNTS_CTRL_C)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while "ready" not in (line := process.stdout.readline()):
            assert line
        process.stdin.write("\x03")
        process.stdin.flush()

        assert process.wait(20) == 0


class FakeEmulator:
    """Stands in for the emulator: notes how it was started, and answers its control plane from a table."""

    def __init__(self) -> None:
        self.started: list[tuple[list[str], str]] = []
        self.asked: list[tuple[str, str, str]] = []
        self.ready = {"base_url": "http://127.0.0.1:1/v1", "seed": 9}
        lists: dict[str, Any] = {"requests": [], "predictions": [], "deliveries": [], "pending": []}
        self._answers = {**lists, "total": "0.50", "unpriced": 0, "by_model": {}, "charge": "success"}

    @contextmanager
    def __call__(self, flags: list[str], token: str) -> Iterator["FakeEmulator"]:
        self.started.append((flags, token))
        yield self

    def control(self, key: str) -> Control:
        def send(method: str, path: str, headers: Mapping[str, str], _: bytes) -> tuple[int, bytes]:
            self.asked.append((method, path.removeprefix("/__mock"), headers["X-API-Key"]))
            return 200, json.dumps(self._answers).encode()

        return Control(send, key)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEmulator:
    emulator = FakeEmulator()
    monkeypatch.setattr("eachlabs_mock.cli.exec.emulator", emulator)
    return emulator


ENDS = {0: "os._exit(0)", -signal.SIGTERM: "os.kill(os.getpid(), 15)"}
OWN = ["--port=0", "--log-format=off", "--clock=auto"]


@pytest.mark.parametrize(
    ("flags", "variables", "started"),
    [
        ([], {}, OWN),
        (["--seed", "3"], {}, [*OWN, "--seed=3"]),
        (["--strict-input", "--no-lane"], {}, [*OWN, "--no-lane", "--strict-input"]),
        (["--api-key", "a", "--api-key=b"], {}, [*OWN, "--api-key=a", "--api-key=b"]),
        (["--clock", "manual"], {}, ["--port=0", "--log-format=off", "--clock=manual"]),
        (["--max-spend", "1"], {}, OWN),
        (["--speed", "5"], {}, ["--port=0", "--log-format=off", "--speed=5"]),
        ([], {"EACHLABS_MOCK_SPEED": "5"}, ["--port=0", "--log-format=off"]),
        ([], {"EACHLABS_MOCK_CLOCK": "real", "EACHLABS_MOCK_LOG_FORMAT": "json"}, ["--port=0"]),
        ([], {"EACHLABS_MOCK_PORT": ""}, OWN),
    ],
)
def test_flags_are_handed_on_as_typed_and_defaults_give_way(
    fake: FakeEmulator, flags: list[str], variables: dict[str, str], started: list[str]
) -> None:
    result = invoke(*flags, "--", "true", **variables)

    assert result.exit_code == 0, result.output
    assert fake.started == [(started, "")]


@pytest.mark.parametrize("arguments", [["--seed", "3", "test", "--seed", "=", "--seed"], ["--", "test", "-n", "--"]])
def test_flags_after_the_command_are_its_own(fake: FakeEmulator, arguments: list[str]) -> None:
    assert invoke(*arguments).exit_code == 0
    assert fake.started[0][0] in ([*OWN, "--seed=3"], OWN)


def test_a_key_of_the_user_is_kept(fake: FakeEmulator, capfd: pytest.CaptureFixture[str]) -> None:
    invoke("--api-key", "mine", "--api-key", "other", *python(SAY))

    assert capfd.readouterr().out == f"{fake.ready['base_url']} mine\n"


def test_a_control_token_is_used_for_the_report(fake: FakeEmulator) -> None:
    invoke("--control-token", "secret", "true")

    assert fake.started[0][1] == "secret"


def test_the_clock_is_stopped_before_the_world_is_read(fake: FakeEmulator) -> None:
    invoke("--api-key", "mine", "true")

    assert fake.asked == [
        ("PUT", "/clock", "mine"),
        ("GET", "/requests", "mine"),
        ("GET", "/predictions", "mine"),
        ("GET", "/deliveries", "mine"),
        ("GET", "/ledger", "mine"),
        ("GET", "/settings", "mine"),
    ]


@pytest.mark.parametrize(
    ("flags", "said"),
    [([], "clock auto (skips waiting times; --clock real keeps them)"), (["--clock", "real"], "clock real")],
)
def test_the_first_line_says_where_the_emulator_is_and_how_time_passes(
    fake: FakeEmulator, flags: list[str], said: str
) -> None:
    first = invoke(*flags, "true").stderr.splitlines()[0]

    assert first == f"eachlabs-mock: {fake.ready['base_url']}, seed 9, {said}"


@pytest.mark.parametrize(("most", "exit_code"), [("0.49", 1), ("0.50", 0), ("0.5", 0), ("1e3", 0)])
def test_the_limit_itself_may_be_spent(fake: FakeEmulator, most: str, exit_code: int) -> None:
    assert (invoke("--max-spend", most, "true").exit_code, len(fake.started)) == (exit_code, 1)


def test_a_failure_beats_the_spend(fake: FakeEmulator) -> None:
    result = invoke("--max-spend", "0", "--", "sh", "-c", "exit 9")

    assert (result.exit_code, len(fake.started)) == (9, 1)
    assert "the spend of 0.50 USD exceeds --max-spend 0" in result.stderr


@pytest.mark.parametrize(("flags", "exit_code"), [([], 0), (["--max-spend", "1"], 1)])
def test_an_emulator_that_is_gone_gives_no_report_and_keeps_no_limit(
    fake: FakeEmulator, monkeypatch: pytest.MonkeyPatch, flags: list[str], exit_code: int
) -> None:
    monkeypatch.setattr(fake, "control", Child({"url": "http://127.0.0.1:1"}).control)

    result = invoke(*flags, "true")

    assert result.exit_code == exit_code
    assert (
        "no report, because the emulator could not be read: the emulator on http://127.0.0.1:1 does not answer"
        in result.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ([], "Missing argument '-- COMMAND...'"),
        (["--seed", "1", "--"], "Missing argument '-- COMMAND...'"),
        (["--prot", "1", "true"], "--port"),
        (["--seed", "x", "true"], "is not a whole number"),
        (["--max-spend", "much", "true"], "'much' is not an amount of USD, such as 0.10"),
        (["--max-spend", "-1", "true"], "'-1' is not an amount of USD"),
        (["--max-spend", "NaN", "true"], "'NaN' is not an amount of USD"),
    ],
)
def test_bad_usage_is_exit_2_and_starts_nothing(fake: FakeEmulator, arguments: list[str], right: str) -> None:
    result = invoke(*arguments)

    assert (result.exit_code, fake.started) == (2, [])
    assert right in result.output


def test_a_variable_that_is_no_setting_is_exit_2_and_starts_nothing(fake: FakeEmulator) -> None:
    result = invoke("true", EACHLABS_MOCK_PROT="1")

    assert (result.exit_code, fake.started) == (2, [])
    assert "did you mean EACHLABS_MOCK_PORT?" in " ".join(result.output.split())


def test_a_command_that_is_not_found_is_one_line_and_exit_127(fake: FakeEmulator) -> None:
    result = invoke("--", "no-such-command", "x")

    assert (result.exit_code, fake.started) == (127, [])
    assert result.stderr == "eachlabs-mock: no-such-command: command not found\n"


def test_a_command_that_is_no_program_is_one_line_and_exit_126(fake: FakeEmulator, tmp_path: Path) -> None:
    (tmp_path / "poem").write_text("A rose")
    (tmp_path / "poem").chmod(0o755)

    result = invoke(str(tmp_path / "poem"))

    assert (result.exit_code, len(fake.started)) == (126, 1)
    assert f"eachlabs-mock: {tmp_path / 'poem'}: cannot be run: Exec format error\n" in result.stderr


@pytest.mark.parametrize("code", [0, -signal.SIGTERM])
def test_an_emulator_that_was_ended_before_it_was_ready_is_no_success(
    monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(child_process, "COMMAND", [sys.executable, "-c", f"import os; {ENDS[code]}", "--"])

    assert invoke("true").exit_code == 1


def test_a_server_that_does_not_start_says_why_and_lends_its_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = invoke("--models", str(tmp_path / "none"), "--", "touch", str(tmp_path / "run"))

    assert (result.exit_code, (tmp_path / "run").exists()) == (2, False)
    assert capfd.readouterr().err.startswith(f"eachlabs-mock: {tmp_path / 'none'}: directory: it does not exist")


def test_the_help_shows_what_is_new_and_where_the_rest_is() -> None:
    output = invoke("--help").output

    assert re.findall(r"^  (--[a-z-]+)", output, re.MULTILINE) == ["--max-spend", "--help"]
    assert "serve --help" in " ".join(output.split())


def test_a_run_without_anything_asks_whether_the_variables_are_read() -> None:
    assert list(a_run().lines()) == [
        "0 requests, 0 predictions, spend 0 USD",
        "no request used this API key: does the command read EACHLABS_BASE_URL and EACHLABS_API_KEY?",
    ]


def test_requests_that_are_no_longer_kept_are_counted() -> None:
    run = a_run(requests=[a_request(number) for number in range(232, 732)])

    assert list(run.lines()) == ["731 requests, 0 predictions, spend 0 USD"]


@pytest.mark.parametrize(
    ("requests", "unfinished"),
    [
        ([a_request(1, "/outputs/a.png")], []),
        ([a_request(1, "/outputs/a.png", status=206)], []),
        ([a_request(1, "/outputs/a.png", status=404)], ["unfinished: 1 output never fetched"]),
        ([a_request(1) | {"method": "HEAD", "path": "/outputs/a.png"}], ["unfinished: 1 output never fetched"]),
        ([a_request(1), a_request(2, "/outputs/b.png")], ["unfinished: 1 output never fetched"]),
        (
            [a_request(7), a_request(8)],
            ["unfinished: 1 output not fetched in the last 2 requests"],
        ),
    ],
)
def test_an_output_counts_as_fetched_when_the_journal_shows_it(
    requests: list[dict[str, Any]], unfinished: list[str]
) -> None:
    assert list(a_run(requests=requests, predictions=[a_prediction("success", "a.png")]).lines())[1:] == unfinished


@pytest.mark.parametrize("status", ["processing", "error"])
def test_only_a_success_has_an_output_to_fetch(status: str) -> None:
    lines = list(a_run(requests=[a_request(1)], predictions=[a_prediction(status, "a.png")]).lines())

    assert "fetched" not in " ".join(lines)


def test_webhooks_still_to_come_are_unfinished_and_other_events_are_not() -> None:
    kinds = ["status", "webhook", "window", "expiry", "webhook"]
    run = a_run(requests=[a_request(1)], pending=[{"kind": each} for each in kinds])

    assert list(run.lines())[1:] == ["unfinished: 2 webhooks not yet sent"]


def test_a_webhook_that_was_accepted_in_the_end_has_not_failed() -> None:
    tried = [["FAILED", "SUCCESS"], ["FAILED", "FAILED"]]
    deliveries = [{"attempts": [{"status": each} for each in attempts]} for attempts in tried]

    lines = list(a_run(requests=[a_request(1)], deliveries=deliveries).lines())

    assert lines[1:] == ["unfinished: 1 webhook failed"]


@pytest.mark.parametrize(
    ("charge", "named"),
    [("success", "without a known price (2 a)"), ("accept", "without a known price (2 a, 1 b)")],
)
def test_models_without_a_price_are_named_if_they_were_charged(charge: str, named: str) -> None:
    predictions = [*[a_prediction("success", model="a")] * 2, a_prediction("error", model="b"), a_prediction("success")]
    ledger = {"total": "0.025", "executions": 3, "unpriced": 2, "by_model": {"qwen-image": "0.025"}}

    line = list(a_run(requests=[a_request(1)], predictions=predictions, ledger=ledger, charge=charge).lines())[1]

    assert named in line


def test_a_signal_before_the_command_keeps_it_from_being_started() -> None:
    with SignalRelay() as entered:
        signal.raise_signal(signal.SIGTERM)

        assert entered.run(["no-such-command"], {}) == 143


@pytest.mark.parametrize(
    ("number", "is_in_foreground", "arrivals"),
    [
        (signal.SIGHUP, True, 1),
        (signal.SIGTERM, True, 1),
        (signal.SIGQUIT, True, 1),
        (signal.SIGINT, False, 1),
        (signal.SIGINT, True, 0),
    ],
)
def test_a_signal_is_handed_on_unless_it_is_the_terminals_ctrl_c(
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    is_in_foreground: bool,  # noqa: FBT001  # a column
    arrivals: int,
) -> None:
    monkeypatch.setattr(signal_relay, "_is_in_foreground", lambda: is_in_foreground)
    program = f"""
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [{int(number)}])
os.kill(os.getppid(), {int(number)})
raise SystemExit(signal.sigtimedwait([{int(number)}], {10 if arrivals else 0.2}) is not None)
"""
    with SignalRelay() as entered:
        assert entered.run([sys.executable, "-c", program], {}) == arrivals


def test_a_signal_that_comes_while_the_command_is_being_made_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            signal.raise_signal(signal.SIGTERM)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Slow)
    with SignalRelay() as entered:
        assert entered.run([sys.executable, "-c", "import signal; signal.pause()"], {}) == 143


def test_signals_are_as_they_were_afterwards_and_an_ignored_one_is_never_taken() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        with SignalRelay():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGINT) is not interrupt

        assert signal.getsignal(signal.SIGINT) is interrupt
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("group", "is_ours"), [(os.getpgrp(), True), (1, False)])
def test_a_terminal_speaks_to_the_process_group_in_its_foreground(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    group: int,
    is_ours: bool,  # noqa: FBT001  # a column
) -> None:
    (tmp_path / "tty").touch()
    monkeypatch.setattr(signal_relay, "Path", lambda _: tmp_path / "tty")
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: group)

    assert signal_relay._is_in_foreground() is is_ours


def test_without_a_terminal_there_is_no_foreground(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(signal_relay, "Path", lambda _: tmp_path / "none")

    assert not signal_relay._is_in_foreground()


def test_a_child_answers_over_its_control_plane_and_tells_what_it_refuses() -> None:
    with emulator(["--port=0", "--control-token=secret"], "secret") as started:
        assert started.control("k").call("PUT", "/clock", {"mode": "manual"})["mode"] == "manual"

        with pytest.raises(ControlError, match=r"^GET /__mock/clock was answered 401: X-Mock-Token"):
            Child(started.ready).control("k").call("GET", "/clock")


def test_a_child_has_the_environment_it_is_given_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EACHLABS_MOCK_SEED", "5")

    with emulator(["--port=0"], environment={"EACHLABS_MOCK_DURATION": "9", "PATH": os.environ["PATH"]}) as started:
        assert started.control("k").call("GET", "/settings")["duration"] == 9
        assert started.ready["seed"] != 5


def test_a_child_that_does_not_start_is_told_by_its_exit_code() -> None:
    with pytest.raises(NotStartedError, match="exit code 2") as raised, emulator(["--port=x"]):
        pass

    assert raised.value.exit_code == 2


def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import json, os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(json.dumps({"pid": os.getpid()}), flush=True)
signal.pause()
"""
    monkeypatch.setattr(child_process, "COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(child_process, "CHILD_TIMEOUT", 0.05)

    with emulator([]) as started:
        pass

    with pytest.raises(ProcessLookupError):
        os.kill(started.ready["pid"], 0)


def test_exit_with_stdin_stops_the_process_when_the_last_writer_has_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[tuple[int, int]] = []
    reads = iter([b"a line", b""])
    monkeypatch.setattr(os, "read", lambda *_: next(reads))
    monkeypatch.setattr(os, "kill", lambda *facts: ended.append(facts))

    serve._stop_after_input()

    assert ended == [(os.getpid(), signal.SIGTERM)]
    assert next(reads, "both were read") == "both were read"


def test_exit_with_stdin_watches_from_the_first_fork_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = Event()
    hooks: list[Callable[[], None]] = []

    def register(*, after_in_parent: Callable[[], None]) -> None:
        hooks.append(after_in_parent)

    monkeypatch.setattr(os, "register_at_fork", register)
    monkeypatch.setattr(serve, "_stop_after_input", reached.set)

    serve._exit_with_stdin()

    assert not reached.is_set()
    for _ in range(2):  # a server may fork again
        hooks[0]()
    assert reached.wait(10)
