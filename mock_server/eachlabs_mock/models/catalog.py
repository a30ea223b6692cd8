"""The catalogue of models, read from directories of model files."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from eachlabs_mock.models.model import Model
from eachlabs_mock.models.model_file import ModelFileError, read_model
from eachlabs_mock.resources import shipped


class Catalog(Mapping[str, Model]):
    """Models by slug, in the order of their slugs; immutable."""

    __slots__ = ("_models",)

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = dict(sorted(models.items()))

    @classmethod
    def load(cls, *directories: Path) -> Self:
        """Return the models in all *directories*; of two models with one slug, the one in the later directory is used.

        :raises ModelFileError: a file is invalid, a directory is missing or has no `*.json`, or two files of one
            directory have the same slug.
        """
        models: dict[str, Model] = {}
        for directory in directories:
            models |= _models_in(directory)
        return cls(models)

    def __getitem__(self, slug: str) -> Model:
        return self._models[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def search(self, name: str | None, limit: int, offset: int) -> list[Model]:
        """Return up to *limit* models after the first *offset* whose slug or title contains *name*, in any case."""
        part = (name or "").casefold()
        matches = [model for model in self.values() if part in model.slug or part in model.title.casefold()]
        return matches[offset : offset + limit]

    def closest(self, slug: str) -> list[str]:
        """Return up to three slugs that contain *slug* or are similar to it, the most similar first."""
        part = slug[:200].lower().replace("_", "-")
        containing = [known for known in self if part in known][:3] if part else []
        return containing or difflib.get_close_matches(part, list(self), n=3)

    def unknown(self, slug: str) -> str:
        """Return the error text for a *slug* that is not in the catalogue."""
        near = " or ".join(self.closest(slug))
        advice = f"; did you mean {near}?" if near else "."
        return f"Unknown model {slug[:100]!r}. GET /v1/models lists the models{advice}"


def shipped_models() -> Path:
    """Return the directory of the built-in models."""
    return shipped("models")


def _models_in(directory: Path) -> dict[str, Model]:
    if not directory.is_dir():
        raise ModelFileError(directory, "directory", "it does not exist", "name a directory with model files")
    files = [file for file in sorted(directory.glob("*.json")) if not file.name.startswith(".")]
    if not files:
        raise ModelFileError(directory, "directory", "it contains no *.json", "name a directory with model files")
    models: dict[str, Model] = {}
    sources: dict[str, Path] = {}
    for file in files:
        model = read_model(file)
        if model.slug in models:
            what = f'"{model.slug}" is also the slug of {sources[model.slug].name}'
            raise ModelFileError(file, "slug", what, "each file of a directory needs its own slug")
        models[model.slug], sources[model.slug] = model, file
    return models
