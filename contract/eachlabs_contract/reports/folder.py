"""Writes every report of a run into one directory."""

import json
from collections.abc import Mapping
from pathlib import Path

from eachlabs_contract.reports import document, html, junit
from eachlabs_contract.verdict import Report


def prepare(folder: Path) -> None:
    """Make sure that reports can be written to *folder*, before a run is made for nothing.

    :raises OSError: they cannot.
    """
    (folder / "claims").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(b"")


def write(report: Report, folder: Path, methods: Mapping[str, str]) -> None:
    """Write `report.json`, `junit.xml`, `index.html` and a page for each claim below `claims/`.

    :param methods: how each claim is tested, in words, by its id.
    """
    said = json.dumps(document.document(report, methods), indent=1)
    (folder / "report.json").write_text(said + "\n", encoding="utf-8")
    (folder / "junit.xml").write_text(junit.render(report), encoding="utf-8")
    for path, page in html.pages(report, methods):
        (folder / path).write_text(page, encoding="utf-8")
