"""An unofficial offline emulator of the Eachlabs prediction API."""

from typing import TYPE_CHECKING, Any

from eachlabs_mock.resources import __version__

if TYPE_CHECKING:
    from eachlabs_mock.app import create_app
    from eachlabs_mock.patch import patched
    from eachlabs_mock.settings import Settings

__all__ = ["Settings", "__version__", "create_app", "patched"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    """Import a public name when it is first used: each run of pytest imports this package for its plugin."""
    match name:
        case "create_app":
            from eachlabs_mock.app import create_app  # noqa: PLC0415

            return create_app
        case "patched":
            from eachlabs_mock.patch import patched  # noqa: PLC0415

            return patched
        case "Settings":
            from eachlabs_mock.settings import Settings  # noqa: PLC0415

            return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
