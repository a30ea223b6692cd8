"""The control plane under /__mock: its routes, their access checks, the actions behind them, and a client."""

from typing import TYPE_CHECKING, Any

from eachlabs_mock.control.client import Control, ControlError, Send, over_http

if TYPE_CHECKING:
    from eachlabs_mock.control.actions import ControlActions
    from eachlabs_mock.control.routes import ControlPlane

__all__ = ["Control", "ControlActions", "ControlError", "ControlPlane", "Send", "over_http"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    """Import `routes` when it is first used: Flask is slow to import, and the client needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from eachlabs_mock.control import routes  # noqa: PLC0415

    return getattr(routes, name)
