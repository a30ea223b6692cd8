"""Refusals of the control plane, as RFC 9457 problem documents: what was wrong, where, and what would be right."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, json


class Problem(Exception):  # noqa: N818  # the RFC's own word
    """A control call that will not do; the world stays as it was.

    :param detail: what was wrong, and what would be right.
    :param more: what else the caller may want to know, by name.
    :param field: the field of the body or query it was about; empty: the call as a whole.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, *, field: str = "", more: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.more = more or {}

    def response(self) -> Response:
        """Return the answer."""
        facts = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value, "detail": self.detail}
        body = {**facts, **({"field": self.field} if self.field else {}), **self.more}
        return Response(json.dumps(body), self.status.value, content_type="application/problem+json")


def bad(detail: str, field: str = "") -> Problem:
    """Return the problem of a call that is wrong in itself."""
    return Problem(HTTPStatus.BAD_REQUEST, detail, field=field)
