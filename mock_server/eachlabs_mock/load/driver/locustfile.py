"""What Locust runs: the user, the ramp, and the wires from its events to our tally."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import gevent
from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import WorkerRunner

from eachlabs_mock.load.bodies import document
from eachlabs_mock.load.driver.bench import Bench
from eachlabs_mock.load.driver.receiver import Receiver
from eachlabs_mock.load.driver.user import TOO_MANY, Caller
from eachlabs_mock.load.plan import API_KEY, BASE_URL, RESULT, own_arguments
from eachlabs_mock.load.progress import line
from eachlabs_mock.load.ramps import users_at

REPORT = "eachlabs"
NEWS_EVERY = 5
"""Seconds."""


class Ramp(LoadTestShape):
    """As many users as the profile has."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there are to be, and how many may come or go in a second; None: it is over."""
        environment = self.runner.environment if self.runner else None
        asked = environment.parsed_options if environment else None
        elapsed: float = self.get_run_time()  # type: ignore[no-untyped-call]  # Locust's
        if asked is None or elapsed >= asked.run_time:
            return None
        facts = {"users": asked.num_users, "spawn_rate": asked.spawn_rate, "run_time": asked.run_time}
        return users_at(asked.ramp, elapsed, **facts), float(asked.num_users)


def declare(parser: ArgumentParser, **_: Any) -> None:  # noqa: ANN401  # Locust may hand over more one day
    """Let Locust know the options that are ours; a master hands them to its workers."""
    for name, options in own_arguments():
        parser.add_argument(name, **options)


def prepare(environment: Environment, **_: Any) -> None:  # noqa: ANN401  # the same
    """Get everything ready before any user is."""
    Caller.bench = Bench(os.environ[BASE_URL], os.environ.get(API_KEY, ""))
    Caller.receiver = Receiver()
    environment.events.request.add_listener(note)
    environment.events.report_to_master.add_listener(send)
    environment.events.worker_report.add_listener(receive)
    environment.events.quitting.add_listener(write)
    if not isinstance(environment.runner, WorkerRunner):
        gevent.spawn(_watch, environment)


def note(name: str, response_time: float, response: Any, exception: object, **_: Any) -> None:  # noqa: ANN401  # the same
    """Note one request."""
    bench, status = Caller.bench, response.status_code
    bench.count(f"ask:{name}")
    bench.time(name, response_time)
    if status == TOO_MANY:
        bench.count(f"refused:{document(response.content).get('message') or 'HTTP 429'}"[:80])
    elif exception is not None or status >= 300:  # noqa: PLR2004  # nothing redirects here
        bench.count(f"error:{name}: {f'HTTP {status}' if status else type(exception).__name__}")
    else:
        bench.count("answered")


def send(data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # the same
    """Put into a worker's report what it has counted since the last one."""
    data[REPORT] = Caller.bench.tally.take()


def receive(data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # the same
    """Add what a worker has counted."""
    Caller.bench.tally.add(data.pop(REPORT, "{}"))


def write(environment: Environment, **_: Any) -> None:  # noqa: ANN401  # the same
    """Leave what was counted to whoever started this."""
    if not isinstance(environment.runner, WorkerRunner):
        Path(os.environ[RESULT]).write_text(Caller.bench.tally.dump(), encoding="utf-8")


def _watch(environment: Environment) -> None:
    """Say now and then how it goes, and end the run when there is nothing left to do."""
    bench, runner = Caller.bench, environment.runner
    seconds = 0
    while runner is not None:
        gevent.sleep(1)
        seconds += 1
        if seconds % NEWS_EVERY == 0 and bench.tally.seconds:
            sys.stderr.write(line(bench.tally, NEWS_EVERY) + "\n")
        if bench.is_full and not runner.user_count:
            runner.quit()
            return


events.init_command_line_parser.add_listener(declare)
events.init.add_listener(prepare)
