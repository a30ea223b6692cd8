"""A check: how one claim is tested."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from eachlabs_contract.checks.session import Session
from eachlabs_contract.spec import Claim, Level, Model
from eachlabs_contract.targets import Need, Target


@dataclass(frozen=True, slots=True)
class Check:
    """Tests whether a claim holds.

    :param drive: tests the claim, and reports by `Session.promise` and `Session.observe`.
    :param needs: what the target must offer; otherwise the check is skipped.
    :param parameters: parameters that the check sends; the claim does not apply to a model that lacks one.
    :param applies: whether the claim applies to a model that has them.
    :param executions: the most paid executions that the check asks for.
    :param settings: settings of the world, where it has a control plane; by default no limits and 17 s a prediction.
    :param minimum: how often the claim must be tested; with fewer tests it counts as not exercised.
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
        """How the claim is tested, in words."""
        return " ".join((self.drive.__doc__ or "").split())

    def irrelevance(self, model: Model) -> str:
        """Return why the claim does not apply to *model*; empty if it does."""
        lacking = [name for name in self.parameters if name not in model.parameters]
        if lacking:
            return f"{model.slug} has no parameter {', '.join(lacking)}"
        return "" if self.applies(model) else f"the claim does not apply to the model {model.slug}"

    def obstacle(self, target: Target) -> str:
        """Return why the check cannot run on *target*; empty if it can."""
        lacking = [need.value for need in sorted(self.needs) if target.lacks(need)]
        if not target.budget.can_pay(self.executions):
            lacking.append(f"paid executions: {self.executions} (--max-executions, see --help)")
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
    """Make a check of a function whose docstring describes the test. Parameters are as in `Claim` and `Check`."""
    claim = Claim(identity, sentence, source, level)

    def of(drive: Callable[[Session], None]) -> Check:
        names = tuple(parameters)
        return Check(claim, drive, frozenset(needs), names, executions, settings or {}, minimum, applies)

    return of
