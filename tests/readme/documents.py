"""The documents of the project: where they are, their headings, links and blocks of code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

DOCUMENTS = (
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "mock_server" / "README.md",
    ROOT / "mock_server" / "PYTEST.md",
    *sorted((ROOT / "mock_server" / "guides").glob("*.md")),
    ROOT / "contract" / "README.md",
    ROOT / "client" / "README.md",
    ROOT / "tests" / "README.md",
    ROOT / "tests" / "bench" / "README.md",
    ROOT / "tests" / "soak" / "README.md",
    ROOT / ".github" / "CONTRIBUTING.md",
    ROOT / ".github" / "SECURITY.md",
)

_FENCED = re.compile(
    r"^(?:<!-- (?P<mark>\w+): (?P<value>[^\n]*) -->\n)?```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of code.

    :param mark: what a comment in front of it says: `recipe`, `from`, or nothing.
    :param value: what follows the mark.
    :param line: the line of its fence, from 1.
    """

    mark: str
    value: str
    language: str
    code: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    """Yield the fenced blocks of *document* in order."""
    text = document.read_text()
    for fence in _FENCED.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        yield Block(fence["mark"] or "", fence["value"] or "", fence["language"], fence["code"], line)


def prose(document: Path) -> str:
    """Return the text of *document* without its blocks of code."""
    return _FENCED.sub("", document.read_text())


def anchors(document: Path) -> set[str]:
    """Return the anchors of the headings of *document*, as GitHub makes them."""
    names = (
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(prose(document))
    )
    return set(names)


def relative_links(document: Path) -> list[str]:
    """Return the targets of the links of *document* that lead into the project."""
    return [target for target in _LINK.findall(prose(document)) if not re.match(r"[a-z]+:", target)]
