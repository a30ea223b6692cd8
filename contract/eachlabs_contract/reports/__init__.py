"""Reports on findings, callers and certificates: terminal, JUnit XML, JSON and HTML."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eachlabs_contract.reports.conduct import conduct_lines
from eachlabs_contract.reports.conduct_document import conduct_as_json
from eachlabs_contract.reports.terminal import CheckPrinter, broken_lines
from eachlabs_contract.reports.wording import shortened

if TYPE_CHECKING:
    from eachlabs_contract.reports.certificate.terminal import CertifyPrinter
    from eachlabs_contract.reports.explanation import claim_table, explain_claim
    from eachlabs_contract.reports.folder import prepare_folder, write_certificates, write_report

__all__ = [
    "CertifyPrinter", "CheckPrinter", "broken_lines", "claim_table", "conduct_as_json", "conduct_lines",
    "explain_claim", "prepare_folder", "shortened", "write_certificates", "write_report",
]  # fmt: skip

_MODULES = {
    "CertifyPrinter": "certificate.terminal",
    "claim_table": "explanation",
    "explain_claim": "explanation",
    "prepare_folder": "folder",
    "write_certificates": "folder",
    "write_report": "folder",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any public name
    """Import a name on first use if only one command needs it, so that the other commands start faster."""
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
