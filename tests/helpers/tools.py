"""Optional tools of tests: without one, a test is skipped with a reason, or fails if REQUIRE_ALL_TOOLS is set."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRE_ALL = "REQUIRE_ALL_TOOLS"


def need(program: str, install: str) -> str:
    """Return the path of *program*, or skip the test and say that *install* installs it.

    With REQUIRE_ALL_TOOLS=1, as in CI, the test fails instead: nothing there may pass by being left out.
    """
    return shutil.which(program) or _missing(f"{program} is not on PATH; to run this test: {install}")


def need_file(path: Path, install: str) -> Path:
    """Return *path* if it exists, or skip the test as `need` does."""
    return path if path.exists() else _missing(f"{path.name} is not there; to run this test: {install}")


def _missing(reason: str) -> NoReturn:
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason} ({REQUIRE_ALL}=1 forbids to skip)", pytrace=False)
    pytest.skip(reason)
