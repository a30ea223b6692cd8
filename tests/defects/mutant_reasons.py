"""Why mutants of the emulator may live: the reasons of `mutants.toml`, held against those that do."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

KILLED = frozenset({"killed", "timeout", "segfault", "caught by type check"})
ALIVE = frozenset({"survived", "no tests"})

_NAME = re.compile(r"(?P<module>.+)\.x(?:ǁ(?P<owner>.+)ǁ|_)(?P<function>.+)__mutmut_\d+")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant and what became of it.

    :param name: as mutmut calls it.
    :param status: in mutmut's words.
    :param change: the lines it takes away and those it puts there instead, each with its sign and without its indent.
    """

    name: str
    status: str
    change: str = ""

    @property
    def module(self) -> str:
        """The module that it is in."""
        return _NAME.fullmatch(self.name)["module"]  # type: ignore[index]

    @property
    def function(self) -> str:
        """The function that it is in, with its module and its class."""
        found = _NAME.fullmatch(self.name)
        assert found, f"mutmut calls a mutant {self.name!r}"
        return ".".join(each for each in found.group("module", "owner", "function") if each)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some mutants may live.

    :param functions: patterns for the functions they are in.
    :param change: a regular expression that is found in what they change.
    :param count: how many there were when somebody read them.
    """

    why: str
    functions: tuple[str, ...]
    change: str
    count: int

    def covers(self, mutant: Mutant) -> bool:
        """Say whether this is why *mutant* may live."""
        known = any(fnmatchcase(mutant.function, each) for each in self.functions)
        return known and re.search(self.change, mutant.change, re.MULTILINE) is not None


def read_reasons(path: Path) -> tuple[Reason, ...]:
    """Return the reasons in the file at *path*."""
    entries = tomllib.loads(path.read_text())["reason"]
    return tuple(
        Reason(each["why"], tuple(each["functions"]), each.get("change", ""), each["count"]) for each in entries
    )


@dataclass(frozen=True)
class Account:
    """What became of all mutants, and why those that live may.

    Each is put down to the first reason that covers it.
    """

    mutants: Sequence[Mutant]
    reasons: Sequence[Reason]

    @property
    def alive(self) -> list[Mutant]:
        """Those that no test noticed."""
        return [each for each in self.mutants if each.status in ALIVE]

    @property
    def unexplained(self) -> list[Mutant]:
        """Those that live for no reason given."""
        return [each for each in self.alive if self._reason(each) is None]

    @property
    def overstretched(self) -> list[tuple[Reason, int]]:
        """The reasons that cover more than somebody has read, and how many."""
        return [(each, covered) for each, covered in self._covered() if covered > each.count]

    @property
    def idle(self) -> list[tuple[Reason, int]]:
        """The reasons that cover fewer than they did, and how many; none unless every mutant was tried."""
        if any(each.status not in KILLED | ALIVE for each in self.mutants):
            return []
        return [(each, covered) for each, covered in self._covered() if covered < each.count]

    @property
    def is_settled(self) -> bool:
        """Whether each mutant that lives has been read and explained."""
        return not self.unexplained and not self.overstretched

    def lines(self) -> Iterator[str]:
        """Tell all of it."""
        yield from self._table()
        for mutant in self.unexplained:
            yield f"\nnot explained ({mutant.status}): {mutant.name}"
            yield from (f"    {line}" for line in mutant.change.splitlines())
        for reason, covered in self.overstretched:
            yield f"\ncovers {covered}, and {reason.count} were read: {reason.why}"
            yield from (f"    {each.name}" for each in self.alive if self._reason(each) is reason)
        for reason, covered in self.idle:
            yield f"\ncovers {covered or 'nothing'} and covered {reason.count}: {reason.why}"

    def _table(self) -> Iterator[str]:
        yield f"{'module':<30}{'killed':>8}{'survived':>10}{'no tests':>10}{'not tried':>10}"
        for module in sorted({each.module for each in self.mutants}):
            yield _row(module, [each for each in self.mutants if each.module == module])
        yield _row("all", self.mutants)
        yield f"{len(self.alive) - len(self.unexplained)} of {len(self.alive)} that live are explained"

    def _reason(self, mutant: Mutant) -> Reason | None:
        return next((each for each in self.reasons if each.covers(mutant)), None)

    def _covered(self) -> list[tuple[Reason, int]]:
        counted = Counter(id(self._reason(each)) for each in self.alive)
        return [(each, counted[id(each)]) for each in self.reasons]


def _row(name: str, mutants: Sequence[Mutant]) -> str:
    counted = Counter("killed" if each.status in KILLED else each.status for each in mutants)
    killed, survived, untested = (counted.pop(each, 0) for each in ("killed", "survived", "no tests"))
    return f"{name:<30}{killed:>8}{survived:>10}{untested:>10}{counted.total():>10}"
