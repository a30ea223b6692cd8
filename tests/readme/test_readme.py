"""The documents are short, true and connected: tables are those of the code, links resolve, flags exist."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from defects.catalogue import DEFECTS
from eachlabs_client.__main__ import main as client_commands
from eachlabs_contract.certification import trial_rows
from eachlabs_contract.cli.group import main as judge_commands
from eachlabs_contract.manners import MANNERS
from eachlabs_mock.__main__ import main as emulator_commands
from eachlabs_mock.faults.registry import FAULTS
from readme.documents import DOCUMENTS, README, ROOT, anchors, blocks, prose, relative_links
from readme.tables import with_tables

MOST_LINES = 220
MOST_WORDS = 2000

TRIALS = sum(not row[0].startswith("hygiene.") for row in trial_rows())
"""Without the habits, which are judged over all trials."""

BUILDERS = {"dev", "install"}
"""Extras for people who build the project, not for people who use it."""

DEMO = ROOT / "client" / "README.md"


def name(value: object) -> str | None:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else None


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


@documents
def test_tables_are_those_of_the_code(document: Path) -> None:
    text = document.read_text()

    assert with_tables(text) == text, "run: make readme"


def test_the_readme_takes_ten_minutes() -> None:
    text = README.read_text()

    assert len(text.splitlines()) <= MOST_LINES
    assert len(text.split()) <= MOST_WORDS


def test_the_contents_of_the_readme_list_every_section() -> None:
    contents = set(re.findall(r"\]\(#([\w-]+)\)", README.read_text().split("\n## ")[0]))
    sections = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", prose(README), re.MULTILINE)}

    assert contents == sections


@documents
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in relative_links(document):
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@documents
def test_every_path_that_is_named_exists(document: Path) -> None:
    """A path from the root of the checkout, in backticks; `...` and `NAME` stand for what a reader fills in."""
    for path in re.findall(
        r"`((?:mock_server|contract|client|tests|fixtures|\.ci|\.github)/[^\s`]*)`", prose(document)
    ):
        if not re.search(r"NAME|\.\.\.|\*", path):
            assert (ROOT / path.split("::")[0]).exists(), path


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (README, f"there are {len(FAULTS)} [faults]"),
        (ROOT / "mock_server" / "README.md", f"There are {len(FAULTS)}, and four ways"),
        (ROOT / "CHANGELOG.md", f"- {len(FAULTS)} faults of"),
        (ROOT / "CHANGELOG.md", f"by {len(MANNERS)} manners"),
        (ROOT / "CHANGELOG.md", f"in {TRIALS} trials"),
        (ROOT / "contract" / "README.md", f"in each of {TRIALS} trials"),
        (ROOT / "contract" / "README.md", f"plants {len(DEFECTS)} defects"),
    ],
    ids=name,
)
def test_a_number_in_a_sentence_is_that_of_the_code(document: Path, sentence: str) -> None:
    assert sentence in document.read_text()


def test_the_table_of_dependencies_is_that_of_the_metadata() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: libraries for name, libraries in project["optional-dependencies"].items() if name not in BUILDERS}
    section = (ROOT / "mock_server" / "README.md").read_text().split("\n## Dependencies\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", section, re.MULTILINE)
    ]

    listed = {library.lower() for row in rows if len(row) == 2 for library in row[0].split(", ")}
    listed_extras = {(row[0].strip("`"), row[1].lower()) for row in rows if len(row) == 3}

    assert listed - {"library", "---"} == {bare_name(library) for library in project["dependencies"]}
    assert listed_extras - {("extra", "library"), ("---", "---")} == {
        (extra, bare_name(library)) for extra, libraries in extras.items() for library in libraries
    }


def bare_name(requirement: str) -> str:
    return re.split(r"[<>=~!\[; ]", requirement)[0].lower()


def flags(group: click.Group) -> Iterator[str]:
    """Yield every flag of every command of a group."""
    context = click.Context(group)
    for command_name in group.list_commands(context):
        command = group.get_command(context, command_name)
        for option in command.get_params(context) if command else ():
            yield from (*option.opts, *option.secondary_opts)


@documents
def test_every_flag_that_is_mentioned_exists(document: Path) -> None:
    ours = set(chain.from_iterable(map(flags, (emulator_commands, client_commands, judge_commands))))
    plugin = {flag.replace("--", "--contract-") for flag in (*ours, "--app", "--url")}
    ours |= {"--help", "--help-all"}
    others = {
        "--data",  # curl
        "--app",  # flask
        "--dist",  # pytest-xdist
        "--minutes",  # make soak
        "--seconds",  # make fuzz
        "--require-hashes",  # pip
    }

    mentioned = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", document.read_text()))

    assert mentioned - ours - plugin - others == set()


def test_demo_output_is_what_the_demo_prints(tmp_path: Path) -> None:
    (quoted,) = (block.code for block in blocks(DEMO) if block.code.startswith("$ make demo\n"))

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
    assert shape(run.stdout) == shape(quoted.removeprefix("$ make demo\n"))
    assert sorted(path.name for path in (tmp_path / "demo-output").iterdir()) == [
        "bicycle.jpg",
        "lighthouse.webp",
        "tea-poster.png",
    ]


def shape(text: str) -> str:
    """Return *text* without what differs from run to run: ports, seconds, sizes."""
    return re.sub(r" +", " ", re.sub(r"\d+(\.\d+)?", "#", text)).strip()
