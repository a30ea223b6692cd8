"""Implements the commands `serve`, `exec`, `validate` and `import-model`."""

from eachlabs_mock.cli.options import Converted, option
from eachlabs_mock.cli.passthrough import PassthroughCommand, child_flags, serve_options, typed_settings
from eachlabs_mock.cli.serve import check_environment, serve_command
from eachlabs_mock.cli.signal_relay import SignalRelay

__all__ = [
    "Converted", "PassthroughCommand", "SignalRelay", "check_environment", "child_flags", "option", "serve_command",
    "serve_options", "typed_settings",
]  # fmt: skip
