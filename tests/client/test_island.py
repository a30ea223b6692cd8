"""The folder stands alone: copied out under another name it works, and it takes `requests` and nothing else along."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import eachlabs_client

FOLDER = Path(eachlabs_client.__file__).parent
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.name != "demo.py")
THIRD_PARTY = {"requests", "urllib3"}  # urllib3 is what requests stands on; its exceptions tell what was sent


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_module_imports_nothing_but_requests_beside_the_standard_library(path: Path) -> None:
    allowed = THIRD_PARTY | ({"click"} if path.name == "__main__.py" else set())

    assert imported(path) - set(sys.stdlib_module_names) <= allowed


def test_only_waiting_reads_the_machines_clock() -> None:
    assert [path.name for path in MODULES if "time" in imported(path)] == ["waiting.py"]


def test_copied_out_under_another_name_it_works(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "their_client", ignore=shutil.ignore_patterns("__pycache__", "demo.py"))
    program = "import json, sys, their_client; their_client.Client(api_key='k'); print(json.dumps(list(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert {"click", "eachlabs_mock", "eachlabs_contract"}.isdisjoint(json.loads(done.stdout))


def test_everything_public_is_there() -> None:
    assert [name for name in eachlabs_client.__all__ if not hasattr(eachlabs_client, name)] == []
