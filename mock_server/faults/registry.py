"""The table of faults: every door knows these, by these names."""

from collections.abc import Mapping
from types import MappingProxyType

from mock_server.faults import answers, fates, garblings, letters
from mock_server.faults.fault import Fault

FAULTS: Mapping[str, type[Fault]] = MappingProxyType(
    {each.name: each for each in (*answers.FAULTS, *garblings.FAULTS, *fates.FAULTS, *letters.FAULTS)}
)
"""Kinds of faults by name."""


def meaning(kind: type[Fault]) -> str:
    """Return what a kind of fault does, in words."""
    return " ".join((kind.__doc__ or "").split())
