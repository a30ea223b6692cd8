"""A world as a test sees it: its clock, requests, predictions, webhooks, cost, faults and settings."""

import hashlib
from collections.abc import Collection, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from eachlabs_mock.control import Control, ControlError, Send
from eachlabs_mock.core import Instant, Ledger, Mode

Record = dict[str, Any]
"""A prediction, request or delivery, with the fields of `GET /__mock/...`."""

SEED = 0
"""The default seed of all fixtures, so that a test sees the same ids with and without a server."""


def key_of_test(test_id: str) -> str:
    """Return the API key of a test: a hash of its node id."""
    return "test-" + hashlib.blake2b(test_id.encode(), digest_size=16).hexdigest()


class MockClock:
    """The clock of a world. All seconds are clock seconds, not real ones."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> Instant:
        """The current time in milliseconds since the epoch."""
        return int(self._state()["now_ms"])

    @property
    def mode(self) -> Mode:
        """How time passes: `real`, `scaled`, `manual` or `auto`."""
        mode: Mode = self._state()["mode"]
        return mode

    @property
    def pending(self) -> list[Record]:
        """The scheduled events, soonest first, each with `at`, `in_seconds`, `kind` and `prediction_id`."""
        pending: list[Record] = self._state()["pending"]
        return pending

    def advance(self, seconds: float) -> None:
        """Move the clock forward, event by event, and attempt the webhooks that become due.

        :param seconds: at least 0.
        :raises ControlError: *seconds* is invalid.
        """
        self._control.call("POST", "/clock/advance", {"seconds": seconds})

    def next(self) -> None:
        """Move the clock to the next scheduled event; do nothing if there is none."""
        self._control.call("POST", "/clock/next")

    def set(self, mode: Mode, speed: float = 1.0) -> None:
        """Change the mode of the clock.

        :param speed: clock seconds per real second, for the mode `scaled`.
        :raises ControlError: the mode or the speed is invalid.
        """
        self._control.call("PUT", "/clock", {"mode": mode, "speed": speed})

    def _state(self) -> Record:
        state: Record = self._control.call("GET", "/clock")
        return state


class MockWorld:
    """One isolated world of an emulator: all that happens with one API key.

    :ivar base_url: the base URL of the API, ending in ``/v1``.
    :ivar api_key: the API key of this world.
    :ivar clock: the clock of this world.
    """

    def __init__(self, base_url: str, api_key: str, send: Send) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self._control = Control(send, api_key)
        self.clock = MockClock(self._control)

    @property
    def predictions(self) -> list[Record]:
        """The predictions, oldest first."""
        return self._list("predictions")

    @property
    def requests(self) -> list[Record]:
        """The last requests with their responses, oldest first."""
        return self._list("requests")

    @property
    def deliveries(self) -> list[Record]:
        """The webhooks that were attempted, oldest first, each with the result of every attempt."""
        return self._list("deliveries")

    @property
    def ledger(self) -> Ledger:
        """A snapshot of the spend so far, such as `total` in USD and `executions`."""
        facts = self._control.call("GET", "/ledger")
        by_model = {model: Decimal(amount) for model, amount in facts["by_model"].items()}
        return Ledger(Decimal(facts["total"]), facts["executions"], facts["unpriced"], by_model)

    def wait_for_prediction(self, count: int = 1, timeout: float = 5.0, *, status: str = "") -> list[Record]:
        """Wait until there are *count* predictions, and return them.

        :param timeout: real seconds, from 0 to 60.
        :param status: count only predictions with this status; empty: all.
        :raises ControlError: there are still fewer; a note names the next scheduled event.
        """
        return self._wait("predictions", count, timeout, status)

    def wait_for_request(self, count: int = 1, timeout: float = 5.0, *, status: int = 0) -> list[Record]:
        """Wait until there are *count* requests, and return them; see `wait_for_prediction`.

        :param status: count only requests answered with this HTTP status; 0: all.
        """
        return self._wait("requests", count, timeout, status)

    def wait_for_delivery(self, count: int = 1, timeout: float = 5.0, *, status: str = "") -> list[Record]:
        """Wait until there are *count* deliveries, and return them; see `wait_for_prediction`.

        :param status: count only deliveries whose last attempt is SUCCESS or FAILED; empty: all.
        """
        return self._wait("deliveries", count, timeout, status)

    def fail_next(self, times: int = 1, message: str = "", details: str = "") -> None:
        """Make the next predictions fail.

        :param times: the number of predictions, from 1 to 1000.
        :param message: the error message; empty: the default one.
        :param details: the details of the error; empty: the default ones.
        :raises ControlError: *times* is invalid.
        """
        self._control.call("POST", "/predictions/fail-next", {"times": times, "message": message, "details": details})

    @property
    def faults(self) -> list[Record]:
        """The active fault rules, each with the number of its `matches` and `strikes`."""
        return self._list("faults")

    def arm(self, fault: str, **rule: object) -> list[Record]:
        """Add a fault rule, such as `arm("http_error", status=503, route="read", times=2)`, and return all rules.

        :param fault: the name of the fault.
        :param rule: the parameters of the fault, and the conditions under which it strikes.
        :raises ControlError: the rule is invalid.
        """
        rules: list[Record] = self._control.call("POST", "/faults", {"fault": fault, **rule})["faults"]
        return rules

    def disarm(self) -> None:
        """Remove all fault rules."""
        self._control.call("DELETE", "/faults")

    def settings(self, **changes: object) -> Mapping[str, Any]:
        """Change settings of this world, such as `settings(rate_limit="2/60")`, and return all of its settings.

        :param changes: by name: the flags of ``eachlabs-mock serve``, with underscores.
        :raises ControlError: a change is invalid; none is applied.
        """
        settings: Mapping[str, Any] = self._control.call("PATCH", "/settings", changes)
        return settings

    def reset(self) -> None:
        """Remove all predictions and requests, and restore the initial clock and settings."""
        self._control.call("POST", "/reset")

    def assert_spend_below(self, usd: str | Decimal) -> None:
        """Fail unless the executions so far cost less than *usd*.

        :param usd: an exact amount, such as "0.10".
        :raises AssertionError: they cost *usd* or more, or the cost is unknown.
        """
        __tracebackhide__ = True
        limit, spent = _exact(usd), self.ledger
        if spent.total >= limit:
            raise AssertionError(f"{_describe(spent)}, which is not below {limit} USD")
        if spent.unpriced:
            raise AssertionError(
                f"{_describe(spent)}, but the price of {spent.unpriced} more is unknown, so the total may not be below"
                f" {limit} USD (set the price with --price SLUG=USD)"
            )

    def assert_good_manners(self, *, but: Collection[str] = (), strict: bool = False) -> None:
        """Fail if the requests so far break a rule of good clients, for example by polling too often or paying twice.

        `eachlabs-contract report` checks the same rules, called manners, and more, on any emulator.

        :param but: ids of manners to ignore, such as "outputs.fetched".
        :param strict: also check the manners that a client only SHOULD follow.
        :raises AssertionError: a manner was broken; the text names the requests, the harm and the remedy.
        """
        __tracebackhide__ = True
        # The only place where the emulator uses the contract; it is imported on first use.
        from eachlabs_contract.history import PARTS, read_journal  # noqa: PLC0415
        from eachlabs_contract.manners import check_manners  # noqa: PLC0415

        document = {part: self._control.call("GET", f"/{part}") for part in PARTS}
        check_manners(read_journal(document), but=but, strict=strict)

    def _list(self, name: str) -> list[Record]:
        records: list[Record] = self._control.call("GET", f"/{name}")[name]
        return records

    def _wait(self, name: str, count: int, timeout: float, status: int | str) -> list[Record]:
        condition = {"count": count, "timeout": timeout, **({"status": status} if status else {})}
        try:
            records: list[Record] = self._control.call("POST", f"/{name}/wait", condition)[name]
        except ControlError as error:
            if error.status == HTTPStatus.REQUEST_TIMEOUT:
                error.add_note(self._next_event())
            raise
        return records

    def _next_event(self) -> str:
        """Describe the next scheduled event: a wait often fails because the test did not move the clock."""
        pending = self.clock.pending
        if not pending:
            return "Nothing is pending in this world."
        event = pending[0]
        subject = event["prediction_id"] or "the world"
        return (
            f"The clock is {self.clock.mode}. The next event, '{event['kind']}' of {subject}, "
            f"is {event['in_seconds']:g} s away; clock.next() moves the clock to it."
        )


def _exact(usd: object) -> Decimal:
    if isinstance(usd, str | int | Decimal):
        return Decimal(usd)
    raise TypeError(f'usd: {usd!r} is not exact; pass a string such as "0.10"')


def _describe(spent: Ledger) -> str:
    models = ", ".join(f"{model} {amount} USD" for model, amount in spent.by_model.items())
    priced = spent.executions - spent.unpriced
    return f"{priced} execution{'' if priced == 1 else 's'} cost {spent.total} USD{models and f' ({models})'}"
