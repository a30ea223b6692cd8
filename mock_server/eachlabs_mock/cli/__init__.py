"""The commands of eachlabs-mock."""

from eachlabs_mock.cli.passthrough import PassingOn, flags, is_open, serve_options, typed
from eachlabs_mock.cli.serve import check_environment, serve_command
from eachlabs_mock.cli.signal_relay import Relay

__all__ = ["PassingOn", "Relay", "check_environment", "flags", "is_open", "serve_command", "serve_options", "typed"]
