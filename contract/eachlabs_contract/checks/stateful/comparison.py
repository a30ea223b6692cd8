"""Does something to a server, asks the reference model what must come of it, and compares."""

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
"""What a create says of a webhook."""

FAILED_READS: Final = {OK, 400, 422}
"""Statuses of the read of a prediction that failed: the page shows the body alone."""

CREATED: Final = "the answer to a create: status, message and predictionID"
PAYLOAD: Final = "the five fields of a webhook, as documented"
REFUSAL: Final = "the page's error body: status, message and details"

STORY: Final = 20
"""Exchanges and webhooks that tell how it came to a violation."""


class Comparison:
    """One history of a fresh world, and what the model makes of it.

    :param slides: what is known of the server's minute: see `ReferenceModel`.
    :param violations: takes every violation that is found, whatever becomes of the exception.
    """

    def __init__(self, session: Session, violations: list[BrokenError], *, slides: bool) -> None:
        session.begin()
        session.disturbed = False
        self.session, self.model = session, ReferenceModel(limited=session.limits, slides=slides)
        self._violations = violations
        self._ends: dict[str, object] = {}  # what the first read after its end has shown, by prediction
        self._delivered: set[str] = set()

    def create(self, caller: Caller, given: object, hook: Hook = "absent", *, fails: bool = False) -> tuple[str, ...]:
        """Send a good create; return the id of the prediction, if it was rightly taken.

        :param fails: whether it is to fail; only the owner's do, and only where it is sure to be taken.
        """
        takes = self.model.takes(caller.role)
        fails = fails and caller is self.session.owner and takes == {True}
        if fails:
            self.session.fail_next()
        url = {"absent": None, "empty": "", "address": self.session.hook() if hook == "address" else None}[hook]
        body = {"model": self.session.model.slug, "input": given, **({} if url is None else {"webhook_url": url})}
        why = f"the create is good, and {self.model.in_flight(caller.role)} predictions are in flight"
        exchange = self.ask(caller, statuses(takes, {OK}), why, lambda: self.session.post(body, caller=caller))
        if exchange.status != OK:
            return ()
        return (
            self._taken(exchange, ModelPrediction(caller.role, self.model.now, fails, path_of(url) if url else "")),
        )

    def _taken(self, exchange: Exchange, made: ModelPrediction) -> str:
        seen = page.created(exchange.document)
        self._promise(not seen.complaints, CREATED, exchange, "; ".join(seen.complaints))
        self._promise(
            seen.prediction_id not in self.model.predictions, "an id that was never given out before", exchange
        )
        self.model.predictions[seen.prediction_id] = made
        return seen.prediction_id

    def poll(self, prediction: str, caller: Caller) -> bool:
        """Read a prediction of *caller*; return whether that was let through."""
        life, expected = self.model.predictions[prediction], self.model.status(prediction)
        age = (self.model.now - life.start) / MILLIS
        why = f"it takes {USUAL_DURATION / MILLIS:g} s and was created {age:g} s ago"
        usual = FAILED_READS if expected is Status.ERROR else {OK}
        lawful = statuses(self.model.passes(caller.role), usual)
        exchange = self.ask(caller, lawful, why, lambda: self.session.read(prediction, caller=caller))
        if exchange.status in usual:
            self._compare_read(prediction, expected, why, exchange)
        return exchange.status in usual

    def _compare_read(self, prediction: str, expected: Status, why: str, exchange: Exchange) -> None:
        seen = page.prediction(exchange.document)
        self._promise(seen.status is expected, f"`status` {expected.value!r}, since {why}", exchange)
        body = f"the fields of a prediction that is {expected.value}, as documented"
        self._promise(not seen.complaints, body, exchange, "; ".join(seen.complaints))
        if expected is not Status.ERROR:
            self._promise(seen.prediction_id == prediction, f"`predictionID` {prediction!r}", exchange)
        if expected is not Status.PROCESSING:
            first = self._ends.setdefault(prediction, exchange.document)
            what = f"what the first read after the end has shown: {json.dumps(first, ensure_ascii=False)}"
            self._promise(exchange.document == first, what, exchange)

    def look_at_webhooks(self) -> None:
        """Compare all that has arrived with what is due: once for each prediction that has ended, and nothing else."""
        due = self.model.due()
        for delivery in self.session.deliveries()[len(self._delivered) :]:
            self._promise(delivery.path in due, "no webhook here now: nothing with this address has ended", delivery)
            self._promise(delivery.path not in self._delivered, "one webhook, not a second one", delivery)
            self._delivered.add(delivery.path)
            self._compare_webhook(due[delivery.path], delivery)
        for path in due.keys() - self._delivered:
            self._promise(False, f"a webhook at {path}, since prediction {due[path]} has ended", got="none has arrived")

    def _compare_webhook(self, prediction: str, delivery: Delivery) -> None:
        seen, expected = page.webhook(delivery.document), self.model.status(prediction)
        self._promise(not seen.complaints, PAYLOAD, delivery, "; ".join(seen.complaints))
        self._promise(seen.status is expected, f"the webhook of a prediction that ended in {expected.value}", delivery)
        self._promise(seen.prediction_id == prediction, f"`exec_id` {prediction!r}", delivery)
        if prediction in self._ends:
            output = page.prediction(self._ends[prediction]).output
            self._promise(seen.output == output, f"`output` {output!r}, as a read has shown", delivery)

    def ask(self, caller: Caller, lawful: set[int], why: str, ask: Callable[[], Exchange]) -> Exchange:
        """Ask, and promise that the answer's status is a *lawful* one and its refusal the page's."""
        exchange = ask() if TOO_MANY in lawful else self.session.insist(ask)
        if self.session.disturbed:  # nobody knows what was done: this history says nothing more
            reject()
        minute = f" ({self._passed(caller)} requests have passed in the last minute)" if self.model.limited else ""
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
        """Let time pass; less than none: stay."""
        if millis > 0:
            self.session.advance(millis / MILLIS)
            self.model.now += millis

    def _promise(self, holds: object, expected: str, violation: Event | None = None, got: str = "") -> None:
        """Promise as a session does; the evidence of a violation is the story that led to it."""
        shown = [violation] if violation else []
        story = [] if holds else [each for each in self.session.events if each is not violation][-STORY:]
        try:
            self.session.promise(holds, expected, *story, *shown, got=got)
        except BrokenError as error:
            self._violations.append(error)
            raise


def statuses(passes: frozenset[bool], usual: set[int]) -> set[int]:
    """Return what may be answered to a request that passes or is refused, of which *passes* names what may be."""
    return (usual if True in passes else set()) | ({TOO_MANY} if False in passes else set())
