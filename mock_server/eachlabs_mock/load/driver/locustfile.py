"""The locustfile: connects the user, the ramp and our counters to Locust's events."""

import os
import sys
from argparse import ArgumentParser
from http import HTTPStatus
from pathlib import Path
from typing import Any

import gevent
from locust import LoadTestShape, events
from locust.env import Environment
from locust.runners import WorkerRunner

from eachlabs_mock.load.driver.receiver import Receiver
from eachlabs_mock.load.driver.shared import SharedState, json_object
from eachlabs_mock.load.driver.user import ApiUser
from eachlabs_mock.load.plan import API_KEY, BASE_URL, RESULT, own_arguments
from eachlabs_mock.load.ramps import users_at
from eachlabs_mock.load.text import progress_line

REPORT = "eachlabs"
PROGRESS_INTERVAL = 5
"""Seconds."""


class Ramp(LoadTestShape):
    """Keeps the number of users that the profile wants."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Return the wanted number of users and the maximum change per second; None ends the run."""
        environment = self.runner.environment if self.runner else None
        options = environment.parsed_options if environment else None
        elapsed: float = self.get_run_time()  # type: ignore[no-untyped-call]  # Locust's
        if options is None or elapsed >= options.run_time:
            return None
        limits = {"users": options.num_users, "spawn_rate": options.spawn_rate, "run_time": options.run_time}
        return users_at(options.ramp, elapsed, **limits), float(options.num_users)


def declare(parser: ArgumentParser, **_: Any) -> None:  # noqa: ANN401  # Locust may pass more arguments one day
    """Declare our options; a master passes them to its workers."""
    for name, options in own_arguments():
        parser.add_argument(name, **options)


def prepare(environment: Environment, **_: Any) -> None:  # noqa: ANN401  # the same
    """Set up the shared state before the first user starts."""
    ApiUser.shared = SharedState(os.environ[BASE_URL], os.environ.get(API_KEY, ""))
    ApiUser.receiver = Receiver()
    environment.events.request.add_listener(count)
    environment.events.report_to_master.add_listener(send)
    environment.events.worker_report.add_listener(receive)
    environment.events.quitting.add_listener(write)
    if not isinstance(environment.runner, WorkerRunner):
        gevent.spawn(_watch, environment)


def count(name: str, response_time: float, response: Any, exception: object, **_: Any) -> None:  # noqa: ANN401  # the same
    """Count one request."""
    shared, status = ApiUser.shared, response.status_code
    shared.count(f"request:{name}")
    shared.time(name, response_time)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        shared.count(f"refused:{json_object(response.content).get('message') or 'HTTP 429'}"[:80])
    elif exception is not None or status >= 300:  # noqa: PLR2004  # nothing redirects here
        shared.count(f"error:{name}: {f'HTTP {status}' if status else type(exception).__name__}")
    else:
        shared.count("answered")


def send(data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # the same
    """Add a worker's counters since its last report to its report."""
    data[REPORT] = ApiUser.shared.counters.drain()


def receive(data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # the same
    """Add the counters of a worker's report to the master's."""
    ApiUser.shared.counters.add(data.pop(REPORT, "{}"))


def write(environment: Environment, **_: Any) -> None:  # noqa: ANN401  # the same
    """Write the counters to the file that the parent process reads."""
    if not isinstance(environment.runner, WorkerRunner):
        Path(os.environ[RESULT]).write_text(ApiUser.shared.counters.dump(), encoding="utf-8")


def _watch(environment: Environment) -> None:
    """Print the progress regularly, and end the run when no user is left."""
    shared, runner = ApiUser.shared, environment.runner
    seconds = 0
    while runner is not None:
        gevent.sleep(1)
        seconds += 1
        if seconds % PROGRESS_INTERVAL == 0 and shared.counters.seconds:
            sys.stderr.write(progress_line(shared.counters, PROGRESS_INTERVAL) + "\n")
        if shared.is_full and not runner.user_count:
            runner.quit()
            return


events.init_command_line_parser.add_listener(declare)
events.init.add_listener(prepare)
