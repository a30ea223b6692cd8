"""The registry of faults."""

from collections.abc import Mapping
from types import MappingProxyType

from eachlabs_mock.faults import bodies, http, predictions, webhooks
from eachlabs_mock.faults.fault import Fault

FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {kind.name: kind for kind in (*http.FAULTS, *bodies.FAULTS, *predictions.FAULTS, *webhooks.FAULTS)}
)
"""Kinds of faults by name."""


def description(kind: type[Fault]) -> str:
    """Return the description of a kind of fault: its docstring on one line."""
    return " ".join((kind.__doc__ or "").split())
