"""Reads outcomes of trials: the kill matrix, its totals, and the gates a score must pass. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from defects.catalogue import Defect
from defects.score_trials import OURS, Kind, Layer, Outcome

FAMILIES = {
    "P": "parameters",
    "H": "envelope",
    "L": "life cycle",
    "R": "limits",
    "W": "webhooks",
    "O": "outputs",
}
"""What the defects are about, by the first letter of their ids."""

TRAINING = (
    "The harness was written with these defects in view: this is a training score. Others are tried from outside."
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that a score must show.

    :param passed: None where it was not measured.
    :param why: what speaks against it.
    """

    name: str
    passed: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What all trials together say.

    :param defects: all there are; those that were tried stand in the matrix.
    """

    defects: Sequence[Defect]
    outcomes: Sequence[Outcome]

    def of(self, kind: Kind, *, plain: bool = False) -> tuple[Outcome, ...]:
        """Return the outcomes of one kind."""
        return tuple(each for each in self.outcomes if each.trial.kind is kind and each.trial.plain is plain)

    def killers(self, defect: Defect) -> frozenset[Layer]:
        """Return the layers that see *defect*."""
        return frozenset(layer for layer in Layer if self._seen(defect, layer))

    def tried(self) -> tuple[Defect, ...]:
        """Return the defects that were on trial."""
        names = {each.trial.name for each in self.of(Kind.DEFECT)}
        return tuple(each for each in self.defects if each.id in names)

    def survivors(self) -> tuple[Defect, ...]:
        """Return the defects that no layer of the harness sees."""
        return tuple(each for each in self.tried() if not self.killers(each) & set(OURS))

    def unnamed(self) -> tuple[Defect, ...]:
        """Return the defects that are seen, but by no claim that is about them."""
        found = {each.trial.name: each.claims for each in self.of(Kind.DEFECT)}
        return tuple(each for each in self.tried() if found[each.id] and each.claim not in found[each.id])

    def totals(self) -> dict[str, dict[str, int]]:
        """Return how many defects each layer sees, by family and together."""
        families = {name: [each for each in self.tried() if each.id[0] == key] for key, name in FAMILIES.items()}
        return {
            name: {layer.value: sum(layer in self.killers(each) for each in them) for layer in Layer}
            | {"harness": sum(bool(self.killers(each) & set(OURS)) for each in them), "of": len(them)}
            for name, them in {**families, "all": list(self.tried())}.items()
        }

    def seconds(self, layer: Layer) -> float:
        """Return the median of the real seconds that a layer took for one server; 0 where it tried none."""
        taken = [each.seconds[layer] for each in self.outcomes if layer in each.seconds and not each.trial.claims]
        return median(taken) if taken else 0.0

    def gates(self) -> Iterator[Gate]:
        """Yield the gates."""
        yield self._all_seen()
        yield self._all_named()
        for kind, name in (
            (Kind.SOUND, "no alarm about the sound emulator"),
            (Kind.NASTY, "lawful nastiness is tolerated"),
            (Kind.VARIANT, "lawful variants are tolerated"),
        ):
            yield self._silent(kind, name)
        yield self._better()

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield _row("", "", [layer.value for layer in Layer])
        yield from (_row(each.id, each.title, [self._mark(each, layer) for layer in Layer]) for each in self.tried())
        yield ""
        for name, row in self.totals().items():
            cells = [f"{row[layer.value]}" for layer in Layer]
            yield f"{_row('', name, cells)}   harness {row['harness']} of {row['of']}"
        yield _row("", "seconds for one server (median)", [f"{self.seconds(layer):.1f}" for layer in Layer])
        yield ""
        yield f"survivors: {', '.join(f'{each.id} ({each.title})' for each in self.survivors()) or 'none'}"
        yield TRAINING
        for gate in self.gates():
            verdict = {True: "passed", False: "FAILED", None: "not measured"}[gate.passed]
            yield f"{verdict:14}{gate.name}{f': {gate.why}' if gate.why else ''}"

    def _mark(self, defect: Defect, layer: Layer) -> str:
        judged = any(each.trial.name == defect.id and layer in each.broken for each in self.outcomes)
        return "-" if not judged else "x" if layer in self.killers(defect) else "."

    def _seen(self, defect: Defect, layer: Layer) -> bool:
        harmless = {
            claim for each in self.of(Kind.SOUND, plain=layer is Layer.PLAIN) for claim in each.broken.get(layer, ())
        }
        return any(set(each.broken.get(layer, ())) - harmless for each in self.outcomes if each.trial.name == defect.id)

    def _all_seen(self) -> Gate:
        survivors = self.survivors()
        seen = len(self.tried()) - len(survivors)
        why = f"these are not: {' '.join(each.id for each in survivors)}" if survivors else ""
        return Gate(f"{seen} of {len(self.tried())} defects are seen", not survivors, why)

    def _all_named(self) -> Gate:
        unnamed = self.unnamed()
        why = f"not by the claim that is about it: {' '.join(each.id for each in unnamed)}" if unnamed else ""
        return Gate("each for the right reason", not unnamed, why)

    def _silent(self, kind: Kind, name: str) -> Gate:
        tried = self.of(kind)
        alarms = [f"{each.trial.name}, seed {each.trial.seed}: {_alarm(each)}" for each in tried if each.claims]
        unsure = [f"{each.trial.name}: nothing found about {' '.join(each.untried)}" for each in tried if each.untried]
        faults = alarms + (unsure if kind is Kind.SOUND else [])
        return Gate(f"{name} ({len(tried)} runs)", not faults if tried else None, "; ".join(faults))

    def _better(self) -> Gate:
        row, theirs = self.totals()["all"], self.seconds(Layer.PLAIN)
        ours = sum(self.seconds(layer) for layer in OURS)
        name = "more is seen than by plain Schemathesis, in less time"
        if len(self.of(Kind.DEFECT, plain=True)) < len(self.defects):
            return Gate(name, None)
        why = f"{row['harness']} in {ours:.1f} s, and {row[Layer.PLAIN.value]} in {theirs:.1f} s"
        return Gate(name, row["harness"] > row[Layer.PLAIN.value] and ours < theirs, why)


def _row(identity: str, title: str, cells: Sequence[str]) -> str:
    return f"{identity:5}{title[:63]:64}" + "".join(f"{each:>8}" for each in cells)


def _alarm(outcome: Outcome) -> str:
    return f"{', '.join(sorted(outcome.claims))} ({outcome.told})"
