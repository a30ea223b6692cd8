"""Asks a server the few questions that tell what it is, before anything is held against it. None can cost anything."""

from typing import Final

from eachlabs_contract.history import Answer, Headers, Request
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.transport import NoAnswerError, Transport

UNKNOWN_ID: Final = "00000000-0000-4000-8000-000000000000"
JSON: Final[Headers] = (("Content-Type", "application/json"),)

TRIES: Final = 5
"""Times that a question is asked of a server that stumbles."""

QUICK_SECONDS: Final = 5.0
"""Who takes longer than this not to answer is not asked again."""


class Probe:
    """Questions to the server behind *transport*.

    :param prefix: the path before every route of its API.
    """

    def __init__(self, transport: Transport, prefix: str) -> None:
        self._transport, self._prefix = transport, prefix

    def is_api(self, headers: Headers) -> bool:
        """Say whether a prediction API answers: in JSON, at one of its two routes at least.

        :raises NoAnswerError: nobody answers.
        """
        answers = [self._read(()), self._create(()), *self._both(headers)]
        speaks = any(isinstance(each.document, dict) for each in answers)
        return speaks and any(each.status not in {404, 405, 501} for each in answers)

    def refusal(self, headers: Headers, *, of_any: bool = False) -> Answer | None:
        """Return an answer that refuses the key in *headers*; None where it is taken.

        :param of_any: whether one route is enough to refuse it; by default both must, so that a slip of the server
            at one of them is not taken for a wrong key.
        """
        answers = self._both(headers)
        refusals = [each for each in answers if each.status in {401, 403}]
        return refusals[0] if refusals and (of_any or len(refusals) == len(answers)) else None

    def ask(self, request: Request) -> Answer:
        """Return the answer to *request*, asked again a few times where the server stumbles.

        :raises NoAnswerError: none came.
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
        """Ask for a prediction that nobody made."""
        return self.ask(Request("GET", f"{self._prefix}/prediction/{UNKNOWN_ID}", headers))

    def _create(self, headers: Headers) -> Answer:
        """Ask for a prediction of no model: no server can take that."""
        return self.ask(Request("POST", f"{self._prefix}/prediction/", (*headers, *JSON), b"{}"))
