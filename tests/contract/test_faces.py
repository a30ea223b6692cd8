"""The faces of the packages: each offers the names that it lists, and imports what is slow when it is used."""

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import eachlabs_contract

ROOT = "eachlabs_contract"
PACKAGES = [ROOT, *(f"{ROOT}.{each.name}" for each in iter_modules(eachlabs_contract.__path__) if each.ispkg)]


@pytest.mark.parametrize("package", PACKAGES)
def test_face_offers_every_name_that_it_lists(package: str) -> None:
    face = import_module(package)

    assert face.__all__
    assert [name for name in face.__all__ if not hasattr(face, name)] == []


@pytest.mark.parametrize("package", ["eachlabs_contract", "eachlabs_contract.inputs", "eachlabs_contract.reports"])
def test_name_that_is_not_listed_is_missing(package: str) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'chek'"):
        _ = import_module(package).chek


@pytest.mark.parametrize("module", ["pytest_plugin", "cli.check", "cli.report", "manners"])
def test_no_library_of_the_extra_is_imported_before_it_is_used(module: str) -> None:
    libraries = ("hypothesis", "schemathesis")
    code = f"import sys, eachlabs_contract.{module}; sys.exit(any(name in sys.modules for name in {libraries}))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
