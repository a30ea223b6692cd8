"""Webhooks in masses, receivers that hang, and signals at any moment: nothing late, nothing lost, nothing left over."""

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from eachlabs_mock.app import assemble
from eachlabs_mock.core.chance import draw
from eachlabs_mock.settings.server import Settings
from eachlabs_mock.webhooks.egress import Outcome
from helpers.receivers import receiving
from helpers.served import COMMAND, Served, serving

PATIENCE = 25
"""Real seconds, fewer than the 30 that a webhook may take: what comes within them has waited for no time-out."""
UNLIMITED = ("--rate-limit", "off", "--max-in-flight", "off", "--log-format", "off")


@contextmanager
def hanging() -> Iterator[str]:
    """Run a receiver that takes every call and answers none."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


def create(server: Served, hook: str) -> str:
    body = json.dumps({"model": "qwen-image", "input": {"prompt": "a storm"}, "webhook_url": hook}).encode()
    status, answer = server.call("POST", "/v1/prediction/", body, X_API_Key="storm", Content_Type="application/json")
    assert status == 200, answer
    return str(json.loads(answer)["predictionID"])


@pytest.mark.slow
def test_a_receiver_that_hangs_holds_up_no_other() -> None:
    with serving(*UNLIMITED, "--duration", "0.5") as server, hanging() as deaf, receiving() as receiver:
        stuck = [create(server, deaf) for _ in range(200)]
        good = [create(server, receiver.url) for _ in range(200)]
        arrived = Counter(receiver.arrived.get(timeout=PATIENCE)["exec_id"] for _ in good)

        listed = json.loads(server.call("GET", "/__mock/deliveries", X_API_Key="storm")[1])["deliveries"]
        attempts = {each["execution_id"]: each["attempts"] for each in listed}
        assert arrived == dict.fromkeys(good, 1)
        assert all(attempts.get(each, []) == [] or attempts[each][0]["status"] == "PENDING" for each in stuck)


def test_a_thousand_webhooks_of_one_instant_go_out_once_each_and_the_clock_waits_for_them() -> None:
    sent: Counter[str] = Counter()
    lock = threading.Lock()

    def send(_url: str, body: bytes, *_: object) -> Outcome:
        with lock:
            sent[json.loads(body)["exec_id"]] += 1
        return Outcome(200, "", "")

    app = assemble(Settings(clock="manual", log_format="off", rate_limit=None, max_in_flight=None), send=send)
    world = app.emulator.identify(("storm", ""), "")
    raw = b'{"model":"qwen-image","input":{"prompt":"a storm"},"webhook_url":"http://127.0.0.1:9/hook"}'
    made = [app.emulator.create(world, app.emulator.validate(world, raw, "http://x")).id for _ in range(1000)]

    app.dispatcher.advance(world, world.clock.now() + 2500)

    assert sent == dict.fromkeys(made, 1)
    assert {each.attempts[0].accepted for each in world.outbox.deliveries()} == {True}


@pytest.mark.slow
def test_a_thousand_webhooks_due_together_reach_a_real_receiver_while_polls_are_answered() -> None:
    flags = *UNLIMITED, "--clock", "manual", "--max-predictions", "2000"
    with serving(*flags) as server, receiving() as receiver:
        made = [create(server, receiver.url) for _ in range(1000)]
        mover = threading.Thread(target=server.call, args=("POST", "/__mock/clock/advance", b'{"seconds": 3}'),
                                 kwargs={"X_API_Key": "storm", "Content_Type": "application/json"})  # fmt: skip
        mover.start()
        polls = [server.call("GET", f"/v1/prediction/{made[0]}", X_API_Key="storm")[0] for _ in range(50)]
        arrived = Counter(receiver.arrived.get(timeout=PATIENCE)["exec_id"] for _ in made)
        mover.join(PATIENCE)

        assert set(polls) == {200}
        assert arrived == dict.fromkeys(made, 1)
        assert receiver.arrived.empty()


# Signals


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below *pid*."""
    with suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [each for child in map(int, children) for each in (child, *descendants(child))]
    return []


def have_ended(pids: list[int]) -> bool:
    """Tell whether all of them end within a while."""
    for pid in pids:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                if not select.select([handle], [], [], PATIENCE)[0]:
                    return False
            finally:
                os.close(handle)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("store", ["memory", "sqlite"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda each: each.name)
@pytest.mark.parametrize("turn", range(5))
def test_signal_at_any_moment_leaves_no_process_and_no_port_behind(
    tmp_path: Path, turn: int, number: signal.Signals, store: str
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    kept = () if store == "memory" else ("--store", f"sqlite:{tmp_path}/store.db")
    command = [*COMMAND, "--port", str(port), *UNLIMITED, *kept]
    moment = draw(turn, number.name, store, "moment")  # of a second: it takes half of one to start
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        below = descendants(process.pid)
        process.send_signal(number)
        process.wait(PATIENCE)

    assert have_ended(below)
    with socket.create_server(("127.0.0.1", port)):
        pass


# Calls that wait


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


@pytest.mark.slow
@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_calls_that_wait_for_something_to_happen_hold_up_no_other(tmp_path: Path, store: str) -> None:
    kept = () if store == "memory" else ("--store", f"sqlite:{tmp_path}/store.db")
    wait, headers = b'{"timeout": 8}', {"X_API_Key": "idle", "Content_Type": "application/json"}
    call = "POST", "/__mock/deliveries/wait", wait
    with serving(*UNLIMITED, *kept) as server, ThreadPoolExecutor(32) as pool:
        (worker,) = descendants(server.process.pid)
        before = threads_of(worker)
        waiting = [pool.submit(server.call, *call, **headers) for _ in range(32)]
        while threads_of(worker) < before + 30:  # some were there already
            assert not any(each.done() for each in waiting), "it has too few threads to wait in"
        made = create(server, "")
        paths = [f"/v1/prediction/{made}", "/v1/models", "/__mock/ledger"] * 10
        answers = [server.call("GET", path, X_API_Key="storm")[0] for path in paths]

        assert answers == [200] * 30
        assert not any(each.done() for each in waiting)
