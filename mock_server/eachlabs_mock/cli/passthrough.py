"""The flags of `serve` on another command, which passes them on to an emulator of its own, as they were typed."""

from collections.abc import Iterator, Mapping
from typing import Any

import click
from click.core import ParameterSource

from eachlabs_mock.cli.serve import serve_command
from eachlabs_mock.settings import flag, registry

TYPED = "eachlabs_mock.cli.passthrough.typed"


class PassingOn(click.Command):
    """A command that remembers its flags as they were typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[TYPED] = self.make_parser(ctx).parse_args(list(args))[0]
        return super().parse_args(ctx, args)


def serve_options() -> list[click.Option]:
    """Return the flags of `serve`; the help of `serve` shows them, so that no other one needs to."""
    settings = {setting.name for setting in registry()}
    options = [each for each in serve_command().params if isinstance(each, click.Option) and each.name in settings]
    for option in options:
        option.hidden = True
    return options


def typed(ctx: click.Context) -> dict[str, Any]:
    """Return those settings that were typed, as they were; variables reach a child by themselves."""
    return {each.name: ctx.meta[TYPED][each.name] for each in registry() if each.name in ctx.meta[TYPED]}


def is_open(ctx: click.Context, name: str) -> bool:
    """Whether neither a flag nor a variable says what setting *name* is to be."""
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT


def flags(chosen: Mapping[str, Any]) -> Iterator[str]:
    """Yield *chosen* settings as flags."""
    for name, value in chosen.items():
        if isinstance(value, bool):
            yield flag(name) if value else f"--no-{flag(name)[2:]}"
        else:
            yield from (f"{flag(name)}={each}" for each in (value if isinstance(value, list) else [value]))
