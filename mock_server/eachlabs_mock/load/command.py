"""The `load` command: generates load on an emulator with Locust and reports the metrics."""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from eachlabs_mock.cli import (
    PassthroughCommand,
    SignalRelay,
    check_environment,
    child_flags,
    serve_options,
    typed_settings,
)
from eachlabs_mock.console import say
from eachlabs_mock.load import report
from eachlabs_mock.load.counters import Counters
from eachlabs_mock.load.metrics import Metrics, compute_metrics
from eachlabs_mock.load.options import own_options
from eachlabs_mock.load.plan import Plan, Role, environment
from eachlabs_mock.load.target import is_loopback
from eachlabs_mock.load.text import headline, rows
from eachlabs_mock.models import Catalog, ModelFileError, shipped_models
from eachlabs_mock.server import NotStartedError, emulator
from eachlabs_mock.settings import flag

LIBRARIES = ("locust", "pygal")
LOCUST = (sys.executable, "-P", "-m", "eachlabs_mock.load.run_locust")
"""A separate process, because importing Locust patches sockets and threads."""

CONNECT_TIMEOUT = 5.0
"""Seconds to connect to BASE_URL."""

HELP = """Generate load on the emulator at BASE_URL, or on a new one, and report the metrics.

Users create predictions, poll them or wait for webhooks until they end, and start again; a refused user waits for the
time in Retry-After. Load is sent only to this machine. Without BASE_URL, the settings of `serve` configure the new
emulator; `serve --help-all` lists them.
"""

EPILOG = """To use several machines, run --master on one and --worker --master-host HOST on the others; each worker
loads an emulator on its own machine. Exit codes: 0 every request was answered or refused (429), 1 there were errors or
no requests, 2 bad options, no server at BASE_URL, or a missing library."""


def load_command() -> click.Command:
    """Return `eachlabs-mock load`."""
    params = [*own_options(), *serve_options()]
    return PassthroughCommand("load", params=params, callback=_load, help=HELP, epilog=EPILOG)


@click.pass_context
def _load(ctx: click.Context, /, base_url: str | None, folder: Path | None, **options: Any) -> NoReturn:  # noqa: ANN401  # one for each option
    check_environment(os.environ)
    _check_installed()
    plan = _plan(options)
    if base_url or plan.role == "master":
        _check_no_emulator_flags(ctx)
    price = _price(plan.model, options, is_own=not base_url)
    if folder:
        _prepare(folder)
    with SignalRelay() as relay, _target(ctx, base_url, plan, options["control_token"]) as url:
        say(plan.sentence(url))
        code, counters = _drive(relay, plan, url)
    if plan.role == "worker":
        raise SystemExit(min(code, 1))
    raise SystemExit(_report(compute_metrics(counters, price, plan.run_time), plan, url, folder))


def _check_installed() -> None:
    if missing := [library for library in LIBRARIES if find_spec(library) is None]:
        advice = "run pip install '.[load]' in a checkout, or install the wheel with [load]"
        raise click.UsageError(f"load needs {' and '.join(missing)}: {advice}")


def _plan(options: Mapping[str, Any]) -> Plan:
    if options["master"] and options["worker"]:
        raise click.UsageError("--master and --worker exclude each other")
    role: Role = "master" if options["master"] else "worker" if options["worker"] else "alone"
    host = options["master_host"] if options["worker"] else options["master_bind_host"]
    names = ("users", "spawn_rate", "run_time", "mode", "poll", "model", "fetch", "ramp", "at_most")
    return Plan(
        **{name: options[name] for name in names},
        one_key=not options["key_per_user"],
        role=role,
        host=host,
        port=options["master_port"],
        workers=options["expect_workers"],
    )


def _check_no_emulator_flags(ctx: click.Context) -> None:
    for name in typed_settings(ctx):
        if name not in {"price", "models"}:
            raise click.UsageError(f"{flag(name)} configures a new emulator, but none is started here")


def _price(model: str, options: Mapping[str, Any], *, is_own: bool) -> Decimal | None:
    """Return the price of one prediction in USD; None: unknown."""
    try:
        catalog = Catalog.load(shipped_models(), *options["models"])
    except ModelFileError as error:
        raise click.UsageError(str(error)) from None
    if model not in catalog and is_own:
        near = catalog.closest(model)
        advice = f"did you mean {' or '.join(near)}?" if near else f"the models are {', '.join(catalog)}"
        raise click.UsageError(f"--model: unknown model {model!r}; {advice}")
    known = catalog.get(model)
    return dict(options["price"]).get(model, known.cost if known else None)


def _prepare(folder: Path) -> None:
    try:
        report.prepare(folder)
    except OSError as error:
        raise click.UsageError(f"--report: cannot write to {folder}: {error.strerror or error}") from None


@contextmanager
def _target(ctx: click.Context, base_url: str | None, plan: Plan, token: str) -> Iterator[str]:
    """Yield the base URL to load: *base_url* or that of a new emulator; empty for a master."""
    if plan.role == "master":
        yield ""
        return
    if base_url:
        yield _reachable(base_url)
        return
    try:
        with emulator(child_flags(ctx), token) as child:
            yield child.ready["base_url"]
    except NotStartedError as error:
        raise SystemExit(max(error.exit_code, 0) or 1) from None


def _reachable(base_url: str) -> str:
    """Return *base_url* without a trailing slash; refuse it if it is not of this machine or no server listens there."""
    if not is_loopback(base_url):
        raise click.UsageError(
            f"{base_url!r}: load is sent only to this machine, to a URL such as http://127.0.0.1:8780/v1, "
            f"so that no other service is loaded by mistake"
        )
    parts = urlsplit(base_url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT_TIMEOUT).close()
    except OSError as error:
        raise click.UsageError(f"cannot connect to {base_url}: {error.strerror or error}") from None
    return base_url.rstrip("/")


def _drive(relay: SignalRelay, plan: Plan, url: str) -> tuple[int, Counters]:
    """Run Locust; return its exit code and its counters."""
    counters = Counters()
    with tempfile.TemporaryDirectory(prefix="eachlabs-load-") as folder:
        result = Path(folder) / "counters.json"
        variables = environment(os.environ, url, os.environ.get("EACHLABS_API_KEY", ""), result)
        code = relay.run([*LOCUST, *plan.arguments()], variables)
        if result.exists():
            counters.add(result.read_text(encoding="utf-8"))
    return code, counters


def _report(metrics: Metrics | None, plan: Plan, url: str, folder: Path | None) -> int:
    """Print and write the report; return the exit code."""
    if metrics is None:
        say("no request was made")
        return 1
    click.echo(f"{headline(metrics)}\n")
    for name, text in rows(metrics):
        click.echo(f"{name:<17}{text}")
    if folder:
        report.write(metrics, asdict(plan) | {"base_url": url}, plan.sentence(url), folder)
        say(f"report: {folder / report.PAGE}")
    return int(bool(metrics.errors))
