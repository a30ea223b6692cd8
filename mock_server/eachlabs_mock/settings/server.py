"""The settings of the emulator; flags, environment variables and the README's table are made of these fields."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from eachlabs_mock.core import Instant, Mode
from eachlabs_mock.settings import converters as to
from eachlabs_mock.settings.field import GROUPS, setting
from eachlabs_mock.settings.world import WorldSettings

ENVIRONMENT_PREFIX = "EACHLABS_MOCK_"


@dataclass(frozen=True, kw_only=True)
class Settings(WorldSettings):
    """The settings of one emulator, and the initial settings of each of its worlds."""

    host: str = setting("Server", "127.0.0.1", "Host or address to listen on.", to.host, "ADDRESS", newcomer=True)
    port: int = setting(
        "Server",
        "8780",
        "Port to listen on (0 to 65535); 0 picks a free one.",
        to.integer(0, 65_535),
        "PORT",
        newcomer=True,
    )
    api_key: tuple[str, ...] = setting(
        "Access",
        "",
        "Accept only this key (repeatable); by default, accept any key that does not start with 'invalid'.",
        to.api_key,
        "KEY",
        newcomer=True,
        many=True,
    )
    control_token: str = setting(
        "Access", "", "Require this token in the X-Mock-Token header of control-plane calls.", to.token, "TOKEN"
    )
    seed: int | None = setting(
        "Time and chance",
        "random",
        "Seed of all random draws (from 0); by default a new one, printed at start.",
        to.seed,
        "N",
        newcomer=True,
    )
    clock: Literal["real", "manual", "auto"] = setting(
        "Time and chance",
        "real",
        "How time passes: real, manual (only by control-plane calls) or auto (waits are skipped).",
        choices=("real", "manual", "auto"),
    )
    speed: float = setting(
        "Time and chance",
        "1",
        "Clock seconds per real second (0.001 to 100000).",
        to.number(0.001, 100_000),
        "FACTOR",
        newcomer=True,
    )
    start: Instant | None = setting(
        "Time and chance",
        "now",
        "Start time of each world's clock (ISO 8601, 1970 to 2999); with a seed and a manual clock, runs repeat.",
        to.instant,
        "INSTANT|now",
    )
    models: tuple[Path, ...] = setting(
        "Models and money",
        "",
        "Also serve the model files in this directory (repeatable).",
        Path,
        "DIRECTORY",
        newcomer=True,
        many=True,
    )
    allow_webhook_host: tuple[str, ...] = setting(
        "Webhooks",
        "",
        "Also send webhooks to this host (repeatable), or to any; by default, only to loopback addresses.",
        to.host,
        "HOST|any",
        newcomer=True,
        many=True,
    )
    log_format: Literal["text", "json", "off"] = setting(
        "Server", "text", "Format of the request log on standard error.", newcomer=True, choices=("text", "json", "off")
    )
    scenario: str = setting(
        "Faults",
        "",
        "Apply this fault scenario to every world: a file, or the name of a built-in one.",
        metavar="NAME|FILE",
    )
    wire_faults: bool = setting(
        "Faults", "off", "Allow the faults that need the socket: reset, hang, dribble.", to.on_off
    )
    price: tuple[tuple[str, Decimal], ...] = setting(
        "Models and money",
        "",
        "Price of one execution of a model, in USD (0 to 1000000; repeatable).",
        to.price,
        "SLUG=USD",
        many=True,
    )
    webhook_resend_interrupted: bool = setting(
        "Webhooks",
        "off",
        "With --store sqlite, repeat a webhook attempt that the end of the server interrupted.",
        to.on_off,
    )
    public_base_url: str = setting(
        "Outputs",
        "request",
        "Scheme and host of output URLs; by default, those of the create request.",
        to.base_url,
        "URL",
    )
    image_cache: int = setting("Outputs", "64", "Cache for images, in MiB (1 to 65536).", to.integer(1, 65_536), "MIB")
    store: Path | None = setting(
        "Memory",
        "memory",
        "Where predictions, limits, clocks and webhooks are stored: memory, or sqlite:PATH, which survives kill -9.",
        to.store,
        "memory|sqlite:PATH",
    )
    max_predictions: int = setting(
        "Memory",
        "100000",
        "Predictions stored (from 1); the oldest ended ones are removed first, earlier if inputs are large.",
        to.integer(1),
        "N",
    )
    max_worlds: int = setting(
        "Memory",
        "10000",
        "Worlds (one per key) stored (from 1); the longest idle one is removed first.",
        to.integer(1),
        "N",
    )
    journal_size: int = setting(
        "Memory",
        "500",
        "Requests kept in each world's journal (1 to 1000000); the oldest are removed first.",
        to.integer(1, 1_000_000),
        "N",
    )
    profile: Literal["page"] = setting("Server", "page", "Wire format of the API.", choices=("page",))
    lane: bool = setting(
        "Server", "on", "Answer plain creates and polls before they reach Flask, which is faster.", to.on_off
    )
    threads: int = setting("Server", "64", "Requests handled at the same time (1 to 512).", to.integer(1, 512), "N")

    @property
    def clock_mode(self) -> Mode:
        """The mode of each world's clock: `scaled` where a real clock has a speed other than 1."""
        return "scaled" if self.clock == "real" and self.speed != 1 else self.clock


def registry() -> tuple[Field[Any], ...]:
    """Return the fields of `Settings`, in the order of the help."""
    return tuple(sorted(fields(Settings), key=lambda field: GROUPS.index(field.metadata["group"])))


def flag(name: str) -> str:
    """Return the command-line flag of a setting, such as ``--rate-limit``."""
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return the environment variable of a setting, such as ``EACHLABS_MOCK_RATE_LIMIT``."""
    return ENVIRONMENT_PREFIX + name.upper()


def with_keywords(settings: Settings, keywords: Mapping[str, object]) -> Settings:
    """Return *settings* changed by *keywords*.

    :raises TypeError: a name is not a setting, or a value has a type that the setting does not accept.
    :raises ValueError: a value is not legal; the text names a legal one.
    """
    known = {field.name: field for field in registry()}
    if unknown := [name for name in keywords if name not in known]:
        near = get_close_matches(unknown[0], known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"the settings are: {', '.join(sorted(known))}"
        raise TypeError(f"unknown setting {unknown[0]!r}; {advice}")
    values: dict[str, Any] = {name: _value(known[name], value) for name, value in keywords.items()}
    return replace(settings, **values)


def _value(setting: Field[Any], value: object) -> object:
    facts = setting.metadata
    if facts["many"]:
        items = value if isinstance(value, tuple | list) else (value,)
        return tuple(to.value_of(setting, item) if isinstance(item, str) else item for item in items)
    if isinstance(value, str | int | float) or "choices" in facts:
        return to.value_of(setting, value)
    return value if isinstance(value, setting.type) else to.value_of(setting, value)  # type: ignore[arg-type]  # never text
