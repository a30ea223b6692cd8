"""A check: how one claim is put to the test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.claim import Claim, Level
from contract.session import Session
from contract.targets.target import Need, Target


@dataclass(frozen=True, slots=True)
class Check:
    """A way to find out whether a claim holds.

    :param drive: puts it to the test; says what it found by `Session.promise` and `Session.observe`.
    :param needs: what it needs of a target, or is skipped.
    :param parameters: those of the model it sends; a model that lacks one cannot be tried.
    :param executions: how many paid executions it asks for at most.
    :param settings: of the world on trial, where it can be told; by default no limits and 17 s a prediction.
    :param minimum: how often the claim must be put to the test; fewer times: not exercised.
    """

    claim: Claim
    drive: Callable[[Session], None]
    needs: frozenset[Need] = frozenset()
    parameters: tuple[str, ...] = ()
    executions: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)
    minimum: int = 1

    @property
    def method(self) -> str:
        """How it is tested, in words."""
        return " ".join((self.drive.__doc__ or "").split())

    def obstacle(self, target: Target) -> str:
        """Return why it cannot be tried on *target*; empty: it can."""
        lacking = [need.value for need in sorted(self.needs) if target.lacks(need)]
        lacking += [
            f"a parameter {each!r} of the model" for each in self.parameters if each not in target.model.parameters
        ]
        if not target.purse.can_pay(self.executions):
            lacking.append(f"{self.executions} paid executions (--max-executions)")
        return f"it needs {', and '.join(lacking)}" if lacking else ""


def check(  # noqa: PLR0913  # keywords that read as a declaration
    identity: str,
    sentence: str,
    *,
    source: str,
    level: Level = Level.MUST,
    needs: Sequence[Need] = (),
    parameters: Sequence[str] = (),
    executions: int = 0,
    settings: Mapping[str, object] | None = None,
    minimum: int = 1,
) -> Callable[[Callable[[Session], None]], Check]:
    """Make a check of a function: its docstring says how the claim is tested, the rest is as in `Claim` and `Check`."""
    claim = Claim(identity, sentence, source, level)

    def of(drive: Callable[[Session], None]) -> Check:
        return Check(claim, drive, frozenset(needs), tuple(parameters), executions, settings or {}, minimum)

    return of
