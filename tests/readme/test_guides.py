"""The guides name what exists, and their example works."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from eachlabs_mock.core import Message
from eachlabs_mock.faults import bodies
from readme.documents import ROOT

GUIDES = sorted((ROOT / "mock_server" / "guides").glob("*.md"))
SOURCES = [
    ROOT / "pyproject.toml",
    *(path for folder in ("mock_server", "contract", "tests") for path in (ROOT / folder).rglob("*.py")),
]


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Every name in the sources."""
    return {name for source in SOURCES for name in re.findall(r"\w+", source.read_text())}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_name_in_a_guide_is_in_the_sources(guide: Path, names: set[str]) -> None:
    text = re.sub(r"```.*?```", "", guide.read_text(), flags=re.DOTALL)
    named = set(re.findall(r"`(?:\w+\.)?([A-Za-z_]\w*)(?:\([^`]*\))?`", text)) - {"NAME"}

    assert named - names == set()


def test_the_example_of_a_fault_works() -> None:
    (code,) = re.findall(r"```py\n(.*?)```", (ROOT / "mock_server" / "guides" / "fault.md").read_text(), re.DOTALL)
    module: dict[str, Any] = dict(vars(bodies))

    exec(dedent(code), module)  # noqa: S102  # the guide is ours

    changed = module["OddCharset"]().corrupt(Message(b"{}", "application/json"))
    assert changed == Message(b"{}", "application/json; charset=none")
