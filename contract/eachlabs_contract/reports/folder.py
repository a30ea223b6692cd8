"""Writes the reports of a run into one directory: `report.json`, `junit.xml`, `index.html` and the detail pages."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from eachlabs_contract.certification import Certificate
from eachlabs_contract.reports.certificate.document import certificates_as_json
from eachlabs_contract.reports.certificate.junit import render_certificates
from eachlabs_contract.reports.document import report_as_json
from eachlabs_contract.reports.junit import render_report
from eachlabs_contract.verdict import Report


def prepare_folder(folder: Path, parts: str) -> None:
    """Check before a long run that *folder* is writable.

    :param parts: the directory of the detail pages: "claims" or "cells".
    :raises OSError: it is not writable.
    """
    (folder / parts).mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(b"")


def write_report(report: Report, folder: Path, methods: Mapping[str, str]) -> None:
    """Write the reports of `check`.

    :param methods: the test method of each claim, by its id.
    """
    from eachlabs_contract.reports.html import report_pages  # noqa: PLC0415  # Jinja is slow to import

    _write(folder, report_as_json(report, methods), render_report(report), report_pages(report, methods))


def write_certificates(certificates: tuple[Certificate, ...], folder: Path) -> None:
    """Write the reports of `certify`."""
    from eachlabs_contract.reports.certificate.html import certificate_pages  # noqa: PLC0415  # the same

    pages = certificate_pages(certificates)
    _write(folder, certificates_as_json(certificates), render_certificates(certificates), pages)


def _write(folder: Path, document: object, junit: str, pages: Iterable[tuple[str, str]]) -> None:
    (folder / "report.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / "junit.xml").write_text(junit, encoding="utf-8")
    for path, page in pages:
        (folder / path).write_text(page, encoding="utf-8")
