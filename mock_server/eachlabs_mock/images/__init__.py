"""Renders the output image that an input asks for."""

from typing import TYPE_CHECKING, Any

from eachlabs_mock.images.request_options import count_of, extension_of, media_type_of

if TYPE_CHECKING:
    from eachlabs_mock.images.picture import Picture, render

__all__ = ["Picture", "count_of", "extension_of", "media_type_of", "render"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any of the names above
    """Import `picture` when it is first used: fonts are slow to import, and a create does not need them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from eachlabs_mock.images import picture  # noqa: PLC0415

    return getattr(picture, name)
