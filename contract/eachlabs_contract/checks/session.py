"""What a check drives: one fresh world of a target, everything that was said in it, and what is concluded from that."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from eachlabs_contract.history import BAD_SERVER, TOO_MANY, Delivery, Episode, Event, Exchange, Headers, Request
from eachlabs_contract.spec import MILLIS, MINUTE, TERMINAL, page
from eachlabs_contract.targets import LIMITS, NOBODY, SECONDS, Caller, NoAnswerError, Target, monotonic, now_ms, pause
from eachlabs_contract.verdict import BrokenError, InconclusiveError

RESENT: Final = 4
"""Times that a request is sent again whose answer was a server's failure, a refusal for now, or none."""

TICK: Final = 0.001
"""Seconds: the least by which a clock can be moved."""

WINDOW_SECONDS: Final = MINUTE // MILLIS
PATIENCE_SECONDS: Final = 120
"""Real seconds after which a prediction that still runs is given up, where the clock cannot be moved."""


class Session:
    """One check's dealings with a target.

    Where the target has a control plane, the world is fresh and its clock stands still until `advance`. An answer that
    says nothing about the claim (503, none at all, 429 where no limit was asked for) is asked for again, up to four
    times: such a server is unpleasant and breaks no promise. `disturbed` tells that this happened.

    :param name: of the check.
    :param settings: of the world, beside those of `control.CALM`; limits are on where it says so.
    :param seed: for whatever a check draws.
    :param thorough: whether the run may take long.
    """

    def __init__(
        self, target: Target, name: str, settings: Mapping[str, object], *, seed: int = 0, thorough: bool = False
    ) -> None:
        self.target, self.seed, self.thorough = target, seed, thorough
        self.owner, self.model = target.owner, target.model
        self.limits = any(value != "off" for key, value in settings.items() if key in {"rate_limit", "max_in_flight"})
        self.conclusive = 0
        self.disturbed = False
        self.observations: list[str] = []
        self.evidence: list[Event] = []
        self._name, self._settings = name, settings
        self._callers = [self.owner]  # the last one's clock is the session's
        self._episodes: list[Episode] = []
        self._events: list[Event] = []
        self.begin()

    @property
    def second(self) -> Caller:
        """The caller with the second key, whose world is kept from its first use on: most checks need none."""
        second = self.target.second
        if second is None:
            raise InconclusiveError("there is no second key")
        if second not in self._callers:
            self._callers.insert(0, second)
            if second.control:
                second.control.begin(self._settings)
        return second

    # --- the world and its clock ---

    def begin(self) -> None:
        """Start a fresh world for every caller, where that can be done; what happened so far is an episode."""
        self._close()
        self.now = now_ms()
        for caller in self._callers:
            if caller.control:
                self.now = caller.control.begin(self._settings)
        if self.target.receiver:
            self.target.receiver.take()

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass for every caller, to the millisecond; webhooks due have been attempted on return."""
        for caller in self._callers:
            if caller.control:
                self.now = caller.control.advance(round(seconds * MILLIS))

    def fail_next(self, times: int = 1) -> None:
        """Let the owner's next predictions fail."""
        if self.owner.control:
            self.owner.control.fail_next(times)

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Everything that happened, a fresh world an episode."""
        self._close()
        return tuple(self._episodes)

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened in the present world, in order."""
        return tuple(self._events)

    def _close(self) -> None:
        if self._events:
            on = {name for name, value in LIMITS.items() if self._settings.get(name) == value}
            self._episodes.append(Episode(self._name, tuple(self._events), "rate_limit" in on, "max_in_flight" in on))
            self._events = []

    # --- calling ---

    def call(
        self, method: str, path: str, *, caller: Caller | None = None, headers: Headers = (), body: bytes = b""
    ) -> Exchange:
        """Send a request to *path*, which follows the API's prefix, and return what came of it."""
        sent = (*(caller or self.owner).headers, *headers)
        return self.send(Request(method, self.target.prefix + path, sent, body), caller)

    def send(self, request: Request, caller: Caller | None = None) -> Exchange:
        """Send a request as it stands, again where its answer says nothing, and return what came of it last."""
        exchange = self._send_once(request, caller)
        for _ in range(RESENT):
            is_refused = exchange.status == TOO_MANY and not self.limits
            if exchange.status and exchange.status < BAD_SERVER and not is_refused:
                return exchange
            self._wait_for_better(exchange)
            earlier, exchange = exchange, self._send_once(request, caller)
            self.disturbed |= exchange.status != earlier.status
        if exchange.status == TOO_MANY and not self.limits:
            raise InconclusiveError(f"{request.method} {request.path} is answered 429 again and again")
        return exchange

    def insist(self, ask: Callable[[], Exchange]) -> Exchange:
        """Ask for what no limit forbids, and return the first answer that is no 429, or else the last of five.

        The clock stands still meanwhile, so that a refusal by a limit stays; one at a server's whim does not.
        """
        exchange = ask()
        for _ in range(RESENT):
            if exchange.status != TOO_MANY:
                break
            exchange = ask()
            self.disturbed |= exchange.status != TOO_MANY
        return exchange

    def post(self, document: object, *, caller: Caller | None = None, headers: Headers | None = None) -> Exchange:
        """Send a create; *document* is sent as it is when it is bytes, else as JSON."""
        body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
        content = (("Content-Type", "application/json"),) if headers is None else headers
        return self.call("POST", "/prediction/", caller=caller, headers=content, body=body)

    def create(self, *, caller: Caller | None = None, webhook_url: str | None = None, **given: object) -> Exchange:
        """Send a create that is good unless *given*, parameters of the model, says otherwise."""
        body: dict[str, Any] = {"model": self.model.slug, "input": self.model.plain_input(**given)}
        return self.post(body if webhook_url is None else {**body, "webhook_url": webhook_url}, caller=caller)

    def created(self, *, caller: Caller | None = None, webhook_url: str | None = None, **given: object) -> str:
        """Create a prediction and return its id.

        :raises InconclusiveError: it was refused, which another claim is about.
        """
        exchange = self.insist(lambda: self.create(caller=caller, webhook_url=webhook_url, **given))
        prediction_id = page.created(exchange.document).prediction_id
        if exchange.status != 200 or not prediction_id:
            raise InconclusiveError(f"a plain create was answered {exchange.status}, so there is nothing to look at")
        return prediction_id

    def read(self, prediction_id: str, *, caller: Caller | None = None) -> Exchange:
        """Read a prediction."""
        return self.call("GET", f"/prediction/{prediction_id}", caller=caller)

    def finish(self, prediction_id: str, *, caller: Caller | None = None) -> Exchange:
        """Return the first read that shows a prediction ended, after letting so much time pass as that takes.

        :raises InconclusiveError: it does not end, which another claim is about.
        """
        self.advance(SECONDS)
        began = monotonic()
        while page.prediction((exchange := self.read(prediction_id, caller=caller)).document).status not in TERMINAL:
            if self.owner.control or monotonic() - began > PATIENCE_SECONDS:
                raise InconclusiveError("a prediction does not end")
            pause(1)
        return exchange

    def fetch(self, url: str, method: str = "GET", headers: Headers = ()) -> Exchange:
        """Fetch an output file, without a key."""
        return self.send(Request(method, url.removeprefix(self.target.transport.root), headers), NOBODY)

    def hook(self, status: int = 204) -> str:
        """Return an address for one prediction's webhook, which will be answered with *status*."""
        if self.target.receiver is None:
            raise InconclusiveError("webhooks do not reach this machine")
        return self.target.receiver.fresh_url(status)

    def deliveries(self, expected: int = 0) -> tuple[Delivery, ...]:
        """Return the webhooks that have arrived in the present world so far, oldest first.

        :param expected: how many are waited for, where the clock is real and none can be made to come.
        """
        if self.target.receiver:
            seen = sum(isinstance(each, Delivery) for each in self._events)
            self.target.receiver.wait(expected - seen, 0 if self.owner.control else 10)
            for request in self.target.receiver.take():
                kept = request.masked()
                self._events.append(Delivery(request.path, kept, self.now, self.target.receiver.answer(request.path)))
        return tuple(each for each in self._events if isinstance(each, Delivery))

    def promise(self, holds: object, expected: str, *evidence: Event, got: str = "") -> None:
        """Put the claim to the test once: what was *expected* either *holds* or the claim is broken.

        :param evidence: what shows it, the last one first of all.
        :param got: what came instead; by default what the last piece of evidence says.
        :raises BrokenError: it does not hold.
        """
        self.conclusive += 1
        self.evidence[:] = evidence or self._events[-1:]
        if not holds:
            raise BrokenError(expected, got, tuple(self.evidence))

    def observe(self, text: str, *evidence: Event) -> None:
        """Report what a server does where the page is silent."""
        self.conclusive += 1
        self.observations.append(text)
        self.evidence[:] = evidence or self._events[-1:]

    def _send_once(self, request: Request, caller: Caller | None) -> Exchange:
        paid = request.method == "POST"
        if paid:
            self.target.budget.pay()
        role, kept = (caller or self.owner).role, request.masked()
        try:
            exchange = Exchange(role, kept, self.target.transport.send(request), self._time())
        except NoAnswerError as error:
            exchange = Exchange(role, kept, None, self._time(), str(error))
        if paid and 400 <= exchange.status < BAD_SERVER:
            self.target.budget.refund()
        self._events.append(exchange)
        return exchange

    def _time(self) -> int:
        return self.now if self.owner.control else now_ms()

    def _wait_for_better(self, exchange: Exchange) -> None:
        if exchange.status != TOO_MANY:
            return
        told = exchange.answer.header("Retry-After") if exchange.answer else None
        seconds = int(told) if told and told.isdecimal() else WINDOW_SECONDS
        if self.owner.control:
            self.advance(seconds)
        else:
            pause(min(seconds, WINDOW_SECONDS))
