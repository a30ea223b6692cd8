"""Refusals of the control plane as RFC 9457 problem documents."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, json


class Problem(Exception):  # noqa: N818  # the RFC's own word
    """A refused control call; the world is unchanged.

    :param detail: what was wrong, and what would be right.
    :param field: the wrong field of the body or query; empty: the call as a whole.
    :param more: more members of the document, by name.
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
        """Return the response."""
        facts = {"type": "about:blank", "title": self.status.phrase, "status": self.status.value, "detail": self.detail}
        body = {**facts, **({"field": self.field} if self.field else {}), **self.more}
        return Response(json.dumps(body), self.status.value, content_type="application/problem+json")


def bad(detail: str, field: str = "") -> Problem:
    """Return the problem of an invalid call, with status 400."""
    return Problem(HTTPStatus.BAD_REQUEST, detail, field=field)
