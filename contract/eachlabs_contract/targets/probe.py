"""Sends a few free requests to a server to find out what it is, before any check runs."""

from typing import Final

from eachlabs_contract.history import Answer, Headers, Request
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.transport import NoAnswerError, Transport

UNKNOWN_ID: Final = "00000000-0000-4000-8000-000000000000"
JSON: Final[Headers] = (("Content-Type", "application/json"),)

TRIES: Final = 5
"""Tries of one request to a server that answers with errors."""

QUICK_SECONDS: Final = 5.0
"""Real seconds without an answer after which a request is not tried again."""


class Probe:
    """Free requests to the server behind *transport*.

    :param prefix: the path before every route of its API.
    """

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport, self._prefix = transport, prefix

    def is_api(self, headers: Headers) -> bool:
        """Say whether a prediction API answers: in JSON, on at least one of its two routes.

        :raises NoAnswerError: no server answers.
        """
        answers = [self._read(()), self._create(()), *self._both(headers)]
        is_json = any(isinstance(answer.document, dict) for answer in answers)
        return is_json and any(answer.status not in {404, 405, 501} for answer in answers)

    def refusal(self, headers: Headers, *, of_any: bool = False) -> Answer | None:
        """Return an answer that refuses the key in *headers*; None where it is accepted.

        :param of_any: whether one refusing route is enough; by default both must refuse, since a fault of one route
            says nothing about the key.
        """
        answers = self._both(headers)
        refusals = [answer for answer in answers if answer.status in {401, 403}]
        return refusals[0] if refusals and (of_any or len(refusals) == len(answers)) else None

    def ask(self, request: Request) -> Answer:
        """Return the answer to *request*, with a few retries after server errors.

        :raises NoAnswerError: no answer came.
        """
        for _ in range(TRIES - 1):
            began = clock.monotonic()
            try:
                answer = self._transport.send(request)
            except NoAnswerError:
                if clock.monotonic() - began > QUICK_SECONDS:
                    raise
            else:
                if answer.status < 500:  # noqa: PLR2004  # HTTP
                    return answer
        return self._transport.send(request)

    def _both(self, headers: Headers) -> tuple[Answer, Answer]:
        return self._read(headers), self._create(headers)

    def _read(self, headers: Headers) -> Answer:
        """Read a prediction that does not exist."""
        return self.ask(Request("GET", f"{self._prefix}/prediction/{UNKNOWN_ID}", headers))

    def _create(self, headers: Headers) -> Answer:
        """Send a create without a model, which no server can accept."""
        return self.ask(Request("POST", f"{self._prefix}/prediction/", (*headers, *JSON), b"{}"))
