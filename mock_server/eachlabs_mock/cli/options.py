"""Kinds of options that several commands have."""

from collections.abc import Callable
from typing import Any

import click


class Converted(click.ParamType[Any]):
    """A value that a function makes of a text; an invalid text fails with the function's own message.

    :param convert: takes the text; raises a ValueError that says what is legal.
    """

    def __init__(self, metavar: str, convert: Callable[[str], Any]) -> None:
        self.name = metavar
        self._convert = convert

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click's
        if not isinstance(value, str):
            return value
        try:
            return self._convert(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's
        return self.name  # click would write it in capitals


def option(name: str, kind: click.ParamType[Any], default: float | str, metavar: str | None, text: str) -> click.Option:
    """Return an option of that *kind*; its help is *text* and the default."""
    shown = default if isinstance(default, str) else f"{default:g}"
    return click.Option([name], type=kind, default=default, metavar=metavar, help=f"{text}  [{shown}]")


def printing_flag(name: str, make: Callable[[click.Context], str], text: str) -> click.Option:
    """Return a flag that prints what *make* returns, and ends the program; its help is *text*."""

    def show(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click calls it so
        if value and not ctx.resilient_parsing:
            click.echo(make(ctx))
            ctx.exit()

    return click.Option([name], is_flag=True, is_eager=True, expose_value=False, callback=show, help=text)
