"""The number of users over the course of a run: named profiles, as pure functions."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

Profile = Callable[[float], float]
"""Maps the elapsed share of the run, from 0 to 1, to the share of the users that should be active."""

STEPS = 4
QUIET = 0.1
SPIKE = (0.4, 0.6)


def steady(_elapsed: float) -> float:
    """All users, as fast as the spawn rate allows."""
    return 1.0


def climb(elapsed: float) -> float:
    """A linear increase to all users."""
    return elapsed


def steps(elapsed: float) -> float:
    """A quarter, half, three quarters, then all users."""
    return min(STEPS, math.floor(elapsed * STEPS) + 1) / STEPS


def spike(elapsed: float) -> float:
    """A tenth of the users, but all in the middle fifth of the run."""
    return 1.0 if SPIKE[0] <= elapsed < SPIKE[1] else QUIET


RAMPS: Mapping[str, Profile] = MappingProxyType({ramp.__name__: ramp for ramp in (steady, climb, steps, spike)})
"""The profiles by name; the first one is the default."""


def users_at(ramp: str, elapsed: float, *, users: int, spawn_rate: float, run_time: float) -> int:
    """Return how many of *users* should be active after *elapsed* seconds of *run_time*; at least 1.

    :param spawn_rate: users that may start per second.
    """
    wanted = RAMPS[ramp](min(elapsed / run_time, 1.0)) * users
    return max(1, min(math.ceil(wanted), math.ceil(spawn_rate * (elapsed + 1))))
