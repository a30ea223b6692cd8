"""The table of faults: every door knows these, by these names."""

from collections.abc import Mapping
from types import MappingProxyType

from eachlabs_mock.faults import bodies, http, predictions, webhooks
from eachlabs_mock.faults.fault import Fault

FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {each.name: each for each in (*http.FAULTS, *bodies.FAULTS, *predictions.FAULTS, *webhooks.FAULTS)}
)
"""Kinds of faults by name."""


def meaning(kind: type[Fault]) -> str:
    """Return what a kind of fault does, in words."""
    return " ".join((kind.__doc__ or "").split())
