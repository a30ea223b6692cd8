"""A world in the hands of a test: its clock, what happened in it, what it cost, and how it is to behave."""

import hashlib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from eachlabs_mock.control import Control, ControlError, Send
from eachlabs_mock.core import Instant, Ledger, Mode

Record = dict[str, Any]
"""A prediction, request or delivery, with the fields that `GET /__mock/...` gives it."""

TIMED_OUT = 408


def key_of_test(test_id: str) -> str:
    """Return the API key of a test: always the same for the same node id, and nobody else's."""
    return "test-" + hashlib.blake2b(test_id.encode(), digest_size=16).hexdigest()


class MockClock:
    """The clock of a world. Seconds are the clock's own."""

    def __init__(self, control: Control) -> None:
        self._control = control

    @property
    def now(self) -> Instant:
        """What time it is, in milliseconds since the epoch."""
        return int(self._state()["now_ms"])

    @property
    def mode(self) -> Mode:
        """How it passes: `real`, `scaled`, `manual` or `auto`."""
        mode: Mode = self._state()["mode"]
        return mode

    @property
    def pending(self) -> list[Record]:
        """What is going to happen by itself, soonest first: `at`, `in_seconds`, `kind`, `prediction_id`."""
        pending: list[Record] = self._state()["pending"]
        return pending

    def advance(self, seconds: float) -> None:
        """Move on, event by event; the webhooks that fall due on the way have been attempted on return.

        :param seconds: at least 0.
        :raises ControlError: they will not do.
        """
        self._control.call("POST", "/clock/advance", {"seconds": seconds})

    def next(self) -> None:
        """Move on to whatever happens next; nowhere, when nothing does."""
        self._control.call("POST", "/clock/next")

    def set(self, mode: Mode, speed: float = 1.0) -> None:
        """Go on from now in another *mode*.

        :param speed: clock seconds per real second, of interest to `scaled` only.
        :raises ControlError: there is no such mode or speed.
        """
        self._control.call("PUT", "/clock", {"mode": mode, "speed": speed})

    def _state(self) -> Record:
        state: Record = self._control.call("GET", "/clock")
        return state


class MockWorld:
    """One isolated world of an emulator, which belongs to whoever holds its API key.

    :ivar base_url: the API's, with ``/v1``.
    :ivar api_key: the key that leads here.
    :ivar clock: its clock.
    """

    def __init__(self, base_url: str, api_key: str, send: Send) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self._control = Control(send, api_key)
        self.clock = MockClock(self._control)

    @property
    def predictions(self) -> list[Record]:
        """The predictions there are, oldest first, with all that is known of them."""
        return self._list("predictions")

    @property
    def requests(self) -> list[Record]:
        """The last requests and their answers, oldest first."""
        return self._list("requests")

    @property
    def deliveries(self) -> list[Record]:
        """The webhooks that were attempted, oldest first, each with what came of it."""
        return self._list("deliveries")

    @property
    def ledger(self) -> Ledger:
        """What it has spent so far: `total` in USD and `executions`, for instance. It does not change any more."""
        facts = self._control.call("GET", "/ledger")
        by_model = {model: Decimal(amount) for model, amount in facts["by_model"].items()}
        return Ledger(Decimal(facts["total"]), facts["executions"], facts["unpriced"], by_model)

    def wait_for_prediction(self, count: int = 1, timeout: float = 5.0, *, status: str = "") -> list[Record]:
        """Return the predictions once there are *count*, counting only those with *status* unless it is empty.

        :param timeout: real seconds, from 0 to 60.
        :raises ControlError: there are fewer still; it has a note on what is pending.
        """
        return self._wait("predictions", count, timeout, status)

    def wait_for_request(self, count: int = 1, timeout: float = 5.0, *, status: int = 0) -> list[Record]:
        """Return the requests once there are *count*; the rest as in `wait_for_prediction`.

        :param status: the HTTP status they were answered with; 0: any.
        """
        return self._wait("requests", count, timeout, status)

    def wait_for_delivery(self, count: int = 1, timeout: float = 5.0, *, status: str = "") -> list[Record]:
        """Return the deliveries once there are *count*; the rest as in `wait_for_prediction`.

        :param status: of the last attempt, SUCCESS or FAILED.
        """
        return self._wait("deliveries", count, timeout, status)

    def fail_next(self, times: int = 1, message: str = "", details: str = "") -> None:
        """Let the next predictions fail, *times* of them, from 1 to 1000.

        :param message: what they fail with, as *details*; empty: the emulator's usual text.
        :raises ControlError: the number will not do.
        """
        self._control.call("POST", "/predictions/fail-next", {"times": times, "message": message, "details": details})

    @property
    def faults(self) -> list[Record]:
        """The rules in force, each with its `matches` and `strikes` so far."""
        return self._list("faults")

    def arm(self, fault: str, **rule: object) -> list[Record]:
        """Let something go wrong from now on: `arm("http_error", status=503, route="read", times=2)`. Return all rules.

        :param fault: its name.
        :param rule: its parameters, and when it strikes; the README lists both.
        :raises ControlError: the rule will not do.
        """
        rules: list[Record] = self._control.call("POST", "/faults", {"fault": fault, **rule})["faults"]
        return rules

    def disarm(self) -> None:
        """Let nothing go wrong any more."""
        self._control.call("DELETE", "/faults")

    def settings(self, **changes: object) -> Mapping[str, Any]:
        """Let this world behave otherwise from now on: `settings(rate_limit="2/60")`. Return all of its settings.

        :param changes: by the names of the flags of ``eachlabs-mock serve``, with underscores.
        :raises ControlError: one will not do; none is made.
        """
        settings: Mapping[str, Any] = self._control.call("PATCH", "/settings", changes)
        return settings

    def reset(self) -> None:
        """Begin anew: no predictions, no requests, the clock and the settings of the server's start."""
        self._control.call("POST", "/reset")

    def assert_spend_below(self, usd: str | Decimal) -> None:
        """Fail unless the executions so far cost less than *usd*.

        :param usd: an exact amount, such as "0.10".
        :raises AssertionError: they cost as much or more, or what they cost is not known.
        """
        __tracebackhide__ = True
        limit, spent = _exact(usd), self.ledger
        if spent.total >= limit:
            raise AssertionError(f"{_bill(spent)}; that is not below {limit} USD")
        if spent.unpriced:
            raise AssertionError(
                f"{_bill(spent)}; the price of {spent.unpriced} more is not known, so neither is whether it is below"
                f" {limit} USD (the flag --price SLUG=USD gives one)"
            )

    def assert_good_manners(self, *, but: Collection[str] = (), strict: bool = False) -> None:
        """Fail unless the calls so far were those of a good client: none in vain, none too often, none that pays twice.

        `eachlabs-contract report` says the same of any emulator, and more.

        :param but: ids of manners that need not be kept, such as "outputs.fetched".
        :param strict: hold it to what a client only should do, too.
        :raises AssertionError: one was broken; the text says what was done, why it hurts, and what would be right.
        """
        __tracebackhide__ = True
        # The one place where the emulator reaches for the contract, which is not loaded unless somebody asks.
        from eachlabs_contract.history import PARTS, read_journal  # noqa: PLC0415
        from eachlabs_contract.manners import check_manners  # noqa: PLC0415

        document = {part: self._control.call("GET", f"/{part}") for part in PARTS}
        check_manners(read_journal(document), but=but, strict=strict)

    def _list(self, name: str) -> list[Record]:
        records: list[Record] = self._control.call("GET", f"/{name}")[name]
        return records

    def _wait(self, name: str, count: int, timeout: float, status: int | str) -> list[Record]:
        asked = {"count": count, "timeout": timeout, **({"status": status} if status else {})}
        try:
            records: list[Record] = self._control.call("POST", f"/{name}/wait", asked)[name]
        except ControlError as error:
            if error.status == TIMED_OUT:
                error.add_note(self._outlook())
            raise
        return records

    def _outlook(self) -> str:
        """Say what a wait in vain may have been waiting for: most often for the test itself to move the clock."""
        pending = self.clock.pending
        if not pending:
            return "Nothing is pending in this world."
        event = pending[0]
        return (
            f"The clock is {self.clock.mode}. Next, in {event['in_seconds']:g} s of it, comes: {event['kind']}"
            f" of {event['prediction_id'] or 'the world'}; clock.next() would move on to it."
        )


def _exact(usd: object) -> Decimal:
    if isinstance(usd, str | int | Decimal):
        return Decimal(usd)
    raise TypeError(f'usd: {usd!r} is no exact amount; a text such as "0.10" is')


def _bill(spent: Ledger) -> str:
    models = ", ".join(f"{model} {amount} USD" for model, amount in spent.by_model.items())
    priced = spent.executions - spent.unpriced
    return f"{priced} execution{'' if priced == 1 else 's'} cost {spent.total} USD{models and f' ({models})'}"
