"""The README cannot lag: its tables are those of the code, its recipes run, its flags exist."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from eachlabs_client.__main__ import main as client_commands
from eachlabs_contract.cli.group import main as judge_commands
from eachlabs_mock.__main__ import main as emulator_commands
from helpers.live_server import LiveServer
from readme.tables import README, ROOT, with_tables

TEXT = README.read_text()
BLOCK = re.compile(r"(?:<!-- recipe: (?P<how>[^>]*) -->\n)?```(?P<language>sh|python)\n(?P<code>.*?)```", re.DOTALL)
BIN = Path(sys.executable).parent


class Recipe(NamedTuple):
    language: str
    code: str
    folder: str | None


def recipes() -> Iterator[Recipe]:
    for found in BLOCK.finditer(TEXT):
        how = found["how"] or ""
        if how != "skip":
            yield Recipe(found["language"], found["code"], how.removeprefix("cwd ") or None)


def test_tables_are_those_of_the_code() -> None:
    assert with_tables(TEXT) == TEXT, "run: make readme"


@pytest.mark.parametrize("recipe", list(recipes()), ids=lambda recipe: recipe.code.split("\n")[0][:60])
def test_recipe_runs(recipe: Recipe, live_server: LiveServer, tmp_path: Path) -> None:
    command = [sys.executable, "-c", recipe.code] if recipe.language == "python" else ["sh", "-euc", recipe.code]
    environment = {
        "EACHLABS_BASE_URL": live_server.base_url,
        "EACHLABS_API_KEY": f"key-of-{tmp_path.name}",  # nobody else's, or what others did would be reported, too
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SCRATCH": str(tmp_path),
        "CURL_HOME": str(tmp_path),
    }
    (tmp_path / ".curlrc").write_text("fail-with-body\n")  # else curl would call any answer a success

    run = subprocess.run(
        command,
        cwd=ROOT / recipe.folder if recipe.folder else tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def flags(group: click.Group) -> Iterator[str]:
    """Yield every flag of every command of a group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        for option in command.get_params(context) if command else ():
            yield from (*option.opts, *option.secondary_opts)


def test_every_flag_that_is_mentioned_exists() -> None:
    ours = set(chain.from_iterable(map(flags, (emulator_commands, client_commands, judge_commands))))
    plugin = {each.replace("--", "--contract-") for each in (*ours, "--app", "--url")}
    others = {"--data"}  # curl's

    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT))

    assert mentioned - ours - plugin - others == set()


def test_demo_output_is_what_the_demo_prints(tmp_path: Path) -> None:
    quoted = re.search(r"\$ make demo\n(.*?)```", TEXT, re.DOTALL)
    assert quoted is not None

    run = subprocess.run(
        [sys.executable, "-m", "eachlabs_client.demo", "--out", "demo-output"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert shape(run.stdout) == shape(quoted[1])
    assert sorted(path.name for path in (tmp_path / "demo-output").iterdir()) == [
        "bicycle.jpg",
        "lighthouse.webp",
        "tea-poster.png",
    ]


def shape(text: str) -> str:
    """Return *text* without what differs from run to run: ports, seconds, sizes."""
    return re.sub(r" +", " ", re.sub(r"\d+(\.\d+)?", "#", text)).strip()
