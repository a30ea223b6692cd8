"""The use cases: identify a caller, create, read, fetch an output. No HTTP."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Protocol

from eachlabs_mock.core import (
    MILLIS,
    TERMINAL,
    UNKNOWN_WAIT,
    ApiError,
    Instant,
    Ledger,
    Prediction,
    Status,
    after_read,
    compute_ledger,
    millis,
    status_at,
)
from eachlabs_mock.emulator.api_keys import Access
from eachlabs_mock.emulator.creation import ValidCreate, commit_rules, draft
from eachlabs_mock.emulator.store import Store, StoreFullError
from eachlabs_mock.emulator.world import World, Worlds, request_prefix, world_of_key
from eachlabs_mock.faults import Rule, read_directives
from eachlabs_mock.models import Catalog, Model
from eachlabs_mock.settings import Settings
from eachlabs_mock.wire import parse_json, read_submission

_SANE_WORLD = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class WebhookPort(Protocol):
    """Sends webhooks."""

    def expect(self, world: World, prediction: Prediction) -> None:
        """Schedule the webhook of *prediction*, if it has one, for its end."""
        ...

    def send_now(self, world: World, prediction: Prediction) -> None:
        """Send the webhook of *prediction*, if it has one, and return after the attempt."""
        ...


class AutoAdvance(Protocol):
    """Moves the clocks of worlds in mode `auto`."""

    def visited(self, world: World) -> None:
        """Restart the idle timer of *world*."""
        ...

    def polled_in_vain(self, world: World) -> None:
        """Skip to the next event of *world*: a read found no change."""
        ...

    def refused(self, world: World, wait: int) -> None:
        """Skip *wait* milliseconds, after which a refused call would pass."""
        ...


class Emulator:
    """The API without HTTP: every method raises `ApiError` where the API refuses a call.

    :param seed: the seed of all worlds.
    """

    def __init__(
        self,
        settings: Settings,
        seed: int,
        catalog: Catalog,
        worlds: Worlds,
        store: Store,
        webhooks: WebhookPort,
        auto_advance: AutoAdvance,
    ) -> None:
        self.settings = settings
        self.seed = seed
        self.catalog = catalog
        self.worlds = worlds
        self.store = store
        self._webhooks = webhooks
        self._auto_advance = auto_advance
        self._access = Access(settings.api_key)
        self._prices = dict(settings.price)
        self._requests = count(1)
        self._request_prefix = request_prefix(seed, store.life)

    def next_request_id(self) -> str:
        """Return an id for a request that belongs to no world: the prefix of this run, and a number."""
        return f"{self._request_prefix}-{next(self._requests)}"

    def identify(self, keys: Sequence[str], world_name: str) -> World:
        """Return the world of a caller with *keys*, or the world called *world_name* unless that is empty.

        :param keys: the key of each header that may carry one; one valid key is enough.
        :raises ApiError: no key is valid, or the name is not.
        """
        key = self._access.valid_key(keys)
        return self._visit_named(world_name) if world_name else self._visit(world_of_key(key))

    def identify_owner(self, keys: Sequence[str], world_name: str) -> World:
        """Return the world of a control call: by name, which needs no key, or else by key."""
        return self._visit_named(world_name) if world_name else self.identify(keys, "")

    def _visit_named(self, name: str) -> World:
        if not _SANE_WORLD.fullmatch(name):
            advice = "X-Mock-World must be 1 to 100 letters, digits, dots, colons, dashes or underscores."
            raise ApiError("bad_request", advice)
        return self._visit(name)

    def _visit(self, name: str) -> World:
        world = self.worlds.visit(name)
        if self.worlds.are_too_many and (gone := self.worlds.drop_idle()):
            self.store.forget(gone)
        return world

    def admit(self, world: World, *, creating: bool) -> None:
        """Count a request against the rate limit of *world*.

        :param creating: whether it is a create, which needs a slot as well.
        :raises ApiError: the rate limit is exceeded.
        """
        self._auto_advance.visited(world)
        settings = world.settings
        if settings.count == "creates" and not creating:
            return
        now = world.clock.now()
        wait = self.store.admit(world.name, now, settings.rate, count_refused=settings.count_refused)
        if wait:
            slot = self.store.slot_wait(world.name, now, settings.max_in_flight) if creating else 0
            self._auto_advance.refused(world, max(wait, slot))
            raise ApiError("rate_limited", _rate_advice(settings), wait=max(wait, slot))

    def validate(self, world: World, raw: bytes, public_base: str, directives: tuple[Rule, ...] = ()) -> ValidCreate:
        """Return the create request in the body *raw*.

        :param public_base: scheme and host of the request, for the addresses of the outputs.
        :param directives: the rules of its header; where there are none, the prompt may have some.
        :raises ApiError: the body is not valid.
        """
        submission = read_submission(parse_json(raw))
        model = self._model(submission.model)
        content = model.coerced(submission.input) if world.settings.coerce_strings else submission.input
        if violations := model.check(content, strict=world.settings.strict_input):
            raise ApiError("invalid_input", " ".join(map(str, violations)))
        directives = directives or read_directives(content.get("prompt"), world.settings)
        return ValidCreate(model, content, submission.webhook_url, public_base, directives)

    def create(self, world: World, create: ValidCreate) -> Prediction:
        """Create a prediction, and schedule or send its webhook."""
        prediction = self._accept(world, create)
        if prediction.plan.is_early:
            self._webhooks.send_now(world, prediction)
        else:
            self._webhooks.expect(world, prediction)
        self._auto_advance.visited(world)  # only now is there an event to wait for
        return prediction

    def read(self, world: World, prediction_id: str) -> tuple[Prediction, Status]:
        """Return a prediction of *world* and its present status; predictions of other worlds are unknown."""
        prediction, status = self._read(world, prediction_id)
        if status not in TERMINAL:
            self._auto_advance.polled_in_vain(world)
        return prediction, status

    def _read(self, world: World, prediction_id: str) -> tuple[Prediction, Status]:
        while True:
            now = world.clock.now()
            prediction = self.store.get(prediction_id)
            if prediction is None or prediction.world != world.name or not prediction.is_known_at(now):
                advice = f"No prediction of this API key has the id {prediction_id[:100]!r}."
                raise ApiError("unknown_prediction", advice)
            moved = after_read(prediction, now)
            if moved is prediction:
                return prediction, status_at(prediction, now)
            if self.store.replace(prediction, moved):
                if moved.ended_at is not None:
                    self._webhooks.expect(world, moved)
                return moved, status_at(moved, now)

    def output(self, name: str) -> tuple[Prediction, int]:
        """Return the prediction with the output file *name*, and the number of that output, from 0."""
        prediction = self.store.get(name[:36])
        if prediction is None or name not in prediction.outputs:
            raise ApiError("unknown_output", "No output has this name.")
        world = self.worlds.find(prediction.world)
        now = self.worlds.now_in(prediction.world)
        if status_at(prediction, now) is not Status.SUCCESS:
            raise ApiError("unknown_output", "The prediction has not succeeded, so it has no output.")
        if _has_expired(world, prediction, now):
            raise ApiError("unknown_output", "The output has expired.")
        if world and not prediction.fetched:
            self.store.replace(prediction, prediction._replace(fetched=True))
            self._auto_advance.visited(world)  # an expiry may have held the clock
        return prediction, prediction.outputs.index(name)

    def ledger(self, world: World) -> Ledger:
        """Return the money that *world* has spent so far."""
        stored, evicted = self.store.of_world(world.name), self.store.evicted(world.name)
        return compute_ledger(stored, evicted, world.clock.now(), self.price_of, world.settings.charge)

    def price_of(self, slug: str) -> Decimal | None:
        """Return USD per execution of a model, from the settings or else its file; None where unknown."""
        model = self.catalog.get(slug)
        return self._prices.get(slug, model.cost if model else None)

    def _model(self, slug: str) -> Model:
        model = self.catalog.get(slug)
        if model is None:
            raise ApiError("unknown_model", self.catalog.unknown(slug))
        return model

    def _accept(self, world: World, create: ValidCreate) -> Prediction:
        """Store and return a new prediction. One create at a time, so that a refused one uses up no ordinal.

        So concurrent creates get the same ordinals, ids and faults as sequential ones.
        """
        with world.accepting:
            now = world.clock.now()  # read once: a rule may begin or end at this instant
            prediction = draft(create, world, now)
            wait = self._add(world, prediction)
            if not wait:
                world.ordinal = prediction.ordinal
                commit_rules(create, prediction, world)
                if create.directives:
                    world.try_keep()
                return prediction
        wait = max(wait, self.store.window_wait(world.name, prediction.created_at, world.settings.rate))
        self._auto_advance.refused(world, wait)
        advice = (
            f"The limit of predictions in flight for each API key (--max-in-flight) is {world.settings.max_in_flight}."
        )
        raise ApiError("too_many_in_flight", advice, wait=wait)

    def _add(self, world: World, prediction: Prediction) -> int:
        """Add *prediction* to the store; return how long it has to wait for a slot, or 0."""
        if world.is_over:  # it was reset meanwhile
            return 0
        try:
            return self.store.add(prediction, world.settings.max_in_flight)
        except StoreFullError:
            most = self.settings.max_predictions
            advice = f"The store is full: all {most} predictions (--max-predictions) are still in flight."
            raise ApiError("store_full", advice, wait=UNKNOWN_WAIT) from None


def _rate_advice(settings: Settings) -> str:
    rate = settings.rate
    return (
        f"The rate limit of each API key (--rate-limit) is {rate.limit} per {rate.period / MILLIS:g} s." if rate else ""
    )


def _has_expired(world: World | None, prediction: Prediction, now: Instant) -> bool:
    expiry = world.settings.output_expiry if world else None
    return expiry is not None and prediction.ends_at is not None and now >= prediction.ends_at + millis(expiry)
