"""Makes a target of an address or an application: finds out what may be done to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from contract import model as models
from contract.history import Headers
from contract.targets.control import find
from contract.targets.purse import Purse
from contract.targets.receiver import receiving
from contract.targets.target import Caller, Target
from contract.targets.transport import Transport, WsgiApp, WsgiTransport

KEY = "contract-harness"
SECOND_KEY = "contract-harness-second"
BAD_KEY = "invalid-contract-harness"


@contextmanager
def in_process(app: WsgiApp, slug: str = models.DEFAULT) -> Iterator[Target]:
    """Hold a WSGI application of this process to the claims; its webhooks go to a receiver on loopback."""
    transport = WsgiTransport(app)
    with receiving() as receiver:
        yield Target(
            "a WSGI application in this process",
            transport,
            models.load(slug),
            _caller("owner", KEY, transport),
            Purse(),
            second=_caller("second", SECOND_KEY, transport),
            bad_key=BAD_KEY,
            receiver=receiver,
        )


def _caller(role: str, key: str, transport: Transport) -> Caller:
    headers: Headers = (("X-API-Key", key),)
    return Caller(role, headers, find(transport, headers))
