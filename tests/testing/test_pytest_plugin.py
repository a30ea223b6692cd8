"""The pytest plugin: its fixtures at work in this very run, and in runs of small suites."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib.metadata import entry_points
from textwrap import dedent
from typing import Any

import pytest
import requests

from eachlabs_mock.control.client import Control, ControlError, over_http
from eachlabs_mock.server.child_process import NotStartedError
from eachlabs_mock.testing.in_process import PatchedWorld
from eachlabs_mock.testing.server import MockServer, serving
from eachlabs_mock.testing.world import MockWorld, key_of_test
from helpers.receivers import receiving

PLUGIN = "eachlabs_mock.pytest_plugin"
IS_INSTALLED = any(each.value == PLUGIN for each in entry_points(group="pytest11"))
pytest_plugins = ["pytester"] if IS_INSTALLED else ["pytester", PLUGIN]

LOADED = ("-p", PLUGIN, "-p", "xdist")
HOOK = "https://my-app.test/hook"


@pytest.fixture(params=["eachlabs_mock", "eachlabs_patched"])
def world(request: pytest.FixtureRequest) -> MockWorld:
    """A test's world, over a socket and in process."""
    made: MockWorld = request.getfixturevalue(request.param)
    return made


def post(world: MockWorld, **more: Any) -> requests.Response:
    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, **more}
    return requests.post(f"{world.base_url}/prediction/", json=body, headers={"X-API-Key": world.api_key}, timeout=10)


def created(world: MockWorld, **more: Any) -> str:
    answer = post(world, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["predictionID"])


def read(world: MockWorld, prediction_id: str) -> Any:
    url = f"{world.base_url}/prediction/{prediction_id}"
    return requests.get(url, headers={"X-API-Key": world.api_key}, timeout=10).json()


def run(pytester: pytest.Pytester, *flags: str, ini: str = "") -> pytest.RunResult:
    """Run the suite in *pytester* as a stranger's, in a process of its own."""
    pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}")
    pytester._monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # our own tools would double what a start costs
    return pytester.runpytest_subprocess(*LOADED, "-p", "no:cacheprovider", *flags, timeout=120)


# What a world is for


def test_prediction_lives_its_whole_life_without_a_sleep(eachlabs_mock: MockWorld) -> None:
    with receiving() as receiver:
        prediction_id = created(eachlabs_mock, webhook_url=receiver.url)
        before = read(eachlabs_mock, prediction_id)["status"]
        eachlabs_mock.clock.advance(17)
        after = read(eachlabs_mock, prediction_id)["status"]

    assert (before, after) == ("processing", "success")
    assert receiver.arrived.get_nowait()["exec_id"] == prediction_id
    assert [each["execution_id"] for each in eachlabs_mock.wait_for_delivery(timeout=0)] == [prediction_id]
    assert (eachlabs_mock.ledger.total, eachlabs_mock.ledger.executions) == (Decimal("0.025"), 1)


def test_environment_leads_to_the_world(world: MockWorld) -> None:
    assert os.environ["EACHLABS_BASE_URL"] == world.base_url
    assert os.environ["EACHLABS_API_KEY"] == world.api_key


def test_clock_stands_still_until_it_is_moved(world: MockWorld) -> None:
    before = world.clock.now
    assert world.clock.now == before

    world.clock.advance(1.5)

    assert world.clock.now == before + 1500
    assert world.clock.mode == "manual"


def test_next_moves_the_clock_to_the_end_of_a_prediction(world: MockWorld) -> None:
    world.settings(rate_limit="off", output_expiry="off")
    prediction_id = created(world)
    changes = [each for each in world.clock.pending if each["prediction_id"] == prediction_id]

    for _ in changes:
        world.clock.next()

    assert read(world, prediction_id)["status"] == "success"


def test_clock_goes_on_in_another_mode(world: MockWorld) -> None:
    world.clock.set("scaled", 1000)
    created(world)

    assert len(world.wait_for_prediction(status="success")) == 1
    assert world.clock.mode == "scaled"


def test_next_predictions_fail_as_asked(world: MockWorld) -> None:
    world.fail_next(2, message="no lamp", details="it is dark")
    failing = [created(world) for _ in range(3)]

    world.clock.advance(2.5)

    assert [read(world, each)["status"] for each in failing] == ["error", "error", "success"]
    assert "no lamp" in json.dumps(read(world, failing[0]))


def test_an_armed_fault_strikes_as_often_as_its_rule_says(world: MockWorld) -> None:
    world.arm("http_error", status=503, route="create", times=1)

    assert [post(world).status_code, post(world).status_code] == [503, 200]
    assert [rule["strikes"] for rule in world.faults] == [1]


def test_what_is_disarmed_strikes_no_more(world: MockWorld) -> None:
    world.arm("http_error")
    world.disarm()

    assert post(world).status_code == 200
    assert world.faults == []


def test_good_manners_pass(world: MockWorld) -> None:
    created(world)

    world.assert_good_manners()


def test_bad_manners_fail_and_the_text_says_which(world: MockWorld) -> None:
    prediction_id = created(world)
    world.clock.advance(2.5)
    for _ in range(3):
        read(world, prediction_id)

    with pytest.raises(AssertionError, match="after"):
        world.assert_good_manners()


def test_lists_show_what_happened_and_are_the_callers_own(world: MockWorld) -> None:
    prediction_id = created(world)
    world.predictions.clear()
    world.requests.clear()

    assert [each["id"] for each in world.predictions] == [prediction_id]
    assert [(each["method"], each["path"]) for each in world.requests] == [("POST", "/v1/prediction/")]
    assert world.deliveries == []


def test_settings_change_this_world_alone(eachlabs_mock: MockWorld, eachlabs_server: MockServer) -> None:
    other = eachlabs_server.world("key-of-another-world")
    settings = eachlabs_mock.settings(max_in_flight=1, webhook_attempts=3)
    created(eachlabs_mock)

    assert (settings["max_in_flight"], settings["webhook_attempts"]) == (1, 3)
    assert post(eachlabs_mock).status_code == 429
    assert other.settings()["max_in_flight"] == 10


def test_reset_world_knows_nothing(world: MockWorld) -> None:
    world.settings(max_in_flight=1)
    first = created(world)
    world.reset()

    assert (world.predictions, world.requests, world.settings()["max_in_flight"]) == ([], [], 10)
    assert created(world) == first


def test_requests_are_waited_for_by_status(world: MockWorld) -> None:
    world.settings(max_in_flight=1)
    created(world)
    post(world)

    assert [each["status"] for each in world.wait_for_request(status=429)] == [429]
    assert len(world.wait_for_request(2)) == 2


def test_ledger_is_a_snapshot(world: MockWorld) -> None:
    before = world.ledger
    created(world)
    world.clock.advance(2.5)

    assert (before.total, before.executions) == (Decimal(0), 0)
    assert world.ledger.by_model == {"qwen-image": Decimal("0.025")}


# In process


def test_webhook_arrives_in_process(eachlabs_patched: PatchedWorld) -> None:
    heard: list[str] = []
    eachlabs_patched.receive_webhooks(lambda request: heard.append(request.url))
    created(eachlabs_patched, webhook_url=HOOK)

    eachlabs_patched.clock.advance(2.5)

    assert heard == [HOOK]
    assert eachlabs_patched.wait_for_delivery(status="SUCCESS")[0]["url"] == HOOK


def test_webhook_in_process_succeeds_where_nobody_receives_it(eachlabs_patched: PatchedWorld) -> None:
    created(eachlabs_patched, webhook_url=HOOK)

    eachlabs_patched.clock.advance(2.5)

    assert [each["attempts"][0]["status"] for each in eachlabs_patched.deliveries] == ["SUCCESS"]


def test_ids_are_the_same_in_process_and_over_a_socket(
    eachlabs_server: MockServer, eachlabs_patched: PatchedWorld
) -> None:
    world = eachlabs_server.world(eachlabs_patched.api_key)
    world.reset()

    with pytest.raises(requests.ConnectionError):
        post(world)  # the patch lets nothing out
    assert created(eachlabs_patched) == seen_over_http(world)


def seen_over_http(world: MockWorld) -> str:
    body = json.dumps({"model": "qwen-image", "input": {"prompt": "a red bicycle"}}).encode()
    send = over_http(world.base_url)
    status, answer = send("POST", "/v1/prediction/", {"X-API-Key": world.api_key}, body)
    assert status == 200
    return str(json.loads(answer)["predictionID"])


# Money


def spend(world: MockWorld, executions: int) -> None:
    for _ in range(executions):
        created(world)
    world.clock.advance(2.5)


def test_spend_under_the_limit_passes(world: MockWorld) -> None:
    spend(world, 3)

    world.assert_spend_below("0.10")


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("0.05", "2 executions cost 0.050 USD (qwen-image 0.050 USD), which is not below 0.05 USD"),
        (Decimal(0), "2 executions cost 0.050 USD (qwen-image 0.050 USD), which is not below 0 USD"),
    ],
)
def test_spend_at_the_limit_or_over_it_is_told(eachlabs_mock: MockWorld, limit: str | Decimal, text: str) -> None:
    spend(eachlabs_mock, 2)

    with pytest.raises(AssertionError) as failure:
        eachlabs_mock.assert_spend_below(limit)
    assert str(failure.value) == text


def test_spend_that_nobody_knows_is_not_below_anything(eachlabs_mock: MockWorld) -> None:
    created(eachlabs_mock, model="flux-2-pro")
    spend(eachlabs_mock, 1)

    with pytest.raises(AssertionError, match=r"1 execution cost 0.025 USD .*the price of 1 more is unknown"):
        eachlabs_mock.assert_spend_below("100")


def test_inexact_limit_is_refused(eachlabs_mock: MockWorld) -> None:
    with pytest.raises(TypeError, match=r'0\.1 is not exact; pass a string such as "0.10"'):
        eachlabs_mock.assert_spend_below(0.1)  # type: ignore[arg-type]


# Bad input


@pytest.mark.parametrize(
    ("call", "field", "text"),
    [
        (lambda world: world.clock.advance(-1), "seconds", "must be a number from 0"),
        (lambda world: world.clock.set("sundial"), "mode", "must be one of real, scaled, manual, auto"),
        (lambda world: world.fail_next(0), "times", "must be a number from 1"),
        (lambda world: world.settings(colour="red"), "colour", "Unknown field"),
        (lambda world: world.settings(rate_limit="many"), "rate_limit", "many"),
        (lambda world: world.wait_for_request(timeout=61), "timeout", "from 0 to 60"),
    ],
)
def test_what_will_not_do_is_told_with_the_field(
    eachlabs_mock: MockWorld, call: Callable[[MockWorld], None], field: str, text: str
) -> None:
    with pytest.raises(ControlError) as refusal:
        call(eachlabs_mock)

    assert (refusal.value.status, refusal.value.field) == (400, field)
    assert text in str(refusal.value)


def test_wait_in_vain_tells_what_would_come_next(eachlabs_mock: MockWorld) -> None:
    prediction_id = created(eachlabs_mock, webhook_url="http://127.0.0.1:9/hook")

    with pytest.raises(ControlError, match="count: got 0 of 1 deliveries within") as refusal:
        eachlabs_mock.wait_for_delivery(timeout=0)

    assert refusal.value.status == 408
    (note,) = refusal.value.__notes__
    assert note.startswith("The clock is manual. The next event, ")
    assert f" of {prediction_id}, is " in note
    assert note.endswith(" s away; clock.next() moves the clock to it.")


def test_wait_for_what_will_never_come_says_so(eachlabs_mock: MockWorld) -> None:
    with pytest.raises(ControlError) as refusal:
        eachlabs_mock.wait_for_delivery(timeout=0)

    assert refusal.value.__notes__ == ["Nothing is pending in this world."]


def test_refused_key_is_told_in_the_words_of_the_api(eachlabs_server: MockServer) -> None:
    with pytest.raises(ControlError, match=r"401: This emulator always refuses a key"):
        eachlabs_server.world("invalid-key").reset()


def test_answer_that_is_no_document_is_shown_as_it_is() -> None:
    control = Control(lambda *_: (502, b"Bad gateway"), "a-key")

    with pytest.raises(ControlError, match="GET /__mock/clock was answered 502: Bad gateway"):
        control.call("GET", "/clock")


def test_server_that_is_gone_is_told() -> None:
    with serving() as server:
        world = server.world("a-key")

    with pytest.raises(ConnectionError, match=f"the emulator on {server.url} does not answer GET /__mock/clock"):
        _ = world.clock.now


def test_server_that_cannot_start_is_told() -> None:
    with pytest.raises(NotStartedError, match=r"did not start \(exit code 2\)"), serving(["--nope"]):
        pass


def test_server_does_not_outlive_a_run_that_crashed() -> None:
    crash = """
        import os
        from eachlabs_mock.testing.server import serving
        with serving() as server:
            print(server.pid, flush=True)
            input()
            os._exit(1)
    """
    command = [sys.executable, "-c", dedent(crash)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run_of_tests:
        assert run_of_tests.stdout is not None
        handle = os.pidfd_open(int(run_of_tests.stdout.readline()))
        run_of_tests.communicate("\n", timeout=10)

    assert select.select([handle], [], [], 10)[0] == [handle]  # readable once the server has ended
    os.close(handle)


# Options


@pytest.fixture
def foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of somebody who has another emulator as well."""
    monkeypatch.setenv("EACHLABS_MOCK_PORT", "1")
    monkeypatch.setenv("EACHLABS_MOCK_API_KEY", "another-key")
    monkeypatch.setenv("EACHLABS_MOCK_SEED", "5")
    monkeypatch.setenv("EACHLABS_MOCK_DURATION", "9")


@pytest.mark.usefixtures("foreign_settings")
def test_flags_win_over_variables_and_those_over_what_a_test_run_wants() -> None:
    with serving(["--duration", "7"]) as server:
        world = server.world("a-key")

        assert (server.seed, world.settings()["duration"], world.clock.mode) == (5, 7.0, "manual")


@pytest.mark.parametrize("test_id", ["tests/test_a.py::test_b", "tests/test_ü.py::test_[a b]", "x" * 10_000])
def test_key_of_a_test_is_a_header_value_of_its_own(test_id: str) -> None:
    assert key_of_test(test_id) == key_of_test(test_id)
    assert key_of_test(test_id) != key_of_test(test_id + "x")
    assert len(key_of_test(test_id)) == 37
    assert key_of_test(test_id).isascii()


# Whole runs


def test_unused_the_plugin_imports_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            ours = {name for name in sys.modules if name.partition(".")[0] == "eachlabs_mock"}
            assert ours == {"eachlabs_mock", "eachlabs_mock.pytest_plugin", "eachlabs_mock.resources"}
            assert not {"flask", "granian", "requests", "responses", "PIL", "orjson"} & sys.modules.keys()
        """
    )

    run(pytester).assert_outcomes(passed=1)


IDS = """
    import json, os, pytest
    from http.client import HTTPConnection

    def create(world):
        connection = HTTPConnection(world.base_url.split("/")[2])
        body = json.dumps({"model": "qwen-image", "input": {"prompt": "a"}})
        connection.request("POST", "/v1/prediction/", body, {"X-API-Key": os.environ["EACHLABS_API_KEY"]})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer.get("predictionID") or answer["status"]
"""


@pytest.mark.slow
def test_same_test_sees_the_same_ids_in_every_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        IDS
        + """
    @pytest.mark.parametrize("n", range(3))
    def test_ids(eachlabs_mock, n):
        with open("ids.txt", "a") as file:
            file.write(" ".join([str(n), create(eachlabs_mock), create(eachlabs_mock)]) + "\\n")
        """
    )

    runs = []
    for flags in ((), ("-n", "2")):
        run(pytester, *flags).assert_outcomes(passed=3)
        file = pytester.path / "ids.txt"
        runs.append(sorted(file.read_text().splitlines()))
        file.unlink()

    assert runs[0] == runs[1]
    assert len({each for line in runs[0] for each in line.split()[1:]}) == 6


@pytest.mark.slow
def test_two_tests_never_see_each_others_predictions(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        IDS
        + """
    @pytest.mark.parametrize("n", [1, 2])
    def test_alone(eachlabs_mock, n):
        assert eachlabs_mock.predictions == eachlabs_mock.requests == []
        made = create(eachlabs_mock)
        assert [each["id"] for each in eachlabs_mock.predictions] == [made]

    def test_environment_is_as_it_was():
        assert "EACHLABS_BASE_URL" not in os.environ
        assert os.environ["EACHLABS_API_KEY"] == "of-the-user"

    def test_environment_is_put_back(eachlabs_patched, monkeypatch):
        monkeypatch.setenv("EACHLABS_API_KEY", "of-the-test")

    test_environment_is_still_as_it_was = test_environment_is_as_it_was
        """
    )
    monkeypatch.delenv("EACHLABS_BASE_URL", raising=False)
    monkeypatch.setenv("EACHLABS_API_KEY", "of-the-user")

    run(pytester, "-p", "no:randomly").assert_outcomes(passed=5)


@pytest.mark.slow
def test_options_come_from_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_options(eachlabs_server, eachlabs_mock):
            assert eachlabs_server.seed == 42
            assert eachlabs_mock.settings()["rate_limit"] == "3/60"
            assert eachlabs_mock.clock.mode == "auto"
        """
    )

    outcome = run(pytester, ini='eachlabs_mock_options = --seed 42 --rate-limit "3/60" --clock auto')

    outcome.assert_outcomes(passed=1)


def test_server_that_cannot_start_says_why_in_the_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_options(eachlabs_mock): pass")

    outcome = run(pytester, ini="eachlabs_mock_options = --sede 42")

    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines(["*the emulator did not start (exit code 2)*", "*--sede*"])


@pytest.mark.slow
def test_ten_tests_on_two_workers_meet_only_their_own_limits(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        IDS
        + """
    from concurrent.futures import ThreadPoolExecutor

    @pytest.mark.parametrize("n", range(10))
    def test_limits(eachlabs_mock, n):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: create(eachlabs_mock), range(12)))
        made = sorted(each for each in answers if each != "error")

        assert len(made) == 10
        assert sorted(each["id"] for each in eachlabs_mock.predictions) == made
        assert len(eachlabs_mock.wait_for_request(2, timeout=0, status=429)) == 2
        eachlabs_mock.clock.advance(2.5)
        eachlabs_mock.assert_spend_below("0.2501")
        assert eachlabs_mock.ledger.executions == 10
        """
    )

    run(pytester, "-n", "2").assert_outcomes(passed=10)
