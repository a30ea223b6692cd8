"""The defects that the harness must see: each a sound emulator with one fault, to be served or judged.

They are a training set: the harness was written with them in view, so a full score says less than it seems to.
"""

import defects.envelope
import defects.lifecycle
import defects.limits
import defects.outputs
import defects.parameters
import defects.webhooks
from defects.toolkit import Defect

__all__ = ["DEFECTS", "Defect", "defect"]

DEFECTS: tuple[Defect, ...] = (
    *defects.parameters.DEFECTS,
    *defects.envelope.DEFECTS,
    *defects.lifecycle.DEFECTS,
    *defects.limits.DEFECTS,
    *defects.webhooks.DEFECTS,
    *defects.outputs.DEFECTS,
)


def defect(identity: str) -> Defect:
    """Return the defect with the id *identity*, in any case.

    :raises LookupError: there is none; the text lists those there are.
    """
    found = next((each for each in DEFECTS if each.id == identity.upper()), None)
    if found is None:
        raise LookupError(f"there is no defect {identity!r}; these there are: {' '.join(each.id for each in DEFECTS)}")
    return found
