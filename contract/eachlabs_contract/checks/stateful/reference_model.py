"""The reference model: what a server that follows the page does next, in milliseconds since its world began.

It is independent of any server. Where the page allows several readings, it allows each of them.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from eachlabs_contract.spec import IN_FLIGHT, MINUTE, REQUESTS_PER_MINUTE, USUAL_DURATION, Status


@dataclass(frozen=True, slots=True)
class ModelPrediction:
    """One prediction.

    :param caller: the role of its creator.
    :param hook: the path of its webhook; empty where it has none.
    """

    caller: str
    start: int
    fails: bool = False
    hook: str = ""

    @property
    def end(self) -> int:
        """The first instant at which it has ended."""
        return self.start + USUAL_DURATION


@dataclass(slots=True)
class ReferenceModel:
    """One world.

    :param limited: whether the documented limits are on.
    :param slides: whether a request stops counting exactly 60 s after it came; otherwise it may stop earlier, and only
        the requests of this instant are sure to count.
    :ivar counted: when requests came that certainly count, by caller; *uncertain*: those that may count (refused).
    """

    limited: bool = False
    slides: bool = True
    now: int = 0
    predictions: dict[str, ModelPrediction] = field(default_factory=dict)
    counted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    uncertain: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def passes(self, caller: str) -> frozenset[bool]:
        """Return the possible outcomes of the next request under the rate limit: True passes, False is refused."""
        since = self.now - MINUTE
        counted = [at for at in self.counted[caller] if at >= since]
        uncertain = [at for at in self.uncertain[caller] if at >= since]
        if not self.limited or len(counted) + len(uncertain) < REQUESTS_PER_MINUTE:
            return frozenset({True})
        sure = sum(at > since if self.slides else at == self.now for at in counted)
        return frozenset({False}) if sure >= REQUESTS_PER_MINUTE else frozenset({True, False})

    def takes(self, caller: str) -> frozenset[bool]:
        """Return the possible outcomes of the next create: True is accepted, False is refused."""
        full = self.limited and self.in_flight(caller) >= IN_FLIGHT
        return frozenset({False}) if full else self.passes(caller)

    def count(self, caller: str, *, sure: bool) -> None:
        """Record a request."""
        (self.counted if sure else self.uncertain)[caller].append(self.now)

    def in_flight(self, caller: str) -> int:
        """Return how many predictions of *caller* run at this instant."""
        return sum(one.caller == caller and self.now < one.end for one in self.predictions.values())

    def status(self, prediction_id: str) -> Status:
        """Return the status that a read shows at this instant."""
        prediction = self.predictions[prediction_id]
        if self.now < prediction.end:
            return Status.PROCESSING
        return Status.ERROR if prediction.fails else Status.SUCCESS

    def due(self) -> dict[str, str]:
        """Return the ids of the predictions whose webhook is due, by its path."""
        return {one.hook: name for name, one in self.predictions.items() if one.hook and one.end <= self.now}

    def next_event(self) -> int | None:
        """Return when the next change happens: a prediction ends, or a request stops counting."""
        leaving = [at + MINUTE for times in self.counted.values() for at in times] if self.limited else []
        ends = [prediction.end for prediction in self.predictions.values()]
        return min((at for at in (*leaving, *ends) if at > self.now), default=None)
