"""Implements the objects that the pytest fixtures return."""

from eachlabs_mock.testing.in_process import PatchedWorld, patched_world
from eachlabs_mock.testing.server import MockServer, serving
from eachlabs_mock.testing.world import MockWorld

__all__ = ["MockServer", "MockWorld", "PatchedWorld", "patched_world", "serving"]
