"""The production server: one process on one port, with a ready line and a clean shutdown."""

from typing import TYPE_CHECKING, Any

from eachlabs_mock.server.child_process import Child, NotStartedError, emulator

if TYPE_CHECKING:
    from eachlabs_mock.server.serve import NeverReadyError, StartError, run_server

__all__ = ["Child", "NeverReadyError", "NotStartedError", "StartError", "emulator", "run_server"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    """Import `serve` when it is first used: granian is slow to import, and child processes need none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from eachlabs_mock.server import serve  # noqa: PLC0415

    return getattr(serve, name)
