"""The table of refusals: all error responses of the emulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of the table.

    :param status: HTTP status (page profile).
    :param message: the `message` of the error body.
    :param definite: whether the response proves that no work was done, so that a create can safely be sent again.
    :param source: where the row is documented.
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
"""The rows of the table by key."""


def refusal_of_status(status: int) -> Refusal:
    """Return the first row with the HTTP *status*; a new one if the table has none."""
    known = (row for row in _ROWS if row.status == status)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    return next(known, Refusal("other", status, phrase, definite=False, source=_SILENT))


class ApiError(Exception):
    """A refusal as an exception.

    :param row: the row of the table, or its key.
    :param details: what was wrong, where, and what is legal; never empty.
    :param wait: milliseconds until the same request is accepted, if it was refused by a limit.
    :param headers: further headers that HTTP requires, such as `Allow`.
    """

    def __init__(
        self, row: str | Refusal, details: str, *, wait: int | None = None, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(details)
        self.refusal = REFUSALS[row] if isinstance(row, str) else row
        self.details = details
        self.wait = wait
        self.headers = headers
