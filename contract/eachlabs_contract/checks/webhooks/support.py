"""The webhooks that have arrived at a URL, and promises about them."""

from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import Delivery
from eachlabs_contract.spec import page
from eachlabs_contract.verdict import InconclusiveError


def path_of(hook: str) -> str:
    """Return path and query of a URL."""
    return "/" + hook.split("/", 3)[3]


def arrived_at(session: Session, hook: str, expected: int = 0) -> tuple[Delivery, ...]:
    """Return the webhooks that have arrived at *hook*; *expected* as for `Session.deliveries`."""
    return tuple(delivery for delivery in session.deliveries(expected) if delivery.path == path_of(hook))


def first_at(session: Session, hook: str) -> Delivery:
    """Return the first webhook that has arrived at *hook*.

    :raises InconclusiveError: none has arrived; another claim covers that.
    """
    for delivery in arrived_at(session, hook, 1):
        return delivery
    raise InconclusiveError("no webhook arrived; another claim covers that")


def promise_one(session: Session, hook: str, prediction_id: str, when: str) -> None:
    """Promise that exactly one webhook has arrived at *hook*, and that it is about the prediction."""
    arrived = arrived_at(session, hook, 1)
    got = "" if len(arrived) == 1 else f"{len(arrived)} webhooks"
    session.promise(len(arrived) == 1, f"exactly one webhook {when}", *(arrived or session.events[-1:]), got=got)
    about = page.webhook(arrived[0].document).prediction_id
    session.promise(about == prediction_id, f"`exec_id` {prediction_id!r}, the predictionID of its create", arrived[0])


def promise_nothing(session: Session, why: str) -> None:
    """Promise that no webhook has arrived anywhere."""
    arrived = session.deliveries()
    session.promise(not arrived, f"no webhook, since {why}", *(arrived[:1] or session.events[-1:]))
