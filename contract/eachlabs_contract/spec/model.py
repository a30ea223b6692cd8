"""Models: the slug and the JSON Schema of the input, as the model's page describes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DEFAULT_MODEL: Final = "qwen-image"
PLAIN: Final = "A lighthouse made of paper"


class UnknownModelError(ValueError):
    """No file describes the model; the text names the known models."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as its page describes it.

    :param schema: JSON Schema of `input`; bounds are inclusive, and a missing bound is unknown.
    """

    slug: str
    schema: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The schema of each parameter, by name."""
        properties: Mapping[str, Mapping[str, Any]] = self.schema.get("properties", {})
        return properties

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the parameters that an input must hold."""
        return tuple(self.schema.get("required", ()))

    def plain_input(self, **values: object) -> dict[str, object]:
        """Return the simplest valid input, in which *values* replace or add parameters."""
        return {**{name: _plain(self.parameters[name]) for name in self.required}, **values}


def fixtures_folder() -> Path:
    """Return the directory of the model files and OpenAPI documents.

    A wheel holds a copy inside this package. A checkout or an editable install has them in its top folder.
    """
    package = Path(__file__).resolve().parents[1]
    inside = package / "fixtures"
    return inside if inside.is_dir() else package.parents[1] / "fixtures"


def load_model(slug: str = DEFAULT_MODEL) -> Model:
    """Return the model called *slug*.

    :raises UnknownModelError: there is no file for it.
    """
    files = {path.stem: path for path in sorted((fixtures_folder() / "models").glob("*.json"))}
    if slug not in files:
        raise UnknownModelError(f"unknown model {slug!r}; known models: {', '.join(files)}")
    return Model(slug, json.loads(files[slug].read_text())["request_schema"])


def _plain(parameter: Mapping[str, Any]) -> object:
    if "default" in parameter:
        return parameter["default"]
    if parameter.get("enum"):
        return parameter["enum"][0]
    plain = {"string": PLAIN, "boolean": False, "array": [], "object": {}}
    return plain.get(str(parameter.get("type")), parameter.get("minimum", 1))
