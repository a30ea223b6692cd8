"""Writes every report of a certification into one directory."""

import json
from pathlib import Path

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.reports.certificate import document, html, junit


def prepare(folder: Path) -> None:
    """Make sure that reports can be written to *folder*, before minutes are spent for nothing.

    :raises OSError: they cannot.
    """
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(b"")


def write(certificates: tuple[Certificate, ...], folder: Path) -> None:
    """Write `report.json`, `junit.xml`, `index.html` and a page for each cell of the matrix below `cells/`."""
    said = json.dumps(document.document(certificates), indent=1)
    (folder / "report.json").write_text(said + "\n", encoding="utf-8")
    (folder / "junit.xml").write_text(junit.render(certificates), encoding="utf-8")
    for path, page in html.pages(certificates):
        (folder / path).write_text(page, encoding="utf-8")
