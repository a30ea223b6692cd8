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
        "Time and chance",
        "2.5",
        "Clock seconds a prediction takes (0.001 to 86400), or 'realistic': about 17, the page's average.",
        to.seconds,
        "SECONDS|realistic",
        newcomer=True,
    )
    progress: Progress = setting(
        "Time and chance",
        "time",
        "What advances predictions: time, immediate (they end at once) or reads:N (the N-th read shows the end).",
        to.progress,
        "time|immediate|reads:N",
        newcomer=True,
    )
    rate_limit: Rate | None = setting(
        "Limits",
        "100/60",
        "Requests per key and period: N (from 1) in SECONDS (0.001 to 86400), or off.",
        to.or_off(to.rate),
        "N/SECONDS|off",
        newcomer=True,
    )
    max_in_flight: int | None = setting(
        "Limits",
        "10",
        "Predictions in flight per key (from 1), or off.",
        to.or_off(to.integer(1)),
        "N|off",
        newcomer=True,
    )
    window: Literal["sliding", "fixed"] = setting(
        "Limits",
        "sliding",
        "Whether the rate window slides or begins anew with each period.",
        choices=("sliding", "fixed"),
    )
    count: Literal["all", "creates"] = setting(
        "Limits", "all", "Authenticated requests that count against the rate limit.", choices=("all", "creates")
    )
    count_refused: bool = setting("Limits", "off", "Also count requests that the rate limit refused.", to.on_off)
    retry_after: bool = setting("Limits", "on", "Send Retry-After with a 429.", to.on_off)
    coerce_strings: bool = setting("Input", "off", 'Accept "4" for 4 and "true" for true.', to.on_off)
    strict_input: bool = setting("Input", "off", "Refuse input fields that the model does not define.", to.on_off)
    prompt_faults: bool = setting("Input", "on", "Apply faults in prompts, such as [mock:fail].", to.on_off)
    charge: Literal["success", "accept"] = setting(
        "Models and money",
        "success",
        "Charge an execution when it succeeds, or when its create is accepted.",
        choices=("success", "accept"),
    )
    webhook_attempts: int = setting(
        "Webhooks", "1", "Most attempts to deliver a webhook (1 to 100).", to.integer(1, 100), "N"
    )
    webhook_interval: float = setting(
        "Webhooks", "10", "Clock seconds from one attempt to the next (0 to 86400).", to.number(0, DAY), "SECONDS"
    )
    webhook_timeout: float = setting(
        "Webhooks", "30", "Real seconds an attempt may take (0.01 to 30; page: 30).", to.number(0.01, 30), "SECONDS"
    )
    output_expiry: float | None = setting(
        "Outputs",
        "off",
        "Clock seconds after which an output is answered 404 (1 to 31536000), or off.",
        to.or_off(to.number(1, 365 * DAY)),
        "SECONDS|off",
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
