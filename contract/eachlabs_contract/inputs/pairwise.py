"""Few combinations that hold every pair of values: most faults of combinations need no more than two values to show."""

from collections.abc import Container, Mapping, Sequence
from itertools import combinations, product
from typing import TypeAlias

Choice: TypeAlias = tuple[str, str]
Pair: TypeAlias = frozenset[Choice]


def pairwise(values: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], ...]:
    """Return combinations, a value for each name, such that every two of the *values* of two names meet in one.

    The same values in the same order give the same combinations: few, though not the fewest.
    """
    missing = dict.fromkeys(
        frozenset({(one, first), (other, second)})
        for one, other in combinations(values, 2)
        for first, second in product(values[one], values[other])
    )
    chosen = []
    while missing:
        row = _around(next(iter(missing)), values, missing)
        chosen.append(row)
        for pair in combinations(row.items(), 2):
            missing.pop(frozenset(pair), None)
    return tuple(chosen)


def _around(pair: Pair, values: Mapping[str, Sequence[str]], missing: Container[Pair]) -> dict[str, str]:
    """Return a combination that holds *pair*, each further value one that meets the most missing pairs."""
    row = dict(pair)
    for name in values:
        if name not in row:
            choices = [(name, value) for value in values[name]]
            row |= [max(choices, key=lambda choice: _met(choice, row, missing))]
    return {name: row[name] for name in values}  # in the order of the names, whatever that of a set may be


def _met(choice: Choice, row: Mapping[str, str], missing: Container[Pair]) -> int:
    return sum(frozenset({choice, other}) in missing for other in row.items())
