"""Every recipe works as it is printed, and every excerpt stands in the file that it names."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from readme.documents import DOCUMENTS, README, ROOT, Block, blocks
from readme.recipes import Outcome, is_slow, recipes, run

LINE_OF_OUTPUT = re.compile(r"^# (\{.*\})$", re.MULTILINE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

RUNNING = [document for document in DOCUMENTS if document.exists() and recipes(document, slow=False)]
SLOW = [document for document in DOCUMENTS if document.exists() and is_slow(document)]
EXCERPTS = [(document, block) for document in DOCUMENTS for block in blocks(document) if block.mark == "from"]


def name(value: object) -> str | None:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else None


@pytest.mark.parametrize("document", RUNNING, ids=name)
def test_recipes_of_a_document_run_in_order_in_a_fresh_shell(document: Path, tmp_path: Path) -> None:
    outcome = run(document, tmp_path, slow=False)

    assert outcome.exit_code == 0, outcome.output
    for block in recipes(document, slow=False):
        assert_output_is_printed(block, outcome)


@pytest.mark.slow
@pytest.mark.parametrize("document", SLOW, ids=name)
def test_slow_recipes_run_as_well(document: Path, tmp_path: Path) -> None:
    outcome = run(document, tmp_path, slow=True)

    assert outcome.exit_code == 0, outcome.output


def assert_output_is_printed(block: Block, outcome: Outcome) -> None:
    """Assert that each comment that shows a JSON answer stands in the output, but for ids, ports and numbers."""
    if block.language == "sh":
        printed = shape(outcome.output)
        for shown in LINE_OF_OUTPUT.findall(block.code):
            assert shape(shown) in printed, outcome.output


def shape(text: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "#", UUID.sub("ID", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_recipe_that_is_skipped_says_why(document: Path) -> None:
    for block in blocks(document):
        if block.mark == "recipe":
            assert re.fullmatch(r"slow|file \S+|skip: .{10,}", block.value), f"line {block.line}"


@pytest.mark.parametrize(("document", "block"), EXCERPTS, ids=name)
def test_an_excerpt_stands_in_the_file_that_it_names(document: Path, block: Block) -> None:
    assert block.code in (ROOT / block.value).read_text(), f"{document.name}, line {block.line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_no_recipe_installs_what_no_index_has(document: Path) -> None:
    for block in blocks(document):
        for installed in re.findall(r"pip install (.+)", block.code):
            assert not re.search(r"(?<![/\w.-])eachlabs[-_]mock(?!-[\d*])", installed), f"line {block.line}"


@pytest.mark.slow
def test_the_commands_of_the_workflow_work_in_a_project(tmp_path: Path) -> None:
    (workflow,) = (yaml.safe_load(block.code) for block in blocks(README) if block.language == "yaml")
    steps = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    shutil.copytree(ROOT / "fixtures" / "projects" / "pytest", tmp_path / "project")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    for step in steps:
        if not step.startswith("pip install"):
            subprocess.run(["sh", "-euc", step], cwd=tmp_path / "project", env={**os.environ, "PATH": path}, check=True)

    assert len(steps) > 1
