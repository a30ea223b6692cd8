"""What the fixtures of the pytest plugin hand to a test. It is imported when a fixture needs it, not before."""

from eachlabs_mock.testing.in_process import PatchedWorld, patched_world
from eachlabs_mock.testing.server import MockServer, serving
from eachlabs_mock.testing.world import MockWorld

__all__ = ["MockServer", "MockWorld", "PatchedWorld", "patched_world", "serving"]
