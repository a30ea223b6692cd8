"""The version, and the data files: models, OpenAPI documents, scenarios, and the templates of pages."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

__version__ = "0.1.0"


def shipped(name: str) -> Path:
    """Return the directory *name* of the built-in data.

    In a wheel it is inside the package; in a checkout, or an editable install of one, in `fixtures`.
    """
    package = Path(__file__).resolve().parent
    inside = package / "fixtures" / name
    return inside if inside.is_dir() else package.parents[1] / "fixtures" / name


@cache
def template(package: str, name: str) -> "Template":
    """Return the template of a page; it escapes all values, and refuses one that is missing."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # slow, and --help does not need it

    loader, undefined = PackageLoader(package), StrictUndefined
    environment = Environment(loader=loader, autoescape=True, undefined=undefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(name)
