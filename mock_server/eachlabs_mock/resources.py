"""What comes with the emulator besides code: its version, models, OpenAPI documents and scenarios."""

from pathlib import Path

__version__ = "0.1.0"


def shipped(name: str) -> Path:
    """Return the directory called *name* among the data that is shipped.

    A wheel holds them inside the package; a checkout, which is also what an editable install reads, beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / "fixtures" / name
    return inside if inside.is_dir() else package.parents[1] / "fixtures" / name
