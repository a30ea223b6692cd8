"""Every setting of the emulator, once: flags, environment variables and the README's table derive from these fields."""

from dataclasses import Field, dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from eachlabs_mock.core import Instant, Mode
from eachlabs_mock.settings import converters as to
from eachlabs_mock.settings.field import GROUPS, setting
from eachlabs_mock.settings.world import WorldSettings

ENVIRONMENT_PREFIX = "EACHLABS_MOCK_"


@dataclass(frozen=True, kw_only=True)
class Settings(WorldSettings):
    """How one emulator behaves, and each of its worlds until its owner says otherwise."""

    host: str = setting(
        "127.0.0.1", "Address to listen on.", group="Server", metavar="ADDRESS", convert=to.host, newcomer=True
    )
    port: int = setting(
        "8780",
        "Port to listen on; 0 picks a free one.",
        group="Server",
        metavar="PORT",
        convert=to.integer(0, 65_535),
        newcomer=True,
    )
    api_key: tuple[str, ...] = setting(
        "",
        "Accept only this key (repeatable); by default any key that does not start with 'invalid'.",
        group="Access",
        metavar="KEY",
        convert=to.api_key,
        newcomer=True,
        many=True,
    )
    control_token: str = setting(
        "",
        "Want this token, in X-Mock-Token, of whoever calls the control plane.",
        group="Access",
        metavar="TOKEN",
        convert=to.token,
    )
    seed: int | None = setting(
        "random",
        "Seed of every draw; by default a new one, printed at start.",
        group="Time and chance",
        metavar="N",
        convert=to.seed,
        newcomer=True,
    )
    clock: Literal["real", "manual", "auto"] = setting(
        "real",
        "How time passes: real, manual (only when told) or auto (waiting disappears).",
        group="Time and chance",
        choices=("real", "manual", "auto"),
    )
    speed: float = setting(
        "1",
        "Clock seconds per real second; one clock moves everything.",
        group="Time and chance",
        metavar="FACTOR",
        convert=to.number(0.001, 100_000),
        newcomer=True,
    )
    start: Instant | None = setting(
        "now",
        "Instant at which the clock of each world begins, in ISO 8601; with a seed and a manual clock, runs repeat.",
        group="Time and chance",
        metavar="INSTANT|now",
        convert=to.instant,
    )
    models: tuple[Path, ...] = setting(
        "",
        "Also serve the model files of this directory (repeatable).",
        group="Models and money",
        metavar="DIRECTORY",
        convert=Path,
        newcomer=True,
        many=True,
    )
    allow_webhook_host: tuple[str, ...] = setting(
        "",
        "Also call webhooks on this host (repeatable), or any; by default loopback only.",
        group="Webhooks",
        metavar="HOST|any",
        convert=to.host,
        newcomer=True,
        many=True,
    )
    log_format: Literal["text", "json", "off"] = setting(
        "text",
        "How requests are logged on standard error.",
        group="Server",
        newcomer=True,
        choices=("text", "json", "off"),
    )
    scenario: str = setting(
        "",
        "Let go wrong in every world what this scenario says: a file, or the name of one that is shipped.",
        group="Faults",
        metavar="NAME|FILE",
    )
    wire_faults: bool = setting(
        "off", "Allow faults that need the socket: reset, hang, dribble.", group="Faults", convert=to.on_off
    )
    price: tuple[tuple[str, Decimal], ...] = setting(
        "",
        "Price of one execution of a model (repeatable).",
        group="Models and money",
        metavar="SLUG=USD",
        convert=to.price,
        many=True,
    )
    webhook_resend_interrupted: bool = setting(
        "off",
        "Repeat, with --store sqlite, an attempt that the end of the server cut off.",
        group="Webhooks",
        convert=to.on_off,
    )
    public_base_url: str = setting(
        "request",
        "Scheme and host of output addresses; by default those of the create request.",
        group="Outputs",
        metavar="URL",
        convert=to.base_url,
    )
    image_cache: int = setting(
        "64", "MiB of rendered images kept.", group="Outputs", metavar="MIB", convert=to.integer(1, 65_536)
    )
    store: Path | None = setting(
        "memory",
        "Where predictions, limits, clocks and webhooks are kept: memory, or sqlite:PATH, which survives a kill -9.",
        group="Memory",
        metavar="memory|sqlite:PATH",
        convert=to.store,
    )
    max_predictions: int = setting(
        "100000",
        "Predictions kept; the oldest ended ones make way, sooner where inputs are large.",
        group="Memory",
        metavar="N",
        convert=to.integer(1),
    )
    max_worlds: int = setting(
        "10000", "Worlds (keys) kept; the longest idle makes way.", group="Memory", metavar="N", convert=to.integer(1)
    )
    journal_size: int = setting(
        "500",
        "Requests kept per world; the oldest make way.",
        group="Memory",
        metavar="N",
        convert=to.integer(1, 1_000_000),
    )
    profile: Literal["page"] = setting("page", "Whose wire format to speak.", group="Server", choices=("page",))
    lane: bool = setting("on", "Answer plain creates and polls in front of Flask.", convert=to.on_off, group="Server")
    threads: int = setting("64", "Requests worked on at once.", group="Server", metavar="N", convert=to.integer(1, 512))

    @property
    def clock_mode(self) -> Mode:
        """The mode of every world's clock: a real one with a speed of its own is a scaled one."""
        return "scaled" if self.clock == "real" and self.speed != 1 else self.clock


def registry() -> tuple[Field[Any], ...]:
    """Return the fields of `Settings`, in the order of the help."""
    return tuple(sorted(fields(Settings), key=lambda each: GROUPS.index(each.metadata["group"])))


def flag(name: str) -> str:
    """Return the command-line flag of a setting, such as ``--rate-limit``."""
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return the environment variable of a setting, such as ``EACHLABS_MOCK_RATE_LIMIT``."""
    return ENVIRONMENT_PREFIX + name.upper()
