"""Laws: claims about everything that a server has answered, whichever check sent the requests."""

from itertools import chain
from typing import Final

from eachlabs_contract.laws import bodies, limits, lives, webhooks
from eachlabs_contract.laws.law import Law

__all__ = ["LAWS", "Law"]

LAWS: Final[tuple[Law, ...]] = tuple(chain(bodies.LAWS, lives.LAWS, webhooks.LAWS, limits.LAWS))
