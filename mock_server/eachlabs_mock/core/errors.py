"""The table of refusals: every way the emulator says no, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of the table.

    :param status: HTTP status (page profile).
    :param message: what went wrong, in a few words.
    :param definite: whether the answer proves that no work was done, so that a create may be sent again.
    :param source: where the row comes from.
    """

    key: str
    status: int
    message: str
    definite: bool
    source: str


_PAGE = "page"
_SILENT = "the page is silent"

_ROWS = (
    Refusal("bad_request", 400, "Bad request", definite=True, source=_PAGE),
    Refusal("malformed_json", 400, "Malformed JSON", definite=True, source=_PAGE),
    Refusal("invalid_body", 400, "Invalid request body", definite=True, source=_PAGE),
    Refusal("invalid_input", 400, "Invalid input parameters", definite=True, source=_PAGE),
    Refusal("wrong_content_type", 400, "Unsupported content type", definite=True, source=_SILENT),
    Refusal("unauthorized", 401, "Invalid or missing API key", definite=True, source=_PAGE),
    Refusal("unknown_model", 404, "Model not found", definite=True, source=_SILENT),
    Refusal("unknown_prediction", 404, "Prediction not found", definite=True, source=_SILENT),
    Refusal("unknown_output", 404, "Output not found", definite=True, source=_SILENT),
    Refusal("unknown_route", 404, "Route not found", definite=True, source=_SILENT),
    Refusal("wrong_method", 405, "Method not allowed", definite=True, source=_SILENT),
    Refusal("body_too_large", 413, "Request body too large", definite=True, source=_SILENT),
    Refusal("unsatisfiable_range", 416, "Range not satisfiable", definite=True, source="RFC 9110"),
    Refusal("rate_limited", 429, "Rate limit exceeded", definite=True, source=_PAGE),
    Refusal("too_many_in_flight", 429, "Too many concurrent predictions", definite=True, source=_PAGE),
    Refusal("store_full", 429, "The emulator is full", definite=True, source="emulator only"),
    Refusal("server_error", 500, "Internal server error", definite=False, source=_PAGE),
    Refusal("store_unwritable", 500, "The emulator cannot write its store", definite=False, source="emulator only"),
)

REFUSALS: Mapping[str, Refusal] = MappingProxyType({row.key: row for row in _ROWS})
"""The table: rows by key."""


def refusal_of_status(status: int) -> Refusal:
    """Return the table's first row with that HTTP *status*; one made for it, where the table has none."""
    known = (row for row in _ROWS if row.status == status)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    return next(known, Refusal("other", status, phrase, definite=False, source=_SILENT))


class ApiError(Exception):
    """A row of the table, raised.

    :param row: the row, or its key.
    :param details: what was wrong, where, and what would be right; never empty.
    :param wait: milliseconds after which the same request would pass, where that is why it was refused.
    :param headers: what HTTP wants said besides, such as `Allow`.
    """

    def __init__(
        self, row: str | Refusal, details: str, *, wait: int | None = None, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(details)
        self.refusal = REFUSALS[row] if isinstance(row, str) else row
        self.details = details
        self.wait = wait
        self.headers = headers
