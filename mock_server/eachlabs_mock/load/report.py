"""Writes what came of a run into a directory: a page, its pictures, and all figures as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from eachlabs_mock.load.charts import Subject, pictures
from eachlabs_mock.load.metrics import Figures
from eachlabs_mock.load.text import headline, rows

PAGE, FIGURES = "report.html", "report.json"


def prepare(folder: Path) -> None:
    """Make sure that a report can be written to *folder*, before load is made for nothing.

    :raises OSError: it cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FIGURES).write_bytes(b"")


def write(found: Figures, asked: Mapping[str, object], sentence: str, folder: Path) -> None:
    """Write the report.

    :param asked: what the run was to do.
    :param sentence: the same, for people.
    """
    drawn = list(pictures(found.times, found.lines))
    for subject, picture in drawn:
        (folder / f"{subject.name}.svg").write_text(picture, encoding="utf-8")
    (folder / PAGE).write_text(page(found, sentence, drawn), encoding="utf-8")
    said = {"asked": dict(asked), "found": summary(found)}
    exact = json.dumps(said, indent=1, default=str)  # amounts of money as texts
    (folder / FIGURES).write_text(exact + "\n", encoding="utf-8")


def summary(found: Figures) -> dict[str, object]:
    """Return all figures, the derived ones too."""
    derived = {"per_second": found.per_second, "done_per_minute": found.done_per_minute}
    return {**asdict(found), **derived, "spend_per_minute": found.spend_per_minute}


def page(found: Figures, sentence: str, drawn: Sequence[tuple[Subject, str]]) -> str:
    """Return the page. It runs no script and asks for nothing, from anywhere; what a server said is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # --help of no command needs it

    environment = Environment(
        loader=PackageLoader("eachlabs_mock.load"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html")
    return template.render(headline=headline(found), sentence=sentence, rows=list(rows(found)), drawn=drawn)
