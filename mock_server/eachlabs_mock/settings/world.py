"""The settings of a world, and how JSON changes them."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from eachlabs_mock.core import DAY, MILLIS, Pace, Progress, Rate
from eachlabs_mock.settings import converters as to
from eachlabs_mock.settings.field import setting

_S = TypeVar("_S", bound="WorldSettings")


@dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """The settings of one world. A default is the model page's figure, or else a doubt listed in the README."""

    duration: float | None = setting(
        "2.5",
        "Clock seconds a prediction takes (0.001 to 86400), or 'realistic': about 17, the page's average.",
        group="Time and chance",
        metavar="SECONDS|realistic",
        convert=to.seconds,
        newcomer=True,
    )
    progress: Progress = setting(
        "time",
        "What advances predictions: time, immediate (they end at once) or reads:N (the N-th read shows the end).",
        group="Time and chance",
        metavar="time|immediate|reads:N",
        convert=to.progress,
        newcomer=True,
    )
    rate_limit: Rate | None = setting(
        "100/60",
        "Requests per key and period: N (from 1) in SECONDS (0.001 to 86400), or off.",
        group="Limits",
        metavar="N/SECONDS|off",
        convert=to.or_off(to.rate),
        newcomer=True,
    )
    max_in_flight: int | None = setting(
        "10",
        "Predictions in flight per key (from 1), or off.",
        group="Limits",
        metavar="N|off",
        convert=to.or_off(to.integer(1)),
        newcomer=True,
    )
    window: Literal["sliding", "fixed"] = setting(
        "sliding",
        "Whether the rate window slides or begins anew with each period.",
        group="Limits",
        choices=("sliding", "fixed"),
    )
    count: Literal["all", "creates"] = setting(
        "all", "Authenticated requests that count against the rate limit.", group="Limits", choices=("all", "creates")
    )
    count_refused: bool = setting(
        "off", "Also count requests that the rate limit refused.", convert=to.on_off, group="Limits"
    )
    retry_after: bool = setting("on", "Send Retry-After with a 429.", convert=to.on_off, group="Limits")
    coerce_strings: bool = setting("off", 'Accept "4" for 4 and "true" for true.', convert=to.on_off, group="Input")
    strict_input: bool = setting(
        "off", "Refuse input fields that the model does not define.", convert=to.on_off, group="Input"
    )
    prompt_faults: bool = setting(
        "on", "Apply faults in prompts, such as [mock:fail].", convert=to.on_off, group="Input"
    )
    charge: Literal["success", "accept"] = setting(
        "success",
        "Charge an execution when it succeeds, or when its create is accepted.",
        group="Models and money",
        choices=("success", "accept"),
    )
    webhook_attempts: int = setting(
        "1", "Most attempts to deliver a webhook (1 to 100).", group="Webhooks", metavar="N", convert=to.integer(1, 100)
    )
    webhook_interval: float = setting(
        "10",
        "Clock seconds from one attempt to the next (0 to 86400).",
        group="Webhooks",
        metavar="SECONDS",
        convert=to.number(0, DAY),
    )
    webhook_timeout: float = setting(
        "30",
        "Real seconds an attempt may take (0.01 to 30; page: 30).",
        group="Webhooks",
        metavar="SECONDS",
        convert=to.number(0.01, 30),
    )
    output_expiry: float | None = setting(
        "off",
        "Clock seconds after which an output is answered 404 (1 to 31536000), or off.",
        group="Outputs",
        metavar="SECONDS|off",
        convert=to.or_off(to.number(1, 365 * DAY)),
    )

    @cached_property
    def rate(self) -> Rate | None:
        """The rate limit, its kind of window included; None: no limit."""
        return self.rate_limit and replace(self.rate_limit, kind=self.window)

    @cached_property
    def pace(self) -> Pace:
        """How long predictions take, and what advances them."""
        return Pace(self.duration, self.progress)


class SettingError(ValueError):
    """A refused change of settings. The text says why; *field* is the name of the setting."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def own_settings() -> dict[str, Field[Any]]:
    """Return the settings of a world by name."""
    return {field.name: field for field in fields(WorldSettings)}


def as_json(name: str, settings: WorldSettings) -> object:
    """Return the value of a setting as JSON: a boolean, a number, or the text that its flag takes."""
    value = getattr(settings, name)
    match value:
        case None:
            return {"seed": "random", "duration": "realistic"}.get(name, "off")
        case Rate():
            return f"{value.limit}/{value.period / MILLIS:.15g}"
        case Progress():
            return f"reads:{value.reads}" if value.kind == "reads" else value.kind
        case _:
            return value


def changed(settings: _S, changes: Mapping[str, object]) -> _S:
    """Return *settings* with *changes*, each a JSON value or the text of its flag.

    :raises SettingError: a key is not a setting of a world, or a value is not legal.
    """
    known = own_settings()
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise SettingError(name, f"{name!r} is not a setting of a world; the settings are: {', '.join(known)}")
        try:
            values[name] = to.value_of(known[name], value)
        except ValueError as error:
            raise SettingError(name, str(error)) from None
    return replace(settings, **values)
