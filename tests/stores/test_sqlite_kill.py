"""A served emulator with its store in a file, killed with -9 at any moment: what it has answered for is there again."""

import json
import os
import resource
import select
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from eachlabs_mock.core.chance import draw_integer
from helpers.receivers import accept, receiving
from helpers.served import COMMAND, Served, refused

KEY = {"X_API_Key": "k", "Content_Type": "application/json"}
CALLERS = 4
PATIENCE = 20
FLAGS = ("--rate-limit", "off", "--max-in-flight", "off", "--duration", "0.02", "--log-format", "off", "--seed", "5")


@contextmanager
def serving(path: Path, *flags: str, **options: Any) -> Iterator[Served]:
    """Serve with the store in *path*; at the end the server is killed, and its worker with it."""
    command, pipe = [*COMMAND, "--port", "0", "--store", f"sqlite:{path}", *FLAGS, *flags], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL, text=True, **options) as process:
        assert process.stdout is not None
        try:
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def worker_of(server: Served) -> int:
    parent = server.process.pid
    (worker,) = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(worker)


class Callers:
    """Create predictions with webhooks until the server is gone.

    :ivar answered: the predictions that were acknowledged.
    """

    def __init__(self, url: str) -> None:
        self._body = json.dumps({"model": "qwen-image", "input": {"prompt": "a kite"}, "webhook_url": url}).encode()
        self.answered: set[str] = set()

    def run(self, server: Served, victim: str, wanted: int) -> None:
        """Call *server* from several threads; kill the *victim* once *wanted* more have been acknowledged."""
        pid = server.process.pid if victim == "parent" else worker_of(server)
        enough, before = threading.Event(), len(self.answered)

        def call() -> None:
            with suppress(OSError, HTTPException):
                while True:
                    status, answer = server.call("POST", "/v1/prediction/", self._body, **KEY)
                    assert status == 200, answer
                    self.answered.add(json.loads(answer)["predictionID"])
                    if len(self.answered) >= before + wanted:
                        enough.set()

        with ThreadPoolExecutor(CALLERS) as pool:
            calling = [pool.submit(call) for _ in range(CALLERS)]
            assert enough.wait(PATIENCE)
            os.kill(pid, signal.SIGKILL)
        for each in calling:
            each.result()
        server.process.wait(PATIENCE)


class Sluggish:
    """Answers webhooks, every seventh only after a while, so that the end finds some under way."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.released = threading.Event()

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        if next(self._numbers) % 7 == 0:
            self.released.wait(PATIENCE)
        with suppress(OSError):  # whoever called is gone
            accept(request)


def listed(server: Served, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.call("GET", f"/__mock/{name}", **KEY)[1])[name]
    return found


def await_deliveries(server: Served, number: int) -> None:
    body = json.dumps({"count": number, "timeout": PATIENCE}).encode()
    status, answer = server.call("POST", "/__mock/deliveries/wait", body, **KEY)
    assert status == 200, answer


ROUNDS = [1, *(pytest.param(number, marks=pytest.mark.slow) for number in range(2, 26))]


@pytest.mark.parametrize("victim", ["parent", "worker"])
@pytest.mark.parametrize("seed", ROUNDS)
def test_nothing_acknowledged_is_lost_and_nothing_is_sent_twice(tmp_path: Path, seed: int, victim: str) -> None:
    path, sluggish = tmp_path / "store.db", Sluggish()
    with receiving(sluggish.respond) as receiver:
        callers = Callers(receiver.url)
        for life in range(2):
            with serving(path) as server:
                callers.run(server, victim, draw_integer(seed, victim, life, below=80) + 1)
        sluggish.released.set()
        with serving(path) as server:
            kept = {each["id"] for each in listed(server, "predictions")}
            await_deliveries(server, len(kept))
            deliveries = {each["execution_id"]: each["attempts"] for each in listed(server, "deliveries")}
            answers = {server.call("GET", f"/v1/prediction/{each}", **KEY)[0] for each in callers.answered}
        arrived = Counter(payload["exec_id"] for payload in receiver.arrived.queue)

    assert callers.answered <= kept
    assert answers == {200}
    assert set(deliveries) == kept
    assert {len(attempts) for attempts in deliveries.values()} == {1}
    ended = {each: (attempt["status"], attempt["error_message"]) for each, (attempt,) in deliveries.items()}
    assert set(ended.values()) <= {("SUCCESS", ""), ("FAILED", "interrupted")}
    assert max(arrived.values()) == 1
    assert all(arrived[each] == 1 for each, (status, _) in ended.items() if status == "SUCCESS")


def test_second_server_on_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with serving(path) as server:
        code, out, errors = refused("--port", "0", "--store", f"sqlite:{path}")

        assert server.create()[0] == 200
    told = "another emulator uses it; stop that one or choose another file"
    assert (code, out) == (2, "")
    assert errors == f"eachlabs-mock: cannot keep the store in {path}: {told}\n"


def test_a_file_stays_its_servers_own_after_a_connection_was_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with serving(path, "--wire-faults") as server:
        with pytest.raises(ConnectionResetError):
            server.call("GET", "/v1/prediction/none", X_Mock_Fault="reset", **KEY)

        assert refused("--port", "0", "--store", f"sqlite:{path}")[0] == 2


def test_of_two_servers_that_start_at_once_one_serves(tmp_path: Path) -> None:
    flags = [*COMMAND, "--port", "0", "--store", f"sqlite:{tmp_path / 'store.db'}"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(flags, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    loser = next(each for each in _ending(both))
    winner = both[both[0] is loser]

    assert winner.stdout is not None
    assert json.loads(winner.stdout.readline())["event"] == "ready"
    out, errors = loser.communicate(timeout=PATIENCE)
    assert (loser.returncode, out, errors.count("\n")) == (2, "", 1)
    winner.terminate()
    winner.communicate(timeout=PATIENCE)


def _ending(processes: list[subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
    """Yield the processes as they end."""
    watched = {os.pidfd_open(each.pid): each for each in processes}
    while watched:
        for handle in select.select(list(watched), [], [], PATIENCE)[0]:
            os.close(handle)
            yield watched.pop(handle)


@pytest.mark.slow
def test_a_full_disk_refuses_creates_and_loses_nothing(tmp_path: Path) -> None:
    path, answered = tmp_path / "store.db", []

    def a_small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    with serving(path, preexec_fn=a_small_disk) as server:
        for _ in range(2000):
            status, body = server.create()
            if status != 200:
                break
            answered.append(json.loads(body)["predictionID"])
        polls = {server.call("GET", f"/v1/prediction/{each}", X_API_Key="a-key")[0] for each in answered}
    with serving(path) as server:
        kept = {server.call("GET", f"/v1/prediction/{each}", X_API_Key="a-key")[0] for each in answered}

    assert (status, json.loads(body)["message"]) == (500, "The emulator cannot write its store")
    assert polls == kept == {200}


@pytest.mark.slow
def test_a_disk_that_is_full_from_the_start_is_one_line_and_exit_2(tmp_path: Path) -> None:
    def a_full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    run = subprocess.run(
        [*COMMAND, "--port", "0", "--store", f"sqlite:{tmp_path / 'store.db'}"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=a_full_disk,
    )

    assert (run.returncode, run.stdout) == (2, "")
    assert (
        run.stderr == f"eachlabs-mock: cannot keep the store in {tmp_path / 'store.db'}: the disk is full or broken\n"
    )
