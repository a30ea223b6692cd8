"""The use cases: who is asking, create, read, fetch an output. No HTTP in here."""

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
from eachlabs_mock.emulator.creation import ValidCreate, draft, fates, settle
from eachlabs_mock.emulator.store import Store, StoreFullError
from eachlabs_mock.emulator.world import World, Worlds, request_prefix, world_of_key
from eachlabs_mock.faults import Rule, read_directives
from eachlabs_mock.models import Catalog, Model
from eachlabs_mock.settings import Settings
from eachlabs_mock.wire import parse_json, read_submission

_SANE_WORLD = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class WebhookPort(Protocol):
    """Takes care of webhooks."""

    def expect(self, world: World, prediction: Prediction) -> None:
        """See to it that the webhook of *prediction*, if it wants one, goes out when it ends."""
        ...

    def send_now(self, world: World, prediction: Prediction) -> None:
        """Send the webhook of *prediction*, if it wants one, and return when that has been tried."""
        ...


class AutoAdvance(Protocol):
    """Makes time pass where a world's clock waits for it to be needed."""

    def visited(self, world: World) -> None:
        """Somebody asked something of *world*."""
        ...

    def polled_in_vain(self, world: World) -> None:
        """A poll found nothing new."""
        ...

    def refused(self, world: World, wait: int) -> None:
        """A call was refused for *wait* milliseconds."""
        ...


class Emulator:
    """The API without its wire: every method raises `ApiError` where the API would refuse.

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
        """Return an id for a request that came to no world: the same beginning for all of a run, and a number."""
        return f"{self._request_prefix}-{next(self._requests)}"

    def identify(self, keys: Sequence[str], world_name: str) -> World:
        """Return the world of a caller who showed *keys*, or the one called *world_name* unless that is empty.

        :param keys: what each carrier of a key had to show; one good key is enough.
        :raises ApiError: none is good; or else the name would not do.
        """
        key = self._access.good_key(keys)
        return self._visit_named(world_name) if world_name else self._visit(world_of_key(key))

    def identify_owner(self, keys: Sequence[str], world_name: str) -> World:
        """Return the world that an owner of this emulator means: by its name, for which no key is needed, or by key."""
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
        """Count a request of *world* in.

        :param creating: whether it means to create a prediction, and so needs a slot as well.
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

    def validate(self, world: World, raw: bytes, public_base: str, asked: tuple[Rule, ...] = ()) -> ValidCreate:
        """Return the order that the body *raw* of a create is.

        :param public_base: scheme and host of the request, for the addresses of the outputs.
        :param asked: what the create wants to go wrong, besides the body; where it is nothing, the prompt may ask.
        """
        submission = read_submission(parse_json(raw))
        model = self._model(submission.model)
        content = model.coerced(submission.input) if world.settings.coerce_strings else submission.input
        if violations := model.check(content, strict=world.settings.strict_input):
            raise ApiError("invalid_input", " ".join(map(str, violations)))
        asked = asked or read_directives(content.get("prompt"), world.settings)
        return ValidCreate(model, content, submission.webhook_url, public_base, asked)

    def create(self, world: World, create: ValidCreate) -> Prediction:
        """Create the prediction of *order*."""
        prediction = self._accept(world, create)
        if prediction.plan.is_early:
            self._webhooks.send_now(world, prediction)
        else:
            self._webhooks.expect(world, prediction)
        self._auto_advance.visited(world)  # only now is there something to wait for
        return prediction

    def read(self, world: World, prediction_id: str) -> tuple[Prediction, Status]:
        """Return a prediction of *world*, and how it stands now. Another world's id is as unknown as a made-up one."""
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
        """Return the prediction whose output file is called *name*, and which of its outputs that is, from 0."""
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
            self._auto_advance.visited(world)  # a clock may have been held for it
        return prediction, prediction.outputs.index(name)

    def ledger(self, world: World) -> Ledger:
        """Return what *world* has spent so far."""
        stored, evicted = self.store.of_world(world.name), self.store.evicted(world.name)
        return compute_ledger(stored, evicted, world.clock.now(), self.price_of, world.settings.charge)

    def price_of(self, slug: str) -> Decimal | None:
        """Return USD per execution of a model: as set, else as its file has it; None when nobody knows."""
        model = self.catalog.get(slug)
        return self._prices.get(slug, model.cost if model else None)

    def _model(self, slug: str) -> Model:
        model = self.catalog.get(slug)
        if model is None:
            raise ApiError("unknown_model", self.catalog.unknown(slug))
        return model

    def _accept(self, world: World, create: ValidCreate) -> Prediction:
        """Return the prediction of *order*, stored; one at a time, so that what is refused uses nothing up.

        However many are created at once, the same ordinals, and with them the same ids and fates, are given out.
        """
        with world.accepting:
            now = world.clock.now()  # one instant for all: a rule may begin or end with it
            prediction = draft(create, world, now, fates(create, world, now))
            wait = self._add(world, prediction)
            if not wait:
                world.ordinal = prediction.ordinal
                settle(create, prediction, world)
                if create.asked:
                    world.try_keep()
                return prediction
        wait = max(wait, self.store.window_wait(world.name, prediction.created_at, world.settings.rate))
        self._auto_advance.refused(world, wait)
        advice = (
            f"The limit of predictions in flight for each API key (--max-in-flight) is {world.settings.max_in_flight}."
        )
        raise ApiError("too_many_in_flight", advice, wait=wait)

    def _add(self, world: World, prediction: Prediction) -> int:
        """Add *prediction* where there is room; return how long it would have to wait."""
        if world.is_over:  # it was reset meanwhile, and takes with it what it creates
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
