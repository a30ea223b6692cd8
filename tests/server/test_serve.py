"""The server command, as a child process behind a real socket."""

import json
import os
import pty
import select
import signal
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench import procfs
from helpers.served import BODY, COMMAND, Served, refused, serving


@pytest.fixture
def served() -> Iterator[Served]:
    with serving("--seed", "5") as server:
        yield server


def test_ready_line_is_the_first_line_and_complete(served: Served) -> None:
    url = f"http://127.0.0.1:{served.port}"

    assert served.ready == {
        "event": "ready",
        "url": url,
        "base_url": f"{url}/v1",
        "port": served.port,
        "pid": served.process.pid,
        "seed": 5,
        "profile": "page",
        "version": "0.1.0",
    }


def test_server_answers_as_soon_as_it_says_ready(served: Served) -> None:
    assert served.call("GET", "/__mock/health/ready") == (200, b'{"status":"ready"}\n')
    assert served.call("GET", "/__mock/health/live") == (200, b'{"status":"live"}\n')
    assert served.create()[0] == 200


def test_seed_nobody_chose_is_told() -> None:
    with serving() as server:
        assert isinstance(server.ready["seed"], int)


def test_taken_port_is_one_clear_line_and_exit_2(served: Served) -> None:
    code, out, errors = refused("--port", str(served.port))

    assert (code, out) == (2, "")
    assert errors == f"eachlabs-mock: cannot listen on 127.0.0.1 port {served.port}: Address already in use\n"


def test_foreign_address_is_one_clear_line_and_exit_2() -> None:
    code, out, errors = refused("--host", "192.0.2.1", "--port", "0")

    assert (code, out) == (2, "")
    assert errors == "eachlabs-mock: cannot listen on 192.0.2.1 port 0: Cannot assign requested address\n"


def test_bad_model_file_is_one_clear_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")

    code, out, errors = refused("--port", "0", "--models", str(tmp_path))

    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("eachlabs-mock: ")
    assert "broken.json" in errors


def test_unknown_variable_is_named_with_the_one_meant() -> None:
    code, out, errors = refused("--port", "0", EACHLABS_MOCK_PROT="1")

    assert (code, out) == (2, "")
    assert "EACHLABS_MOCK_PROT is not a setting; did you mean EACHLABS_MOCK_PORT?" in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_an_idle_server_with_exit_0(served: Served, number: signal.Signals) -> None:
    served.process.send_signal(number)

    assert served.process.wait(5) == 0


def test_under_nohup_a_hang_up_changes_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving() as server:
            made = json.loads(server.create()[1])["predictionID"]
            server.process.send_signal(signal.SIGHUP)

            assert [server.call("GET", f"/v1/prediction/{made}", X_API_Key="a-key")[0] for _ in range(50)] == [200] * 50
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_to_the_worker_that_others_know_costs_nothing(served: Served) -> None:
    made = json.loads(served.create()[1])["predictionID"]
    (_, worker) = procfs.tree(served.process.pid)
    os.kill(worker, signal.SIGHUP)

    assert [served.call("GET", f"/v1/prediction/{made}", X_API_Key="a-key")[0] for _ in range(50)] == [200] * 50


@pytest.mark.slow
def test_call_in_flight_is_finished_before_the_end(served: Served) -> None:
    head = f"POST /v1/prediction/ HTTP/1.1\r\nHost: x\r\nX-API-Key: k\r\nContent-Length: {len(BODY)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
        connection.sendall(head.encode() + BODY[:10])
        assert served.create()[0] == 200  # so the half call, which came first, has been taken up

        served.process.terminate()
        connection.sendall(BODY[10:])
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert served.process.wait(5) == 0


@pytest.mark.slow
def test_call_that_never_ends_does_not_hold_the_server_up(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 10) as connection:
        connection.sendall(b"POST /v1/prediction/ HTTP/1.1\r\nHost: x\r\nX-API-Key: k\r\nContent-Length: 50\r\n\r\n{")
        assert served.create()[0] == 200

        served.process.terminate()

        assert served.process.wait(5) == 0


def test_worker_ends_when_its_parent_is_killed(served: Served) -> None:
    parent = served.process.pid
    (worker,) = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    handle = os.pidfd_open(int(worker))

    served.process.kill()

    assert select.select([handle], [], [], 10)[0] == [handle]  # readable once the worker has ended
    os.close(handle)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", served.port))


def test_log_tells_of_requests_and_never_of_keys(served: Served) -> None:
    served.create("sk-very-secret")
    served.call("GET", "/v1/prediction/nope?api_key=sk-very-secret", Authorization="Bearer sk-very-secret")

    errors = served.errors()

    assert "method=POST path=/v1/prediction/ status=200" in errors
    assert "method=GET path=/v1/prediction/nope status=404" in errors
    assert "sk-very-secret" not in errors


def test_log_in_json_is_one_object_a_line() -> None:
    with serving("--log-format", "json") as server:
        server.create()

        (line,) = map(json.loads, server.errors().splitlines())

    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "POST", "/v1/prediction/", 200)
    assert line["world"].startswith("key-")


def test_flag_beats_environment_beats_default() -> None:
    with serving("--seed", "1", EACHLABS_MOCK_SEED="2", EACHLABS_MOCK_API_KEY="first second") as server:
        assert server.ready["seed"] == 1
        assert server.create("second")[0] == 200
        assert server.create("third")[0] == 401


def test_environment_of_the_server_never_reads_as_a_header() -> None:
    with serving(HTTP_X_API_KEY="a-key-from-the-environment") as server:
        assert server.call("GET", "/v1/prediction/x")[0] == 401


def test_body_over_the_limit_is_refused_with_and_without_a_length(served: Served) -> None:
    long = b" " * (1024 * 1024 + 1)
    chunked = f"{len(long):x}\r\n".encode() + long + b"\r\n0\r\n\r\n"

    assert served.call("POST", "/v1/prediction", long, X_API_Key="k")[0] == 413
    assert served.call("POST", "/v1/prediction", chunked, X_API_Key="k", Transfer_Encoding="chunked")[0] == 413


@pytest.mark.parametrize("path", ["/v1/prediction/", "/v1/nowhere"], ids=["401", "404"])
def test_refusal_reaches_a_client_whose_body_nobody_wanted(served: Served, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    answers = []
    for _ in range(50):  # on one connection: an unread body would break it, now and then
        connection.request("POST", path, b" " * 200_000)
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()[:18]))
    connection.close()

    assert set(answers) == {(401 if "prediction" in path else 404, b'{"status":"error",')}


@pytest.mark.slow
def test_server_listens_on_ipv6_too() -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6")
    with serving("--host", "::1") as server:
        assert server.ready["url"] == f"http://[::1]:{server.port}"


def test_on_a_terminal_a_banner_says_how_to_point_a_client_at_it() -> None:
    screen, terminal = pty.openpty()
    with subprocess.Popen([*COMMAND, "--port", "0", "--seed", "5"], stdout=terminal, stderr=subprocess.PIPE) as process:
        os.close(terminal)
        banner = read_until(screen, b"Ctrl-C").decode()
        process.terminate()
        assert process.wait(10) == 0
    os.close(screen)

    assert "export EACHLABS_BASE_URL=http://127.0.0.1:" in banner
    assert "export EACHLABS_API_KEY=" in banner
    assert "seed 5" in banner
    assert "{" not in banner


def read_until(descriptor: int, text: bytes) -> bytes:
    seen = b""
    while text not in seen:
        seen += os.read(descriptor, 4096)
    return seen
