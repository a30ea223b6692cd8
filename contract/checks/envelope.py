"""Checks of the envelope: keys, identifiers, and the shape of every answer."""

from contract.check import check
from contract.session import Session
from contract.targets.target import NOBODY


@check(
    "envelope.missing-key",
    "A request without a key is answered 401.",
    source='page, "Authentication" and "Error Handling"',
)
def missing_key(session: Session) -> None:
    """Sends a create and a read without any key."""
    answers = (
        session.post({"model": session.model.slug, "input": session.model.plain_input()}, caller=NOBODY),
        session.read("00000000-0000-4000-8000-000000000000", caller=NOBODY),
    )

    for exchange in answers:
        session.promise(exchange.status == 401, "401, since no key was sent", exchange)


CHECKS = (missing_key,)
