"""How a check ends early: with a promise that was broken, or with nothing that could be concluded."""

from collections.abc import Sequence

from eachlabs_contract.history.events import Delivery, Event, Exchange


class BrokenError(Exception):
    """A promise was broken: what was expected, what came, and the events that show it.

    :param got: what came, in words; empty: what the last piece of evidence says.
    """

    def __init__(self, expected: str, got: str, evidence: tuple[Event, ...]) -> None:
        got = got or _summary(evidence)
        super().__init__(f"expected: {expected}; got: {got}")
        self.expected, self.got, self.evidence = expected, got, evidence


class InconclusiveError(Exception):
    """Things went so that nothing can be concluded; the text says how."""


def _summary(evidence: Sequence[Event]) -> str:
    match evidence[-1:]:
        case [Exchange(answer=None, failure=failure)]:
            return f"no answer: {failure}"
        case [Exchange(answer=answer)] if answer:
            return f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        case [Delivery(request=request)]:
            return f"a webhook: {request.body[:300].decode(errors='replace')}"
        case _:
            return "nothing"
