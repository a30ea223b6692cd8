"""The version, and the data files: models, OpenAPI documents and scenarios."""

from pathlib import Path

__version__ = "0.1.0"


def shipped(name: str) -> Path:
    """Return the directory *name* of the built-in data.

    In a wheel it is inside the package; in a checkout, or an editable install of one, in `fixtures`.
    """
    package = Path(__file__).resolve().parent
    inside = package / "fixtures" / name
    return inside if inside.is_dir() else package.parents[1] / "fixtures" / name
