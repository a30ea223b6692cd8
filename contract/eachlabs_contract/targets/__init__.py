"""Targets: the servers to check, and how to call them, move their clock and receive their webhooks."""

from eachlabs_contract.targets.address import EXAMPLE_ROOT
from eachlabs_contract.targets.budget import Budget, SpentError
from eachlabs_contract.targets.clock import monotonic, now_ms, pause
from eachlabs_contract.targets.control import (
    CAP,
    LIMITS,
    PREFIX,
    RATE,
    SECONDS,
    Control,
    ControlError,
    NoJournalError,
    read_world,
)
from eachlabs_contract.targets.open import BAD_KEY, KEY, SECOND_KEY, Access, OpeningError, in_process, over_http
from eachlabs_contract.targets.probe import UNKNOWN_ID
from eachlabs_contract.targets.receiver import Receiver
from eachlabs_contract.targets.target import NOBODY, Caller, Need, Target, stranger
from eachlabs_contract.targets.transport import NoAnswerError, Transport, WsgiApp, connect

__all__ = [
    "BAD_KEY", "CAP", "EXAMPLE_ROOT", "KEY", "LIMITS", "NOBODY", "PREFIX", "RATE", "SECONDS", "SECOND_KEY",
    "UNKNOWN_ID", "Access", "Budget", "Caller", "Control", "ControlError", "Need", "NoAnswerError", "NoJournalError",
    "OpeningError", "Receiver", "SpentError", "Target", "Transport", "WsgiApp", "connect", "in_process", "monotonic",
    "now_ms", "over_http", "pause", "read_world", "stranger",
]  # fmt: skip
