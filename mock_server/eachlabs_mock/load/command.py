"""The `load` command: drives an emulator with Locust, and reports what came of it."""

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
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from eachlabs_mock.cli import PassingOn, Relay, check_environment, flags, is_open, serve_options, typed
from eachlabs_mock.load import report
from eachlabs_mock.load.counters import Tally
from eachlabs_mock.load.metrics import Figures, figures
from eachlabs_mock.load.options import own_options
from eachlabs_mock.load.plan import Plan, Role, environment
from eachlabs_mock.load.target import NotHereError, loopback
from eachlabs_mock.load.text import headline, rows
from eachlabs_mock.models import Catalog, ModelFileError, shipped_models
from eachlabs_mock.server import NotStartedError, emulator
from eachlabs_mock.settings import flag

OWN_DEFAULTS: Mapping[str, str] = MappingProxyType({"port": "0", "log_format": "off"})
"""Where the emulator of `load` differs from `serve` unless a flag or a variable says otherwise."""

NEEDED = ("locust", "pygal")
ENGINE = (sys.executable, "-P", "-m", "eachlabs_mock.load.run_locust")
"""In a process of its own: importing Locust patches sockets and threads."""

PATIENCE = 5.0
"""Real seconds for somebody to answer at BASE_URL."""

HELP = """Put load on the emulator at BASE_URL, or on one of its own, and report what came of it.

Users create predictions, poll them to their end or wait for webhooks, and begin again; whoever is refused waits as
long as Retry-After says. Load goes to this machine only. Every flag of `serve` works here too, for an emulator of
its own; `serve --help` lists them.
"""

EPILOG = """Several machines: --master on one, --worker --master-host HOST on the others; each worker drives an
emulator on its own machine. Exit codes: 0 every request was answered or refused, 1 something else went wrong, 2 bad
options, nobody listens at BASE_URL, or Locust is not installed."""


def load_command() -> click.Command:
    """Return `eachlabs-mock load`."""
    return PassingOn("load", params=[*own_options(), *serve_options()], callback=_load, help=HELP, epilog=EPILOG)


@click.pass_context
def _load(ctx: click.Context, /, base_url: str | None, folder: Path | None, **asked: Any) -> NoReturn:  # noqa: ANN401  # one for each option
    check_environment(os.environ)
    _check_installed()
    plan = _plan(asked)
    if base_url or plan.role == "master":
        _check_no_emulator_flags(ctx)
    price = _price(plan.model, asked, is_own=not base_url)
    if folder:
        _prepare(folder)
    with Relay() as relay, _target(ctx, base_url, plan, asked["control_token"]) as url:
        _say(plan.sentence(url))
        code, tally = _drive(relay, plan, url)
    if plan.role == "worker":
        raise SystemExit(min(code, 1))
    raise SystemExit(_report(figures(tally, price, plan.run_time), plan, url, folder))


def _check_installed() -> None:
    if missing := [each for each in NEEDED if find_spec(each) is None]:
        raise click.UsageError(f"load needs {' and '.join(missing)}: pip install 'eachlabs-mock[load]'")


def _plan(asked: Mapping[str, Any]) -> Plan:
    if asked["master"] and asked["worker"]:
        raise click.UsageError("--master and --worker: it is one or the other")
    role: Role = "master" if asked["master"] else "worker" if asked["worker"] else "alone"
    host = asked["master_host"] if asked["worker"] else asked["master_bind_host"]
    names = ("users", "spawn_rate", "run_time", "mode", "poll", "model", "fetch", "ramp", "at_most")
    given = {name: asked[name] for name in names}
    return Plan(
        **given,
        one_key=not asked["key_per_user"],
        role=role,
        host=host,
        port=asked["master_port"],
        workers=asked["expect_workers"],
    )


def _check_no_emulator_flags(ctx: click.Context) -> None:
    for name in typed(ctx):
        if name not in {"price", "models"}:
            raise click.UsageError(f"{flag(name)} is about an emulator of its own, and none is started here")


def _price(model: str, asked: Mapping[str, Any], *, is_own: bool) -> Decimal | None:
    """Return USD for one prediction; None: not known."""
    try:
        catalog = Catalog.load(shipped_models(), *asked["models"])
    except ModelFileError as error:
        raise click.UsageError(str(error)) from None
    if model not in catalog and is_own:
        near = ", ".join(catalog.closest(model)) or ", ".join(catalog)
        raise click.UsageError(f"--model: there is no model {model!r}; near it: {near}")
    known = catalog.get(model)
    return dict(asked["price"]).get(model, known.cost if known else None)


def _prepare(folder: Path) -> None:
    try:
        report.prepare(folder)
    except OSError as error:
        raise click.UsageError(f"--report: cannot write to {folder}: {error.strerror or error}") from None


@contextmanager
def _target(ctx: click.Context, base_url: str | None, plan: Plan, token: str) -> Iterator[str]:
    """Yield the base URL to drive: the given one, or that of an emulator of our own; a master has none."""
    if plan.role == "master":
        yield ""
        return
    if base_url:
        yield _reachable(base_url)
        return
    own = {name: value for name, value in OWN_DEFAULTS.items() if is_open(ctx, name)}
    try:
        with emulator(list(flags(own | typed(ctx))), token) as child:
            yield child.ready["base_url"]
    except NotStartedError as error:
        raise SystemExit(max(error.exit_code, 0) or 1) from None


def _reachable(base_url: str) -> str:
    try:
        url = loopback(base_url)
        parts = urlsplit(url)
        socket.create_connection((parts.hostname or "", parts.port or 80), PATIENCE).close()
    except NotHereError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"nobody answers at {base_url}: {error.strerror or error}") from None
    return url


def _drive(relay: Relay, plan: Plan, url: str) -> tuple[int, Tally]:
    """Run Locust; return its exit code and what was counted."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="eachlabs-load-") as folder:
        result = Path(folder) / "tally.json"
        variables = environment(os.environ, url, os.environ.get("EACHLABS_API_KEY", ""), result)
        code = relay.run([*ENGINE, *plan.arguments()], variables)
        if result.exists():
            tally.add(result.read_text(encoding="utf-8"))
    return code, tally


def _report(found: Figures | None, plan: Plan, url: str, folder: Path | None) -> int:
    """Say, and write, what came of it; return the exit code."""
    if found is None:
        _say("no request was made")
        return 1
    click.echo(f"{headline(found)}\n")
    for name, text in rows(found):
        click.echo(f"{name:<17}{text}")
    if folder:
        report.write(found, asdict(plan) | {"base_url": url}, plan.sentence(url), folder)
        _say(f"report: {folder / report.PAGE}")
    return int(bool(found.errors))


def _say(text: str) -> None:
    click.echo(f"eachlabs-mock: {text}", err=True)
