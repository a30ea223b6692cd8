"""How many users there are at each moment of a run: named profiles, as pure functions."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

Profile = Callable[[float], float]
"""Takes how much of the run is over, from 0 to 1; returns the share of the users that are to be there."""

STEPS = 4
QUIET = 0.1
SPIKE = (0.4, 0.6)


def steady(_over: float) -> float:
    """All of them, as soon as the spawn rate allows."""
    return 1.0


def climb(over: float) -> float:
    """Ever more, until all are there at the end."""
    return over


def steps(over: float) -> float:
    """A quarter, a half, three quarters, all."""
    return min(STEPS, math.floor(over * STEPS) + 1) / STEPS


def spike(over: float) -> float:
    """A tenth, but all of them in the middle fifth of the run."""
    return 1.0 if SPIKE[0] <= over < SPIKE[1] else QUIET


RAMPS: Mapping[str, Profile] = MappingProxyType({each.__name__: each for each in (steady, climb, steps, spike)})
"""The profiles by name; the first one is the usual one."""


def users_at(ramp: str, elapsed: float, *, users: int, spawn_rate: float, run_time: float) -> int:
    """Return how many of *users* are to be there after *elapsed* seconds of *run_time*; at least 1.

    :param spawn_rate: users a second that may come at the beginning.
    """
    wanted = RAMPS[ramp](min(elapsed / run_time, 1.0)) * users
    return max(1, min(math.ceil(wanted), math.ceil(spawn_rate * (elapsed + 1))))
