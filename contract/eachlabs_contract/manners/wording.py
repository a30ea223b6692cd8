"""Says in words how a caller behaved: one manner, or all that there is to complain about."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from eachlabs_contract.manners.manner import Conduct

SHOWN: Final = 3
"""Violations of a manner that are told one by one; the rest are counted."""


def usd(amount: Decimal) -> str:
    """Return an amount of money for people, with all its digits and no more, but the cents at least."""
    exact = amount.normalize()
    exponent = exact.as_tuple().exponent
    cents = Decimal("0.01")
    return f"{exact.quantize(cents) if isinstance(exponent, int) and exponent > -2 else exact:f} USD"  # noqa: PLR2004  # cents


def counted(number: int, noun: str) -> str:
    """Return *number* and the noun, in the plural where there are several."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def violation_lines(conduct: Conduct) -> list[str]:
    """Return all that there is to say of a broken manner, a line each: what was done, why it hurts, what is right."""
    rest = len(conduct.violations) - SHOWN
    return [
        *(f"done   {each.got}" for each in conduct.violations[:SHOWN]),
        *([f"       and {counted(rest, 'more time')}"] if rest > 0 else ()),
        f"hurts  {conduct.manner.why}",
        *([f"cost   {loss(conduct)}"] if conduct.wasted else ()),
        f"right  {conduct.manner.right}",
    ]


def loss(conduct: Conduct) -> str:
    """Return what breaking a manner cost, for people."""
    amount = usd(conduct.cost) if conduct.cost else "a price that is not known,"
    return f"{amount} for {counted(len(conduct.wasted), 'execution')} paid for in vain"


def complaint(conducts: Sequence[Conduct]) -> str:
    """Return *conducts*, all broken, as the text of an error."""
    number = len(conducts)
    head = f"{number} manners are broken" if number > 1 else "A manner is broken"
    told = [
        "\n".join(
            [f"{each.manner.id} ({each.manner.level}): {each.manner.sentence}", *_indented(violation_lines(each))]
        )
        for each in conducts
    ]
    return "\n\n".join([f"{head} by the program that called the emulator:", *told])


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {each}" for each in lines]
