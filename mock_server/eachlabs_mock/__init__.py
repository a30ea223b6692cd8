"""An unofficial offline emulator of the Eachlabs prediction API."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eachlabs_mock.resources import __version__

if TYPE_CHECKING:
    from eachlabs_mock.app import create_app
    from eachlabs_mock.patch import patched
    from eachlabs_mock.settings import Settings

__all__ = ["Settings", "__version__", "create_app", "patched"]

_MODULES = {"Settings": "eachlabs_mock.settings", "create_app": "eachlabs_mock.app", "patched": "eachlabs_mock.patch"}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    """Import a public name when it is first used: each run of pytest imports this package for its plugin."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
