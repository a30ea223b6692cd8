"""Commands that accept the flags of `serve` and pass them on, as typed, to an emulator in a child process."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import click
from click.core import ParameterSource

from eachlabs_mock.cli.serve import serve_command
from eachlabs_mock.settings import flag, registry

TYPED = "eachlabs_mock.cli.passthrough.typed"

DEFAULTS: Mapping[str, str] = MappingProxyType({"port": "0", "log_format": "off"})
"""The settings of a child process whose defaults differ from those of `serve`."""


class PassthroughCommand(click.Command):
    """A command that remembers its flags as they were typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[TYPED] = self.make_parser(ctx).parse_args(list(args))[0]
        return super().parse_args(ctx, args)


def serve_options() -> list[click.Option]:
    """Return the flags of `serve`, hidden: only the help of `serve` lists them."""
    settings = {setting.name for setting in registry()}
    options = [item for item in serve_command().params if isinstance(item, click.Option) and item.name in settings]
    for option in options:
        option.hidden = True
    return options


def typed_settings(ctx: click.Context) -> dict[str, Any]:
    """Return the settings on the command line, as typed."""
    return {setting.name: ctx.meta[TYPED][setting.name] for setting in registry() if setting.name in ctx.meta[TYPED]}


def child_flags(ctx: click.Context, **defaults: str) -> list[str]:
    """Return the flags for an emulator in a child process, which inherits the variables.

    :param defaults: further defaults for settings that neither a flag nor a variable sets.
    """
    own = {name: value for name, value in {**DEFAULTS, **defaults}.items() if is_default(ctx, name)}
    return list(_as_flags(own | typed_settings(ctx)))


def is_default(ctx: click.Context, name: str) -> bool:
    """Whether neither a flag nor a variable sets the setting *name*."""
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT


def _as_flags(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, bool):
            yield flag(name) if value else f"--no-{flag(name)[2:]}"
        else:
            yield from (f"{flag(name)}={item}" for item in (value if isinstance(value, list) else [value]))
