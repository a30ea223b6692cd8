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

    host: str = setting(
        "127.0.0.1", "Host or address to listen on.", group="Server", metavar="ADDRESS", convert=to.host, newcomer=True
    )
    port: int = setting(
        "8780",
        "Port to listen on (0 to 65535); 0 picks a free one.",
        group="Server",
        metavar="PORT",
        convert=to.integer(0, 65_535),
        newcomer=True,
    )
    api_key: tuple[str, ...] = setting(
        "",
        "Accept only this key (repeatable); by default, accept any key that does not start with 'invalid'.",
        group="Access",
        metavar="KEY",
        convert=to.api_key,
        newcomer=True,
        many=True,
    )
    control_token: str = setting(
        "",
        "Require this token in the X-Mock-Token header of control-plane calls.",
        group="Access",
        metavar="TOKEN",
        convert=to.token,
    )
    seed: int | None = setting(
        "random",
        "Seed of all random draws (from 0); by default a new one, printed at start.",
        group="Time and chance",
        metavar="N",
        convert=to.seed,
        newcomer=True,
    )
    clock: Literal["real", "manual", "auto"] = setting(
        "real",
        "How time passes: real, manual (only by control-plane calls) or auto (waits are skipped).",
        group="Time and chance",
        choices=("real", "manual", "auto"),
    )
    speed: float = setting(
        "1",
        "Clock seconds per real second (0.001 to 100000).",
        group="Time and chance",
        metavar="FACTOR",
        convert=to.number(0.001, 100_000),
        newcomer=True,
    )
    start: Instant | None = setting(
        "now",
        "Start time of each world's clock (ISO 8601, 1970 to 2999); with a seed and a manual clock, runs repeat.",
        group="Time and chance",
        metavar="INSTANT|now",
        convert=to.instant,
    )
    models: tuple[Path, ...] = setting(
        "",
        "Also serve the model files in this directory (repeatable).",
        group="Models and money",
        metavar="DIRECTORY",
        convert=Path,
        newcomer=True,
        many=True,
    )
    allow_webhook_host: tuple[str, ...] = setting(
        "",
        "Also send webhooks to this host (repeatable), or to any; by default, only to loopback addresses.",
        group="Webhooks",
        metavar="HOST|any",
        convert=to.host,
        newcomer=True,
        many=True,
    )
    log_format: Literal["text", "json", "off"] = setting(
        "text",
        "Format of the request log on standard error.",
        group="Server",
        newcomer=True,
        choices=("text", "json", "off"),
    )
    scenario: str = setting(
        "",
        "Apply this fault scenario to every world: a file, or the name of a built-in one.",
        group="Faults",
        metavar="NAME|FILE",
    )
    wire_faults: bool = setting(
        "off", "Allow the faults that need the socket: reset, hang, dribble.", group="Faults", convert=to.on_off
    )
    price: tuple[tuple[str, Decimal], ...] = setting(
        "",
        "Price of one execution of a model, in USD (0 to 1000000; repeatable).",
        group="Models and money",
        metavar="SLUG=USD",
        convert=to.price,
        many=True,
    )
    webhook_resend_interrupted: bool = setting(
        "off",
        "With --store sqlite, repeat a webhook attempt that the end of the server interrupted.",
        group="Webhooks",
        convert=to.on_off,
    )
    public_base_url: str = setting(
        "request",
        "Scheme and host of output URLs; by default, those of the create request.",
        group="Outputs",
        metavar="URL",
        convert=to.base_url,
    )
    image_cache: int = setting(
        "64", "Cache for images, in MiB (1 to 65536).", group="Outputs", metavar="MIB", convert=to.integer(1, 65_536)
    )
    store: Path | None = setting(
        "memory",
        "Where predictions, limits, clocks and webhooks are stored: memory, or sqlite:PATH, which survives kill -9.",
        group="Memory",
        metavar="memory|sqlite:PATH",
        convert=to.store,
    )
    max_predictions: int = setting(
        "100000",
        "Predictions stored (from 1); the oldest ended ones are removed first, earlier if inputs are large.",
        group="Memory",
        metavar="N",
        convert=to.integer(1),
    )
    max_worlds: int = setting(
        "10000",
        "Worlds (one per key) stored (from 1); the longest idle one is removed first.",
        group="Memory",
        metavar="N",
        convert=to.integer(1),
    )
    journal_size: int = setting(
        "500",
        "Requests kept in each world's journal (1 to 1000000); the oldest are removed first.",
        group="Memory",
        metavar="N",
        convert=to.integer(1, 1_000_000),
    )
    profile: Literal["page"] = setting("page", "Wire format of the API.", group="Server", choices=("page",))
    lane: bool = setting(
        "on",
        "Answer plain creates and polls before they reach Flask, which is faster.",
        convert=to.on_off,
        group="Server",
    )
    threads: int = setting(
        "64", "Requests handled at the same time (1 to 512).", group="Server", metavar="N", convert=to.integer(1, 512)
    )

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
        near = get_close_matches(unknown[0], known, n=1) or sorted(known)
        raise TypeError(f"unknown setting {unknown[0]!r}; did you mean {' or '.join(near)}?")
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
