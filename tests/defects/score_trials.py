"""Trials of the harness: a server that is faulty, sound, unpleasant or lawfully different is judged by every layer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from defects.catalogue import DEFECTS, defect
from defects.nastiness import NASTINESS, stumbling
from defects.plain_schemathesis import plain
from defects.variants import VARIANTS, variant
from eachlabs_contract.spec.claim import Group, Level
from eachlabs_contract.targets import clock
from eachlabs_contract.verdict import FIRM, Finding, Verdict
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from helpers.judged import judged

if TYPE_CHECKING:  # the standard library has it for type checkers only
    from _typeshed.wsgi import WSGIApplication

SEEDS = range(5)
QUICK_SEEDS = range(1)


class Kind(StrEnum):
    """What is on trial."""

    DEFECT = "defect"
    SOUND = "sound"
    NASTY = "nasty"
    VARIANT = "variant"


class Layer(StrEnum):
    """A way of judging."""

    PLAIN = "plain"
    CHECKS = "checks"
    LIVES = "lives"
    SHAPE = "shape"
    LAWS = "laws"


OURS = (Layer.CHECKS, Layer.LIVES, Layer.SHAPE, Layer.LAWS)
"""The layers of the harness; the other one, plain Schemathesis, is what it is measured against."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Who is tried.

    :param name: id of a defect, or name of a mishap or variant; "emulator" for the sound one.
    :param claims: ids and groups of those it is held to; all there are where none is named.
    :param plain: whether plain Schemathesis tries it, instead of the harness.
    """

    kind: Kind
    name: str
    seed: int = 0
    claims: tuple[str, ...] = ()
    plain: bool = False

    def server(self) -> "WSGIApplication":
        """Return the server, new."""
        if self.kind is Kind.VARIANT:
            return variant(self.name).serve()
        application = assemble(Settings(seed=self.seed + 7, log_format="off"))
        match self.kind:
            case Kind.DEFECT:
                return defect(self.name).plant(application)
            case Kind.NASTY:
                return stumbling(NASTINESS[self.name], application.wsgi, self.seed)
            case _:
                return application.wsgi


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found.

    :param broken: ids of the firm claims that are broken, by layer that judged; of plain Schemathesis its failures.
    :param told: what the first of them has to say, for whoever must find out why.
    :param seconds: real time, by layer.
    :param untried: ids of MUST claims that nothing was found about.
    """

    trial: Trial
    broken: Mapping[Layer, tuple[str, ...]]
    told: str
    seconds: Mapping[Layer, float]
    untried: tuple[str, ...] = ()

    @property
    def claims(self) -> frozenset[str]:
        """Every firm claim of the harness that is broken."""
        return frozenset(claim for layer in OURS for claim in self.broken.get(layer, ()))


def trials(only: Iterable[str] = (), *, quick: bool = False) -> tuple[Trial, ...]:
    """Return what is to be tried.

    :param only: ids of defects; where there is one, nothing else is tried.
    :param quick: defects and variants by the groups concerned, one seed, no plain Schemathesis.
    """
    chosen = [defect(each) for each in only] or DEFECTS
    faulty = [Trial(Kind.DEFECT, each.id, claims=(each.claim,) if quick else ()) for each in chosen]
    plainly = [] if quick else [Trial(Kind.SOUND, "emulator", plain=True)]
    plainly += [Trial(Kind.DEFECT, each.id, plain=True) for each in chosen if not quick]
    if only:
        return (*faulty, *plainly)
    seeds = QUICK_SEEDS if quick else SEEDS
    return (
        *(Trial(Kind.SOUND, "emulator", seed) for seed in seeds),
        *(Trial(Kind.NASTY, name, seed) for name in NASTINESS for seed in seeds[:2]),
        *(Trial(Kind.VARIANT, each.name, claims=each.claims if quick else ()) for each in VARIANTS),
        *faulty,
        *plainly,
    )


def tried(trial: Trial) -> Outcome:
    """Return what comes of *trial*."""
    if trial.plain:
        return _tried_plainly(trial)
    findings = judged(*trial.claims, app=trial.server(), seed=trial.seed).values()
    firm = [each for each in findings if each.claim.level in FIRM]
    broken = [each for each in firm if each.verdict is Verdict.BROKEN]
    untried = {Verdict.NOT_EXERCISED, Verdict.SKIPPED}
    layers = {layer_of(each) for each in findings}
    return Outcome(
        trial,
        {layer: tuple(each.claim.id for each in broken if layer_of(each) is layer) for layer in layers},
        _told(broken[0]) if broken else "",
        {layer: sum(each.seconds for each in findings if layer_of(each) is layer) for layer in layers},
        tuple(each.claim.id for each in firm if each.claim.level is Level.MUST and each.verdict in untried),
    )


def layer_of(finding: Finding) -> Layer:
    """Return the layer that *finding* comes from."""
    named = {Group.LIVES: Layer.LIVES, Group.SHAPE: Layer.SHAPE, Group.LAWS: Layer.LAWS}
    return named.get(finding.claim.group, Layer.CHECKS)


def _tried_plainly(trial: Trial) -> Outcome:
    app, began = trial.server(), clock.monotonic()
    found = plain(app, seed=trial.seed)
    return Outcome(trial, {Layer.PLAIN: found.failures}, "", {Layer.PLAIN: clock.monotonic() - began})


def _told(finding: Finding) -> str:
    return f"{finding.claim.id}: expected {finding.expected}; got {finding.got}"[:400]
