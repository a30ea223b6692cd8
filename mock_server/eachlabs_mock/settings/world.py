"""The settings that each world has for itself, and how its owner changes them: in JSON, in the words of the flags."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from eachlabs_mock.core import MILLIS, Pace, Progress, Rate
from eachlabs_mock.settings import converters as to
from eachlabs_mock.settings.field import setting

_S = TypeVar("_S", bound="WorldSettings")


@dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """What each world has for itself; the defaults are the model page's figures, or else a doubt of the README."""

    duration: float | None = setting(
        "2.5",
        "Seconds a prediction takes, or 'realistic': around the page's average of 17 s.",
        group="Time and chance",
        metavar="SECONDS|realistic",
        convert=to.seconds,
        newcomer=True,
    )
    progress: Progress = setting(
        "time",
        "What moves predictions: time, immediate, or reads:N (the N-th read shows the end).",
        group="Time and chance",
        metavar="time|immediate|reads:N",
        convert=to.progress,
        newcomer=True,
    )
    rate_limit: Rate | None = setting(
        "100/60",
        "Requests per seconds and key, or off.",
        group="Limits",
        metavar="N/SECONDS|off",
        convert=to.or_off(to.rate),
        newcomer=True,
    )
    max_in_flight: int | None = setting(
        "10",
        "Predictions in flight per key, or off.",
        group="Limits",
        metavar="N|off",
        convert=to.or_off(to.integer(1)),
        newcomer=True,
    )
    window: Literal["sliding", "fixed"] = setting(
        "sliding", "How the rate window moves.", group="Limits", choices=("sliding", "fixed")
    )
    count: Literal["all", "creates"] = setting(
        "all", "Which authenticated requests count against the rate.", group="Limits", choices=("all", "creates")
    )
    count_refused: bool = setting(
        "off", "Count requests that the window itself refused, too.", convert=to.on_off, group="Limits"
    )
    retry_after: bool = setting("on", "Send Retry-After with a 429.", convert=to.on_off, group="Limits")
    coerce_strings: bool = setting("off", 'Accept "4" for 4 and "true" for true.', convert=to.on_off, group="Input")
    strict_input: bool = setting(
        "off", "Refuse input fields that the model does not know.", convert=to.on_off, group="Input"
    )
    prompt_faults: bool = setting("on", "Obey words such as [mock:fail] in a prompt.", convert=to.on_off, group="Input")
    charge: Literal["success", "accept"] = setting(
        "success", "When an execution is charged.", group="Models and money", choices=("success", "accept")
    )
    webhook_attempts: int = setting(
        "1", "Attempts at a webhook until one is accepted.", group="Webhooks", metavar="N", convert=to.integer(1, 100)
    )
    webhook_interval: float = setting(
        "10",
        "Clock seconds from one attempt to the next.",
        group="Webhooks",
        metavar="SECONDS",
        convert=to.number(0, to.LONGEST),
    )
    webhook_timeout: float = setting(
        "30",
        "Real seconds an attempt may take (page: 30).",
        group="Webhooks",
        metavar="SECONDS",
        convert=to.number(0.01, 30),
    )
    output_expiry: float | None = setting(
        "off",
        "Clock seconds after which an output is gone (404), or off.",
        group="Outputs",
        metavar="SECONDS|off",
        convert=to.or_off(to.number(1, 365 * to.LONGEST)),
    )

    @cached_property
    def rate(self) -> Rate | None:
        """The rate limit with the kind of its window."""
        return self.rate_limit and replace(self.rate_limit, kind=self.window)

    @cached_property
    def pace(self) -> Pace:
        """How long predictions take, and what moves them."""
        return Pace(self.duration, self.progress)


class SettingError(ValueError):
    """A change of settings that will not do; the text says why, *field* which."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def own_settings() -> dict[str, Field[Any]]:
    """Return them by name."""
    return {each.name: each for each in fields(WorldSettings)}


def as_json(name: str, settings: WorldSettings) -> object:
    """Return the value of a setting as JSON can say it, in the words of its flag."""
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

    :raises SettingError: a key is unknown or not a world's own, or a value will not do.
    """
    known = own_settings()
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise SettingError(name, f"{name!r} is no setting of a world; those are: {', '.join(known)}")
        try:
            values[name] = to.value_of(known[name], value)
        except ValueError as error:
            raise SettingError(name, str(error)) from None
    return replace(settings, **values)
