"""A check: how one claim is put to the test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Claim, Level, Model
from eachlabs_contract.targets import Need, Target


@dataclass(frozen=True, slots=True)
class Check:
    """A way to find out whether a claim holds.

    :param drive: puts it to the test; says what it found by `Session.promise` and `Session.observe`.
    :param needs: what it needs of a target, or is skipped.
    :param parameters: those of the model it sends; of a model that lacks one the claim says nothing.
    :param applies: whether the claim says anything about a model that has them.
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
    applies: Callable[[Model], bool] = lambda _model: True

    @property
    def method(self) -> str:
        """How it is tested, in words."""
        return " ".join((self.drive.__doc__ or "").split())

    def irrelevance(self, model: Model) -> str:
        """Return why the claim says nothing about *model*; empty: it does."""
        lacking = [each for each in self.parameters if each not in model.parameters]
        if lacking:
            return f"{model.slug} has no parameter {', '.join(lacking)}"
        return "" if self.applies(model) else f"{model.slug} is no model of the kind that this is about"

    def obstacle(self, target: Target) -> str:
        """Return why it cannot be tried on *target*; empty: it can."""
        lacking = [need.value for need in sorted(self.needs) if target.lacks(need)]
        if not target.budget.can_pay(self.executions):
            lacking.append(f"{self.executions} paid executions (--max-executions, see --help)")
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
    applies: Callable[[Model], bool] = lambda _model: True,
) -> Callable[[Callable[[Session], None]], Check]:
    """Make a check of a function: its docstring says how the claim is tested, the rest is as in `Claim` and `Check`."""
    claim = Claim(identity, sentence, source, level)

    def of(drive: Callable[[Session], None]) -> Check:
        asked = tuple(parameters)
        return Check(claim, drive, frozenset(needs), asked, executions, settings or {}, minimum, applies)

    return of
