"""The models the emulator knows, read from directories of model files."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from eachlabs_mock.models.model import Model
from eachlabs_mock.models.model_file import ModelFileError, read_model
from eachlabs_mock.resources import shipped

__all__ = ["Catalog", "Model", "ModelFileError", "shipped_models"]


class Catalog(Mapping[str, Model]):
    """Models by slug, in the order of their slugs; never changed once made."""

    __slots__ = ("_models",)

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = dict(sorted(models.items()))

    @classmethod
    def load(cls, *directories: Path) -> Self:
        """Return the models in all *directories*; of two with one slug the one in the later directory counts.

        Raises ModelFileError for a file with an error, a directory that is absent or holds no `*.json`, and two
        files with one slug in one directory.
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
        """Return up to *limit* models after the first *offset*, those whose slug or title holds *name* in any case."""
        wanted = (name or "").casefold()
        found = [model for model in self.values() if wanted in model.slug or wanted in model.title.casefold()]
        return found[offset : offset + limit]

    def closest(self, slug: str) -> list[str]:
        """Return up to three slugs that *slug* may be a slip of, best first."""
        asked = slug[:200].lower().replace("_", "-")
        holding = [each for each in self if asked in each][:3] if asked else []
        return holding or difflib.get_close_matches(asked, list(self), n=3)


def shipped_models() -> Path:
    """Return the directory of the models that come with the emulator."""
    return shipped("models")


def _models_in(directory: Path) -> dict[str, Model]:
    if not directory.is_dir():
        raise ModelFileError(directory, "directory", "there is none", "name a directory that holds model files")
    files = [file for file in sorted(directory.glob("*.json")) if not file.name.startswith(".")]
    if not files:
        raise ModelFileError(directory, "directory", "no *.json is in it", "name a directory that holds model files")
    models: dict[str, Model] = {}
    sources: dict[str, Path] = {}
    for file in files:
        model = read_model(file)
        if model.slug in models:
            what = f'"{model.slug}" is also the slug of {sources[model.slug].name}'
            raise ModelFileError(file, "slug", what, "each slug may stand in one file of a directory")
        models[model.slug], sources[model.slug] = model, file
    return models
