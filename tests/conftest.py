"""Fixtures for everybody: an emulator in this process by both roads, and one behind a real socket."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from werkzeug.routing import Rule

from helpers.harness import Api, MakeApi
from helpers.live_server import LiveServer

NO_CLOCK = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # how fast a machine is proves nothing
settings.register_profile("default", derandomize=True, max_examples=20, **NO_CLOCK)
settings.register_profile("soak", max_examples=2000, **NO_CLOCK)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def heeded_interrupts() -> None:
    """Lets children heed signals even where this run does not: the background ignores Ctrl-C, `nohup` a hang-up."""
    usually = (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGQUIT, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
    )
    for number, usual in usually:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session", autouse=True)
def quick_routes() -> Iterator[None]:
    """Lets Werkzeug compile each rule's URL builder once for all emulators: that is most of what making one costs."""
    builders: dict[tuple[str, bool], Any] = {}
    compile_now = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002  # as Werkzeug has it
        if (rule.rule, append_unknown) not in builders:
            builders[rule.rule, append_unknown] = compile_now(rule, append_unknown)
        return builders[rule.rule, append_unknown]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(params=["lane", "flask"])
def make_api(request: pytest.FixtureRequest) -> MakeApi:
    """Makes emulators in this process; each test runs once through the lane and once through Flask alone."""
    return lambda **options: Api(lane=request.param == "lane", **options)


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """An emulator with the default settings."""
    return make_api()


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """One emulator behind a real socket for the whole run, quick enough for clients that sleep a second."""
    command = [sys.executable, "-m", "eachlabs_mock", "serve", "--port", "0", "--seed", "7", "--duration", "0.2"]
    command += ["--rate-limit", "off", "--log-format", "off"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield LiveServer(ready["url"], ready["base_url"], "key-of-a-live-test", ready)
        process.terminate()
        assert process.wait(10) == 0
