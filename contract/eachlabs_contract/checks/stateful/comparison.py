"""Sends requests to a server and compares its answers and webhooks with the reference model."""

import json
from collections.abc import Callable
from typing import Final, Literal

from hypothesis import reject

from eachlabs_contract.checks.session import Session
from eachlabs_contract.checks.stateful.reference_model import ModelPrediction, ReferenceModel
from eachlabs_contract.checks.webhooks.support import path_of
from eachlabs_contract.history import OK, TOO_MANY, Delivery, Event, Exchange
from eachlabs_contract.spec import MILLIS, MINUTE, USUAL_DURATION, Status, page
from eachlabs_contract.targets import Caller
from eachlabs_contract.verdict import BrokenError

Hook = Literal["absent", "empty", "address"]
"""The webhook_url of a create."""

FAILED_READS: Final = {OK, 400, 422}
"""Statuses of a read of a failed prediction: the page shows only the body."""

CREATED: Final = "the answer to a create: status, message and predictionID"
PAYLOAD: Final = "the five documented fields of a webhook"
REFUSAL: Final = "the documented error body: status, message and details"

STORY: Final = 20
"""Events before a violation that a report shows."""


class Comparison:
    """Compares one history of a fresh world with the reference model.

    :param slides: whether the server's minute slides: see `ReferenceModel`.
    :param violations: collects every violation, even if its exception is lost.
    """

    def __init__(self, session: Session, violations: list[BrokenError], *, slides: bool) -> None:
        session.begin()
        session.disturbed = False
        self.session, self.model = session, ReferenceModel(limited=session.limits, slides=slides)
        self._violations = violations
        self._ends: dict[str, object] = {}  # the first read after the end, by prediction
        self._delivered: set[str] = set()

    def create(self, caller: Caller, values: object, hook: Hook = "absent", *, fails: bool = False) -> tuple[str, ...]:
        """Send a valid create; return the id of the prediction if it was accepted.

        :param fails: whether it is to fail; ignored unless the owner sends it and it is sure to be accepted.
        """
        takes = self.model.takes(caller.role)
        fails = fails and caller is self.session.owner and takes == {True}
        if fails:
            self.session.fail_next()
        url = {"absent": None, "empty": "", "address": self.session.hook() if hook == "address" else None}[hook]
        body = {"model": self.session.model.slug, "input": values, **({} if url is None else {"webhook_url": url})}
        why = f"the create is valid (predictions in flight: {self.model.in_flight(caller.role)})"
        exchange = self.ask(caller, statuses(takes, {OK}), why, lambda: self.session.post(body, caller=caller))
        if exchange.status != OK:
            return ()
        prediction = ModelPrediction(caller.role, self.model.now, fails, path_of(url) if url else "")
        return (self._record(exchange, prediction),)

    def _record(self, exchange: Exchange, prediction: ModelPrediction) -> str:
        body = page.created(exchange.document)
        self._promise(not body.complaints, CREATED, exchange, "; ".join(body.complaints))
        self._promise(body.prediction_id not in self.model.predictions, "an id that was not used before", exchange)
        self.model.predictions[body.prediction_id] = prediction
        return body.prediction_id

    def poll(self, prediction: str, caller: Caller) -> bool:
        """Read a prediction of *caller*; return whether the rate limit let the read pass."""
        state, expected = self.model.predictions[prediction], self.model.status(prediction)
        age = (self.model.now - state.start) / MILLIS
        why = f"it takes {USUAL_DURATION / MILLIS:g} s and was created {age:g} s ago"
        usual = FAILED_READS if expected is Status.ERROR else {OK}
        lawful = statuses(self.model.passes(caller.role), usual)
        exchange = self.ask(caller, lawful, why, lambda: self.session.read(prediction, caller=caller))
        if exchange.status in usual:
            self._compare_read(prediction, expected, why, exchange)
        return exchange.status in usual

    def _compare_read(self, prediction: str, expected: Status, why: str, exchange: Exchange) -> None:
        body = page.prediction(exchange.document)
        self._promise(body.status is expected, f"`status` {expected.value!r}, since {why}", exchange)
        fields = f"the fields of a prediction that is {expected.value}, as documented"
        self._promise(not body.complaints, fields, exchange, "; ".join(body.complaints))
        if expected is not Status.ERROR:
            self._promise(body.prediction_id == prediction, f"`predictionID` {prediction!r}", exchange)
        if expected is not Status.PROCESSING:
            first = self._ends.setdefault(prediction, exchange.document)
            what = f"the same as in the first read after the end: {json.dumps(first, ensure_ascii=False)}"
            self._promise(exchange.document == first, what, exchange)

    def look_at_webhooks(self) -> None:
        """Compare the webhooks that have arrived with those due: exactly one for each prediction that has ended."""
        due = self.model.due()
        for delivery in self.session.deliveries()[len(self._delivered) :]:
            self._promise(delivery.path in due, "no webhook here now: no prediction with this URL has ended", delivery)
            self._promise(delivery.path not in self._delivered, "only one webhook", delivery)
            self._delivered.add(delivery.path)
            self._compare_webhook(due[delivery.path], delivery)
        for path in due.keys() - self._delivered:
            self._promise(False, f"a webhook at {path}, since prediction {due[path]} has ended", got="no webhook")

    def _compare_webhook(self, prediction: str, delivery: Delivery) -> None:
        body, expected = page.webhook(delivery.document), self.model.status(prediction)
        self._promise(not body.complaints, PAYLOAD, delivery, "; ".join(body.complaints))
        self._promise(body.status is expected, f"the webhook of a prediction that ended in {expected.value}", delivery)
        self._promise(body.prediction_id == prediction, f"`exec_id` {prediction!r}", delivery)
        if prediction in self._ends:
            output = page.prediction(self._ends[prediction]).output
            self._promise(body.output == output, f"`output` {output!r}, as in a read", delivery)

    def ask(self, caller: Caller, lawful: set[int], why: str, ask: Callable[[], Exchange]) -> Exchange:
        """Send a request; promise that its status is one of *lawful* and that a refusal has the documented body."""
        exchange = ask() if TOO_MANY in lawful else self.session.insist(ask)
        if self.session.disturbed:  # after a retry the server's state is unknown: this history says nothing more
            reject()
        minute = f" (requests passed in the last minute: {self._passed(caller)})" if self.model.limited else ""
        expected = f"{' or '.join(map(str, sorted(lawful)))}, since {why}{minute}"
        self._promise(exchange.status in lawful, expected, exchange)
        if exchange.status != OK:
            complaints = "; ".join(page.refusal(exchange.document).complaints)
            self._promise(not complaints, REFUSAL, exchange, complaints)
        self.model.count(caller.role, sure=exchange.status == OK)
        return exchange

    def _passed(self, caller: Caller) -> int:
        return sum(at > self.model.now - MINUTE for at in self.model.counted[caller.role])

    def advance(self, millis: int) -> None:
        """Advance the clock by *millis*, if that is more than 0."""
        if millis > 0:
            self.session.advance(millis / MILLIS)
            self.model.now += millis

    def _promise(self, holds: object, expected: str, violation: Event | None = None, got: str = "") -> None:
        """Promise as a session does; the events before a violation become evidence."""
        shown = [violation] if violation else []
        story = [] if holds else [event for event in self.session.events if event is not violation][-STORY:]
        try:
            self.session.promise(holds, expected, *story, *shown, got=got)
        except BrokenError as error:
            self._violations.append(error)
            raise


def statuses(passes: frozenset[bool], usual: set[int]) -> set[int]:
    """Return the allowed statuses: *usual* if the request may pass, and 429 if it may be refused."""
    return (usual if True in passes else set()) | ({TOO_MANY} if False in passes else set())
