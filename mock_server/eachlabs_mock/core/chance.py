"""Random draws by name: a draw depends on its seed and names only, not on other draws. No other module draws."""

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_VARIANTS: Mapping[str, str] = MappingProxyType({digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"})

_BITS = 53  # the precision of a float: of 64 bits the highest values would round to 1


def draw_bytes(seed: int, *names: str | int) -> bytes:
    """Return 16 bytes that depend on *seed* and *names* only, on every machine and in any order of calls."""
    text = "\x1f".join([str(seed), *map(str, names)])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def draw(seed: int, *names: str | int) -> float:
    """Return a number in [0, 1) that depends on *seed* and *names* only."""
    return (int.from_bytes(draw_bytes(seed, *names)[:8], "big") >> (64 - _BITS)) / (1 << _BITS)


def draw_integer(seed: int, *names: str | int, below: int) -> int:
    """Return a whole number in [0, *below*) that depends on *seed* and *names* only."""
    return int.from_bytes(draw_bytes(seed, *names), "big") % below


def draw_log_normal(seed: int, *names: str | int, median: float, sigma: float) -> float:
    """Return a log-normal number; *sigma* is the standard deviation of its logarithm."""
    # Box-Muller, of two named draws; 1 - u keeps the logarithm away from zero.
    radius = math.sqrt(-2 * math.log(1 - draw(seed, *names, "radius")))
    angle = 2 * math.pi * draw(seed, *names, "angle")
    return median * math.exp(sigma * radius * math.cos(angle))


def draw_uuid(seed: int, *names: str | int) -> str:
    """Return the text of a version 4 UUID that depends on *seed* and *names* only."""
    digits = draw_bytes(seed, *names).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANTS[digits[16]]}{digits[17:20]}-{digits[20:]}"


@dataclass(frozen=True, slots=True)
class Chance:
    """Draws whose seed and first names are fixed."""

    seed: int
    names: tuple[str | int, ...]

    def named(self, *names: str | int) -> "Chance":
        """Return draws with *names* as further fixed names."""
        return Chance(self.seed, (*self.names, *names))

    def draw(self, *names: str | int) -> float:
        """Return a number in [0, 1)."""
        return draw(self.seed, *self.names, *names)

    def between(self, low: float, high: float, *names: str | int) -> float:
        """Return a number in [*low*, *high*)."""
        return low + (high - low) * self.draw(*names)

    def below(self, count: int, *names: str | int) -> int:
        """Return a whole number in [0, *count*)."""
        return draw_integer(self.seed, *self.names, *names, below=count)

    def log_normal(self, *names: str | int, median: float, sigma: float) -> float:
        """Return a log-normal number around *median*."""
        return draw_log_normal(self.seed, *self.names, *names, median=median, sigma=sigma)

    def uuid(self, *names: str | int) -> str:
        """Return the text of a version 4 UUID."""
        return draw_uuid(self.seed, *self.names, *names)


def fresh_seed() -> int:
    """Return a random seed of at most nine digits. Print it, so that the run can be repeated."""
    return random.SystemRandom().randrange(1_000_000_000)
