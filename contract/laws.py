"""Laws: what must be true of everything that a server ever said, whoever asked and why."""

from typing import Final

from contract.law import Law

LAWS: Final[tuple[Law, ...]] = ()
