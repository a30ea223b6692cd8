"""Describes violations of manners in words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from eachlabs_contract.manners.manner import Conduct

SHOWN: Final = 3
"""Violations of a manner that are described; the others are counted."""


def usd(amount: Decimal) -> str:
    """Return an amount with all its significant digits, and at least the cents."""
    exact = amount.normalize()
    exponent = exact.as_tuple().exponent
    cents = Decimal("0.01")
    return f"{exact.quantize(cents) if isinstance(exponent, int) and exponent > -2 else exact:f} USD"  # noqa: PLR2004  # cents


def counted(number: int, noun: str) -> str:
    """Return *number* and *noun* in the right number: "1 trial", "2 trials"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def violation_lines(conduct: Conduct) -> list[str]:
    """Return the lines about a broken manner: what the caller did, why it hurts, its cost, and the right behaviour."""
    rest = len(conduct.violations) - SHOWN
    return [
        *(f"done   {violation.got}" for violation in conduct.violations[:SHOWN]),
        *([f"       and {counted(rest, 'more time')}"] if rest > 0 else ()),
        f"hurts  {conduct.manner.why}",
        *([f"cost   {loss(conduct)}"] if conduct.wasted else ()),
        f"right  {conduct.manner.right}",
    ]


def loss(conduct: Conduct) -> str:
    """Return the cost of a broken manner in words."""
    amount = usd(conduct.cost) if conduct.cost else "unknown cost"
    return f"{amount} for {counted(len(conduct.wasted), 'execution')} paid in vain"


def complaint(conducts: Sequence[Conduct]) -> str:
    """Return the text of an error about *conducts*, all of them broken."""
    parts = [f"The program that called the emulator broke {counted(len(conducts), 'manner')}:"]
    for conduct in conducts:
        manner = conduct.manner
        heading = f"{manner.id} ({manner.level}): {manner.sentence}"
        parts.append("\n".join([heading, *(f"    {line}" for line in violation_lines(conduct))]))
    return "\n\n".join(parts)
