"""Writes certificates as HTML: a table of trials and programs, and a page for each cell.

The pages contain no script and load nothing. All text from programs and servers is escaped.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from eachlabs_contract.certification import Certificate, Grade, Result
from eachlabs_contract.reports.certificate.wirelog import entries
from eachlabs_contract.reports.html import page_environment


@dataclass(frozen=True, slots=True)
class Cell:
    """One program in one trial: a cell of the table.

    :param place: the number of the program, from 1.
    """

    place: int
    certificate: Certificate
    result: Result

    @property
    def path(self) -> str:
        """The path of its page."""
        return f"cells/{self.place}-{self.result.trial.id}.html"


def certificate_pages(certificates: tuple[Certificate, ...]) -> Iterator[tuple[str, str]]:
    """Return the pages, each with its path."""
    environment = page_environment("eachlabs_contract.reports.certificate")
    columns = [
        [Cell(place, certificate, result) for result in certificate.rows]
        for place, certificate in enumerate(certificates, 1)
    ]
    yield (
        "index.html",
        environment.get_template("matrix.html").render(
            certificates=certificates, sections=_sections(columns), grades=Grade
        ),
    )
    template = environment.get_template("cell.html")
    for cells in columns:
        for number, cell in enumerate(cells):
            before = cells[number - 1] if number else None
            after = cells[number + 1] if number + 1 < len(cells) else None
            yield cell.path, template.render(cell=cell, before=before, after=after, **_facts(cell.result))


def _sections(columns: list[list[Cell]]) -> list[tuple[str, list[tuple[Cell, ...]]]]:
    """Return the rows of the table by group, each with the group's name."""
    grouped = groupby(zip(*columns, strict=True), lambda row: row[0].result.trial.group)
    return [(group.value, list(rows)) for group, rows in grouped]


def _facts(result: Result) -> dict[str, object]:
    seen = result.observation
    wire, left_out = entries(seen) if seen else ([], 0)
    rules = [json.dumps(dict(rule)) for rule in result.trial.rules]
    return {"result": result, "trial": result.trial, "seen": seen, "wire": wire, "left_out": left_out, "rules": rules}
