"""How a command ends whose command line makes no sense, or that is interrupted."""

from typing import Final

import click

from eachlabs_contract.verdict import USAGE

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""


class UsageError(click.ClickException):
    """The command line makes no sense; the text says why, in a line."""

    exit_code = USAGE
