"""A target: a server to check, its callers, and what it supports."""

from dataclasses import dataclass
from enum import StrEnum

from eachlabs_contract.history import Headers
from eachlabs_contract.spec import Model
from eachlabs_contract.targets.budget import Budget
from eachlabs_contract.targets.control import Control
from eachlabs_contract.targets.receiver import Receiver
from eachlabs_contract.targets.transport import Transport


class Need(StrEnum):
    """What a check needs of its target; the value is its text for users."""

    CLOCK = "a clock that can be moved (a control plane)"
    FAILURE = "predictions that can be told to fail (a control plane)"
    LIMITS = "limits that can be switched on and off (a control plane)"
    SECOND_KEY = "a second API key (--second-key)"
    BAD_KEY = "a key that the server refuses (--bad-key)"
    RECEIVER = "webhooks that reach this machine (the server must be on loopback)"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller: its role, and the headers with its key.

    :param control: the control plane of its own world; None where the server has none.
    """

    role: str
    headers: Headers
    control: Control | None = None


NOBODY = Caller("nobody", ())
"""A caller without a key."""


def stranger(key: str, header: str = "X-API-Key") -> Caller:
    """Return a caller with a *key* that must be refused."""
    return Caller("stranger", ((header, key),))


@dataclass(frozen=True, slots=True)
class Target:
    """A server to check.

    :param name: its name in reports.
    :param prefix: the path before every route of the API.
    :param bad_key: a key that the server must refuse; None where none is known.
    :param receiver: where its webhooks arrive; None where they cannot.
    """

    name: str
    transport: Transport
    model: Model
    owner: Caller
    budget: Budget
    second: Caller | None = None
    bad_key: str | None = None
    receiver: Receiver | None = None
    prefix: str = "/v1"

    def lacks(self, need: Need) -> bool:
        """Say whether this target lacks *need*."""
        match need:
            case Need.SECOND_KEY:
                return self.second is None
            case Need.BAD_KEY:
                return self.bad_key is None
            case Need.RECEIVER:
                return self.receiver is None
            case _:
                return self.owner.control is None
