"""The reference model: what a server that keeps to the page owes next, in milliseconds since its world began.

It is stated on its own and knows no server. Where the page leaves several readings, it allows for each of them.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from eachlabs_contract.spec import IN_FLIGHT, MINUTE, REQUESTS_PER_MINUTE, USUAL_DURATION, Status


@dataclass(frozen=True, slots=True)
class ModelPrediction:
    """One prediction.

    :param caller: the role of whoever created it.
    :param hook: the path of its webhook; empty: none is wanted.
    """

    caller: str
    start: int
    fails: bool = False
    hook: str = ""

    @property
    def end(self) -> int:
        """The first instant at which it is over."""
        return self.start + USUAL_DURATION


@dataclass(slots=True)
class ReferenceModel:
    """One world.

    :param limited: whether the documented limits are on.
    :param slides: whether a request leaves the minute on its own, 60 s after it came; else it may leave earlier with
        others, and only those of this very instant are sure to count.
    :ivar counted: when requests came that count for certain, by caller; *uncertain*: those that may count (refused).
    """

    limited: bool = False
    slides: bool = True
    now: int = 0
    predictions: dict[str, ModelPrediction] = field(default_factory=dict)
    counted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    uncertain: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def passes(self, caller: str) -> frozenset[bool]:
        """Return whether the rate limit may let another request pass, and whether it may refuse it."""
        since = self.now - MINUTE
        counted = [at for at in self.counted[caller] if at >= since]
        uncertain = [at for at in self.uncertain[caller] if at >= since]
        if not self.limited or len(counted) + len(uncertain) < REQUESTS_PER_MINUTE:
            return frozenset({True})
        sure = sum(at > since if self.slides else at == self.now for at in counted)
        return frozenset({False}) if sure >= REQUESTS_PER_MINUTE else frozenset({True, False})

    def takes(self, caller: str) -> frozenset[bool]:
        """Return whether another create of *caller* may be taken, and whether it may be refused."""
        full = self.limited and self.in_flight(caller) >= IN_FLIGHT
        return frozenset({False}) if full else self.passes(caller)

    def count(self, caller: str, *, sure: bool) -> None:
        """Keep in mind that a request came."""
        (self.counted if sure else self.uncertain)[caller].append(self.now)

    def in_flight(self, caller: str) -> int:
        """Return how many predictions of *caller* run at this instant."""
        return sum(each.caller == caller and self.now < each.end for each in self.predictions.values())

    def status(self, prediction_id: str) -> Status:
        """Return what a read shows at this instant."""
        life = self.predictions[prediction_id]
        if self.now < life.end:
            return Status.PROCESSING
        return Status.ERROR if life.fails else Status.SUCCESS

    def due(self) -> dict[str, str]:
        """Return the ids of the predictions whose webhook is due, by its path."""
        return {each.hook: name for name, each in self.predictions.items() if each.hook and each.end <= self.now}

    def next_event(self) -> int | None:
        """Return when something changes next: a prediction ends, or a request leaves the minute."""
        leaving = [at + MINUTE for times in self.counted.values() for at in times] if self.limited else []
        return min(
            (at for at in (*leaving, *(each.end for each in self.predictions.values())) if at > self.now), default=None
        )
