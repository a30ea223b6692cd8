"""A Hypothesis state machine: its rules are the possible steps of a history, and chance decides their order."""

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from eachlabs_contract.checks.stateful.comparison import Comparison, Hook, statuses
from eachlabs_contract.checks.stateful.strategies import Strategies
from eachlabs_contract.history import TOO_MANY, Exchange
from eachlabs_contract.spec import IN_FLIGHT, MINUTE, REQUESTS_PER_MINUTE, USUAL_DURATION
from eachlabs_contract.targets import NOBODY, UNKNOWN_ID, Caller, stranger

UNKNOWN: Final = {400, 404}
"""Statuses for an unknown id: the page names only the first, and most servers send the other."""

FOREIGN: Final = UNKNOWN | {401, 403}
"""Statuses for another key's prediction."""

MANY: Final = 10
PAUSES: Final = (
    0,
    1,
    999,
    USUAL_DURATION // 2,
    USUAL_DURATION - 1,
    USUAL_DURATION,
    USUAL_DURATION + 1,
    MINUTE // 2,
    MINUTE,
    MINUTE + 100,
)
HOOKS: Final = st.sampled_from(["absent", "empty", "address"])
CALLERS: Final = st.runner().flatmap(lambda self: st.sampled_from(self.callers))


class RandomHistories(RuleBasedStateMachine):
    """Random histories, one for each instance; `Comparison` judges each step.

    :ivar callers: the owner, and the second caller if there is one.
    :ivar intruders: callers that must be refused.
    """

    predictions = Bundle("predictions")

    def __init__(self, comparison: Comparison, strategies: Strategies) -> None:
        super().__init__()
        target = comparison.session.target
        self.strategies = strategies
        self.callers = [target.owner, *([comparison.session.second] if target.second else [])]
        self.intruders = [NOBODY]
        if target.bad_key:
            self.intruders.append(stranger(target.bad_key))
        self._comparison, self._model, self._session = comparison, comparison.model, comparison.session

    @initialize(target=predictions)
    def begin(self) -> MultipleResults[str]:
        """Start with a prediction that succeeds and one that fails."""
        plain, last = self._session.model.plain_input(), self.callers[-1]
        succeeding = self._comparison.create(last, plain, "address")
        return multiple(*succeeding, *self._comparison.create(self.callers[0], plain, "address", fails=True))

    @rule(
        target=predictions,
        values=st.runner().flatmap(lambda self: self.strategies.good),
        caller=CALLERS,
        hook=HOOKS,
        fails=st.booleans(),
    )
    def create(self, values: dict[str, Any], caller: Caller, hook: Hook, fails: bool) -> MultipleResults[str]:  # noqa: FBT001  # Hypothesis draws it
        """Create a prediction that succeeds or fails, with or without a webhook."""
        return multiple(*self._comparison.create(caller, values, hook, fails=fails))

    @rule(body=st.runner().flatmap(lambda self: self.strategies.bad), hooked=st.booleans())
    def create_badly(self, body: object, hooked: bool) -> None:  # noqa: FBT001  # Hypothesis draws it
        """Send a create with one error."""
        if hooked and isinstance(body, dict):
            body = {**body, "webhook_url": self._session.hook()}
        lawful = statuses(self._model.passes("owner"), {400})
        if False in self._model.takes("owner"):
            lawful |= {400, TOO_MANY}  # the server may check the body or the cap first
        self._comparison.ask(self._session.owner, lawful, "the create is invalid", lambda: self._session.post(body))

    @rule(prediction=predictions)
    def poll(self, prediction: str) -> None:
        """Read a prediction."""
        self._poll(prediction)

    @rule()
    def poll_many(self) -> None:
        """Read the latest predictions of all callers."""
        for prediction in list(self._model.predictions)[-MANY:]:
            self._poll(prediction)

    @precondition(lambda self: len(self.callers) > 1)
    @rule(prediction=predictions)
    def poll_as_another(self, prediction: str) -> None:
        """Read a prediction with another key."""
        other = next(caller for caller in self.callers if caller.role != self._model.predictions[prediction].caller)
        lawful = statuses(self._model.passes(other.role), FOREIGN)
        self._comparison.ask(other, lawful, "it is another key's", lambda: self._session.read(prediction, caller=other))

    @rule(name=st.uuids(version=4))
    def poll_unknown(self, name: object) -> None:
        """Read a prediction that does not exist."""
        lawful = statuses(self._model.passes("owner"), UNKNOWN)
        self._comparison.ask(self._session.owner, lawful, "no create made it", lambda: self._session.read(str(name)))

    @rule(
        intruder=st.runner().flatmap(lambda self: st.sampled_from(self.intruders)),
        does=st.sampled_from(["create", "create badly", "read"]),
    )
    def intrude(self, intruder: Caller, does: str) -> None:
        """Send a valid or invalid create, or a read, without a key or with an invalid one."""

        def ask() -> Exchange:
            if does == "read":
                return self._session.read(UNKNOWN_ID, caller=intruder)
            return self._session.post([], caller=intruder) if "badly" in does else self._session.create(caller=intruder)

        self._comparison.ask(intruder, {401}, "the caller has no valid key", ask)

    @rule(prediction=predictions)
    def finish(self, prediction: str) -> None:
        """Advance the clock to the end of a prediction, and read it."""
        self._comparison.advance(self._model.predictions[prediction].end - self._model.now)
        self._poll(prediction)

    @rule(millis=st.sampled_from(PAUSES) | st.integers(0, 90_000))
    def advance(self, millis: int) -> None:
        """Advance the clock."""
        self._comparison.advance(millis)

    @rule(offset=st.sampled_from([-1, 0, 1]))
    def to_next_event(self, offset: int) -> None:
        """Advance the clock to the next event, or to the millisecond before or after it."""
        at = self._model.next_event()
        self._comparison.advance(at + offset - self._model.now if at else 0)

    @invariant()
    def every_webhook_is_there(self) -> None:
        """Every webhook that is due has been sent, and no other."""
        self._comparison.look_at_webhooks()

    def _poll(self, prediction: str) -> bool:
        owner = self._model.predictions[prediction].caller
        return self._comparison.poll(prediction, next(caller for caller in self.callers if caller.role == owner))


class HistoriesAtTheLimit(RandomHistories):
    """Histories that use the limits up on purpose; not all do, since a 429 hides other faults."""

    @rule(
        prediction=RandomHistories.predictions, afresh=st.booleans(), later=st.sampled_from([0, MINUTE - 1, MINUTE + 1])
    )
    def exhaust(self, prediction: str, afresh: bool, later: int) -> None:  # noqa: FBT001  # Hypothesis draws it
        """Read until the minute is used up, perhaps starting with a fresh minute; once more; and again later."""
        self._comparison.advance(MINUTE + 1 if afresh else 0)
        for _ in range(2 * REQUESTS_PER_MINUTE):
            if not self._poll(prediction) or self._model.passes(self._model.predictions[prediction].caller) == {False}:
                break
        self._poll(prediction)
        self._comparison.advance(later)
        self._poll(prediction)

    @rule(target=RandomHistories.predictions, caller=CALLERS, fails=st.booleans())
    def fill(self, caller: Caller, fails: bool) -> MultipleResults[str]:  # noqa: FBT001  # Hypothesis draws it
        """Create predictions until the cap is reached, and one more."""
        plain, free = self._session.model.plain_input(), IN_FLIGHT - self._model.in_flight(caller.role)
        created = [self._comparison.create(caller, plain, "address", fails=fails) for _ in range(free + 1)]
        return multiple(*(prediction for ids in created for prediction in ids))
