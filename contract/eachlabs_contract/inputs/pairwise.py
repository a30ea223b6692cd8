"""Combinations that cover every pair of values: most faults of combinations show with two values."""

from collections.abc import Container, Mapping, Sequence
from itertools import combinations, product
from typing import TypeAlias

Choice: TypeAlias = tuple[str, str]
Pair: TypeAlias = frozenset[Choice]


def pairwise(values: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], ...]:
    """Return combinations, with a value for each name, that cover every pair of *values* of two names.

    The same values in the same order give the same combinations: few, but not always the fewest.
    """
    missing = dict.fromkeys(
        frozenset({(one, first), (other, second)})
        for one, other in combinations(values, 2)
        for first, second in product(values[one], values[other])
    )
    rows = []
    while missing:
        row = _around(next(iter(missing)), values, missing)
        rows.append(row)
        for pair in combinations(row.items(), 2):
            missing.pop(frozenset(pair), None)
    return tuple(rows)


def _around(pair: Pair, values: Mapping[str, Sequence[str]], missing: Container[Pair]) -> dict[str, str]:
    """Return a combination with *pair*, in which each further value covers the most missing pairs."""
    row = dict(pair)
    for name in values:
        if name not in row:
            choices = [(name, value) for value in values[name]]
            row |= [max(choices, key=lambda choice: _covered(choice, row, missing))]
    return {name: row[name] for name in values}  # in the order of the names, since a set has none


def _covered(choice: Choice, row: Mapping[str, str], missing: Container[Pair]) -> int:
    return sum(frozenset({choice, other}) in missing for other in row.items())
