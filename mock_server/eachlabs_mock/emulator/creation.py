"""Drafts the record of a new prediction: everything that will ever be true of it is decided here."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from eachlabs_mock.core import Chance, Instant, Prediction, draw_duration, draw_integer, draw_plan
from eachlabs_mock.emulator.world import World
from eachlabs_mock.faults import Fault, Occasion, Route, Rule, at_once
from eachlabs_mock.images import count_of, extension_of
from eachlabs_mock.models import Model

_DRAWN_SEEDS_BELOW = 2**31
_LATER: frozenset[Route] = frozenset({"read", "output", "webhook"})


class ValidCreate(NamedTuple):
    """A create request that has passed every check.

    :param input: valid against the model's schema; without defaults.
    :param public_base: scheme and host of the request, for the addresses of the outputs.
    :param asked: what its creator wants to go wrong.
    """

    model: Model
    input: Mapping[str, Any]
    webhook_url: str
    public_base: str
    asked: tuple[Rule, ...] = ()


def fates(create: ValidCreate, world: World, now: Instant) -> Sequence[Fault]:
    """Return what goes wrong with the prediction of *order*: what its creator asks for, or else what the rules say.

    Nothing is counted yet: it may still be refused.
    """
    if not create.asked and not world.rules:
        return ()
    occasion = _occasion(create, now)
    if _asks_for_fates(create):
        chance = Chance(world.seed, ("asked", world.prediction_id(world.ordinal + 1)))
        return [each.fault for each in at_once(create.asked, chance, occasion)]
    return [each.fault for each in world.rules.foreseen(occasion)]


def settle(create: ValidCreate, prediction: Prediction, world: World) -> None:
    """Count what has struck the *prediction* of *order*, and arm what is to strike it later."""
    if not create.asked and not world.rules:
        return
    if not _asks_for_fates(create):
        world.rules.strikes(_occasion(create, prediction.created_at))
    world.rules.bind([each for each in create.asked if each.routes & _LATER], prediction.id, prediction.created_at)


def _asks_for_fates(create: ValidCreate) -> bool:
    return any("prediction" in each.routes for each in create.asked)


def _occasion(create: ValidCreate, now: Instant) -> Occasion:
    return Occasion("prediction", now, lambda: create.model.slug)


def draft(create: ValidCreate, world: World, now: Instant, faults: Sequence[Fault] = ()) -> Prediction:
    """Return the record of the prediction that *order* would create in *world* at *now*, as the next it accepts.

    :param faults: what goes wrong with it.
    """
    settings, ordinal = world.settings, world.ordinal + 1
    prediction_id = world.prediction_id(ordinal)
    resolved = create.model.resolved(create.input)
    predict_millis = draw_duration(settings.pace, resolved, world.seed, world.name, ordinal)
    number = count_of(resolved)
    plan = draw_plan(settings.pace, predict_millis)
    for each in reversed(faults):
        plan = each.change_plan(plan, resolved)
    many = number > 1 or create.model.output_type == "array"
    return Prediction(
        id=prediction_id,
        world=world.name,
        ordinal=ordinal,
        model=create.model.slug,
        input=orjson.dumps(create.input).decode(),  # as text: orjson's bytes keep their whole buffer, some 4 kB
        seed=_image_seed(create.input, world, ordinal),
        outputs=_file_names(prediction_id, number if many else None, extension_of(resolved)),
        many=many,
        public_base=settings.public_base_url or create.public_base,
        webhook_url=create.webhook_url,
        created_at=now,
        plan=plan,
    )


def _image_seed(content: Mapping[str, Any], world: World, ordinal: int) -> int:
    given = content.get("seed")
    if given is not None:
        return int(given)
    return draw_integer(world.seed, world.name, "image seed", ordinal, below=_DRAWN_SEEDS_BELOW)


def _file_names(prediction_id: str, number: int | None, extension: str) -> tuple[str, ...]:
    if number is None:
        return (f"{prediction_id}.{extension}",)
    return tuple(f"{prediction_id}-{n}.{extension}" for n in range(1, number + 1))
