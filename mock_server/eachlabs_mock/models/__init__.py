"""Reads model files, validates inputs for a model, and converts model pages to model files."""

from eachlabs_mock.models.catalog import Catalog, shipped_models
from eachlabs_mock.models.importer import Imported, import_model
from eachlabs_mock.models.model import Model
from eachlabs_mock.models.model_file import ModelFileError
from eachlabs_mock.models.page_parser import ImportProblem

__all__ = ["Catalog", "ImportProblem", "Imported", "Model", "ModelFileError", "import_model", "shipped_models"]
