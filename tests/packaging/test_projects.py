"""The small projects of the documents work as a user would run them: in a folder of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.tools import need

PROJECTS = Path(__file__).parents[2] / "fixtures" / "projects"


def run(project: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run *command* in a copy of *project*, in an environment without settings of ours."""
    copy = folder / project
    shutil.copytree(PROJECTS / project, copy, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("EACHLABS_", "PYTEST_", "COV_"))
    }
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("project", "passed"), [("pytest", 3), ("webhook_receiver", 6)])
def test_the_tests_of_a_project_pass(project: str, passed: int, tmp_path: Path) -> None:
    done = run(project, tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:locust", "-p", "no:schemathesis")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout


def node() -> str:
    """Return the path of a Node that has `fetch`."""
    program = need("node", "apt-get install nodejs")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", version)[0]) < 18:
        pytest.skip(f"node {version.strip()} has no fetch; the project needs 18")
    return program


@pytest.mark.parametrize(
    ("prompt", "exit_code", "told"),
    [
        ("a red bicycle", 0, r"http://127\.0\.0\.1:\d+/outputs/[0-9a-f-]{36}\.webp\n"),
        (
            "a lamp [mock:rate_limited; route=read; times=1]",
            0,
            r"http://127\.0\.0\.1:\d+/outputs/[0-9a-f-]{36}\.webp\n",
        ),
        ('a lamp [mock:fail; message="No GPU"]', 1, r"Error: No GPU: "),
    ],
)
def test_the_node_poller_gets_its_picture_or_says_why(prompt: str, exit_code: int, told: str, tmp_path: Path) -> None:
    mock = (sys.executable, "-m", "eachlabs_mock", "exec", "--speed", "10", "--")

    done = run("node_poller", tmp_path, *mock, node(), "poller.mjs", prompt)

    assert done.returncode == exit_code, done.stderr
    assert re.search(told, done.stderr if exit_code else done.stdout), done.stdout + done.stderr
