"""The models room: what a model file says, what an input may hold, and how a model page becomes a model file."""

from eachlabs_mock.models.catalog import Catalog, Model, ModelFileError, shipped_models

__all__ = ["Catalog", "Model", "ModelFileError", "shipped_models"]
