"""Implements the commands `serve`, `exec`, `validate` and `import-model`."""

from eachlabs_mock.cli.passthrough import PassthroughCommand, child_flags, serve_options, typed_settings
from eachlabs_mock.cli.serve import check_environment, serve_command
from eachlabs_mock.cli.signal_relay import SignalRelay

__all__ = [
    "PassthroughCommand", "SignalRelay", "check_environment", "child_flags", "serve_command", "serve_options",
    "typed_settings",
]  # fmt: skip
