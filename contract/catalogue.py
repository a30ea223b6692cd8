"""Every claim there is, and how each is put to the test."""

from collections.abc import Collection
from itertools import chain
from typing import Final

from contract import lives, shape
from contract.check import Check
from contract.checks import envelope, lifecycle, limits, outputs, parameters, races, webhooks
from contract.law import Law
from contract.laws import LAWS

CHECKS: Final[tuple[Check, ...]] = tuple(
    chain(
        parameters.CHECKS,
        envelope.CHECKS,
        lifecycle.CHECKS,
        limits.CHECKS,
        webhooks.CHECKS,
        outputs.CHECKS,
        races.CHECKS,
        lives.CHECKS,
        shape.CHECKS,
    )
)


def selected(groups: Collection[str] = (), ids: Collection[str] = ()) -> tuple[tuple[Check, ...], tuple[Law, ...]]:
    """Return the checks and laws of some groups and with some ids; all of them where neither is named."""

    def wanted(each: Check | Law) -> bool:
        return not (groups or ids) or each.claim.group in groups or each.claim.id in ids

    return tuple(filter(wanted, CHECKS)), tuple(filter(wanted, LAWS))
