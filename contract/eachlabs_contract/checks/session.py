"""A session: the requests of one check to one target, their history, and the conclusions from it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from eachlabs_contract.history import BAD_SERVER, TOO_MANY, Delivery, Episode, Event, Exchange, Headers, Request
from eachlabs_contract.spec import MILLIS, MINUTE, TERMINAL, page
from eachlabs_contract.targets import LIMITS, NOBODY, SECONDS, Caller, NoAnswerError, Target, monotonic, now_ms, pause
from eachlabs_contract.verdict import BrokenError, InconclusiveError

RESENT: Final = 4
"""Retries of a request that was answered with a server error or an unexpected 429, or not at all."""

TICK: Final = 0.001
"""Seconds: the smallest step of a clock."""

WINDOW_SECONDS: Final = MINUTE // MILLIS
PATIENCE_SECONDS: Final = 120
"""Real seconds to wait for the end of a prediction where the clock cannot be moved."""


class Session:
    """The requests that one check sends to a target.

    Where the target has a control plane, the world is fresh and its clock stands still until `advance`. An answer that
    says nothing about the claim (5xx, none at all, or 429 while no limit is on) is retried up to four times: such a
    server is unreliable, but breaks no promise. `disturbed` says that a retry had another outcome.

    :param name: the id of the check.
    :param settings: settings of the world in addition to `control.CALM`; they may switch limits on.
    :param seed: seed of the check's random choices.
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
        self._callers = [self.owner]  # the clock of the last one is the session's
        self._episodes: list[Episode] = []
        self._events: list[Event] = []
        self.begin()

    @property
    def second(self) -> Caller:
        """The caller with the second key; its world starts at its first use, since most checks need none."""
        second = self.target.second
        if second is None:
            raise InconclusiveError("no second key is known")
        if second not in self._callers:
            self._callers.insert(0, second)
            if second.control:
                second.control.begin(self._settings)
        return second

    # --- the world and its clock ---

    def begin(self) -> None:
        """Start a fresh world for every caller that has a control plane; the events so far become an episode."""
        self._close()
        self.now = now_ms()
        for caller in self._callers:
            if caller.control:
                self.now = caller.control.begin(self._settings)
        if self.target.receiver:
            self.target.receiver.take()

    def advance(self, seconds: float) -> None:
        """Advance every caller's clock by *seconds*; webhooks that fall due have been attempted on return."""
        for caller in self._callers:
            if caller.control:
                self.now = caller.control.advance(round(seconds * MILLIS))

    def fail_next(self, times: int = 1) -> None:
        """Make the owner's next predictions fail."""
        if self.owner.control:
            self.owner.control.fail_next(times)

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """All events so far, one episode for each fresh world."""
        self._close()
        return tuple(self._episodes)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of the present world, in order."""
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
        """Send a request to *path*, relative to the API's prefix, and return the exchange."""
        own = (caller or self.owner).headers
        return self.send(Request(method, self.target.prefix + path, (*own, *headers), body), caller)

    def send(self, request: Request, caller: Caller | None = None) -> Exchange:
        """Send *request* as it is, with retries where the answer says nothing, and return the last exchange."""
        exchange = self._send_once(request, caller)
        for _ in range(RESENT):
            is_refused = exchange.status == TOO_MANY and not self.limits
            if exchange.status and exchange.status < BAD_SERVER and not is_refused:
                return exchange
            self._wait_for_better(exchange)
            earlier, exchange = exchange, self._send_once(request, caller)
            self.disturbed |= exchange.status != earlier.status
        if exchange.status == TOO_MANY and not self.limits:
            raise InconclusiveError(
                f"{request.method} {request.path} was answered 429 repeatedly, though no limit is on"
            )
        return exchange

    def insist(self, ask: Callable[[], Exchange]) -> Exchange:
        """Send a request that no limit forbids; return the first exchange that is not a 429, or the last of five.

        The clock stands still meanwhile, so that a refusal by a limit stays while a random one goes away.
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

    def create(self, *, caller: Caller | None = None, webhook_url: str | None = None, **values: object) -> Exchange:
        """Send a create with a valid input, in which *values* replace or add parameters."""
        body: dict[str, Any] = {"model": self.model.slug, "input": self.model.plain_input(**values)}
        return self.post(body if webhook_url is None else {**body, "webhook_url": webhook_url}, caller=caller)

    def created(self, *, caller: Caller | None = None, webhook_url: str | None = None, **values: object) -> str:
        """Create a prediction and return its id.

        :raises InconclusiveError: the create was refused; another claim covers that.
        """
        exchange = self.insist(lambda: self.create(caller=caller, webhook_url=webhook_url, **values))
        prediction_id = page.created(exchange.document).prediction_id
        if exchange.status != 200 or not prediction_id:
            raise InconclusiveError(f"a valid create was answered {exchange.status}, so the claim could not be tested")
        return prediction_id

    def read(self, prediction_id: str, *, caller: Caller | None = None) -> Exchange:
        """Read a prediction."""
        return self.call("GET", f"/prediction/{prediction_id}", caller=caller)

    def finish(self, prediction_id: str, *, caller: Caller | None = None) -> Exchange:
        """Return the first read that shows the prediction ended, after advancing the clock by its duration.

        :raises InconclusiveError: it does not end; another claim covers that.
        """
        self.advance(SECONDS)
        began = monotonic()
        while page.prediction((exchange := self.read(prediction_id, caller=caller)).document).status not in TERMINAL:
            if self.owner.control or monotonic() - began > PATIENCE_SECONDS:
                raise InconclusiveError("a prediction did not end")
            pause(1)
        return exchange

    def fetch(self, url: str, method: str = "GET", headers: Headers = ()) -> Exchange:
        """Fetch an output file, without a key."""
        return self.send(Request(method, url.removeprefix(self.target.transport.root), headers), NOBODY)

    def hook(self, status: int = 204) -> str:
        """Return a URL for the webhook of one prediction; the receiver answers it with *status*."""
        if self.target.receiver is None:
            raise InconclusiveError("webhooks cannot reach this machine")
        return self.target.receiver.fresh_url(status)

    def deliveries(self, expected: int = 0) -> tuple[Delivery, ...]:
        """Return the webhooks that have arrived in the present world so far, oldest first.

        :param expected: the number of webhooks to wait for where the clock is real.
        """
        if self.target.receiver:
            arrived = sum(isinstance(event, Delivery) for event in self._events)
            self.target.receiver.wait(expected - arrived, 0 if self.owner.control else 10)
            for request in self.target.receiver.take():
                kept = request.masked()
                self._events.append(Delivery(request.path, kept, self.now, self.target.receiver.answer(request.path)))
        return tuple(event for event in self._events if isinstance(event, Delivery))

    def promise(self, holds: object, expected: str, *evidence: Event, got: str = "") -> None:
        """Test the claim once: it is broken unless *holds*.

        :param evidence: the events that show it; the last one is the violation.
        :param got: what happened instead; by default what the last event says.
        :raises BrokenError: *holds* is false.
        """
        self.conclusive += 1
        self.evidence[:] = evidence or self._events[-1:]
        if not holds:
            raise BrokenError(expected, got, tuple(self.evidence))

    def observe(self, text: str, *evidence: Event) -> None:
        """Report how the server behaves where the page is silent."""
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
        delay = exchange.answer.header("Retry-After") if exchange.answer else None
        seconds = int(delay) if delay and delay.isdecimal() else WINDOW_SECONDS
        if self.owner.control:
            self.advance(seconds)
        else:
            pause(min(seconds, WINDOW_SECONDS))
