"""Makes the record of a new prediction. The record decides everything that will happen to it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from eachlabs_mock.core import Chance, Instant, Prediction, draw_duration, draw_integer, draw_plan
from eachlabs_mock.emulator.world import World
from eachlabs_mock.faults import Occasion, Route, Rule, Strike, directive_strikes
from eachlabs_mock.images import count_of, extension_of
from eachlabs_mock.models import Model

_DRAWN_SEEDS_BELOW = 2**31
_LATER: frozenset[Route] = frozenset({"read", "output", "webhook"})


class ValidCreate(NamedTuple):
    """A create request that has passed every check.

    :param input: valid against the model's schema; without defaults.
    :param public_base: scheme and host of the request, for the addresses of the outputs.
    :param directives: fault rules that the request itself carries, in its header or its prompt.
    """

    model: Model
    input: Mapping[str, Any]
    webhook_url: str
    public_base: str
    directives: tuple[Rule, ...] = ()


def draft(create: ValidCreate, world: World, now: Instant) -> Prediction:
    """Return the record of the prediction that *create* would make in *world* at *now*.

    It counts no fault rules, since the create may still be refused: `commit_rules` does.
    """
    settings, ordinal = world.settings, world.ordinal + 1
    prediction_id = world.prediction_id(ordinal)
    resolved = create.model.resolved(create.input)
    predict_millis = draw_duration(settings.pace, resolved, world.seed, world.name, ordinal)
    number = count_of(resolved)
    plan = draw_plan(settings.pace, predict_millis)
    for strike in reversed(_strikes(create, world, now)):
        plan = strike.fault.change_plan(plan, resolved)
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


def commit_rules(create: ValidCreate, prediction: Prediction, world: World) -> None:
    """Count the rules that matched *prediction*, which is stored now, and arm the directives of later routes."""
    if not create.directives and not world.rules:
        return
    if not _has_prediction_directive(create):
        world.rules.commit(_occasion(create, prediction.created_at))
    later = [rule for rule in create.directives if rule.routes & _LATER]
    world.rules.arm_for_prediction(later, prediction.id, prediction.created_at)


def _strikes(create: ValidCreate, world: World, now: Instant) -> Sequence[Strike]:
    """Return the faults that strike the next prediction of *world*: of directives, or else of the world's rules."""
    if not create.directives and not world.rules:
        return ()
    occasion = _occasion(create, now)
    if _has_prediction_directive(create):
        chance = Chance(world.seed, ("asked", world.prediction_id(world.ordinal + 1)))
        return directive_strikes(create.directives, chance, occasion)
    return world.rules.match(occasion)


def _has_prediction_directive(create: ValidCreate) -> bool:
    return any("prediction" in rule.routes for rule in create.directives)


def _occasion(create: ValidCreate, now: Instant) -> Occasion:
    return Occasion("prediction", now, lambda: create.model.slug)


def _image_seed(content: Mapping[str, Any], world: World, ordinal: int) -> int:
    seed = content.get("seed")
    if seed is not None:
        return int(seed)
    return draw_integer(world.seed, world.name, "image seed", ordinal, below=_DRAWN_SEEDS_BELOW)


def _file_names(prediction_id: str, number: int | None, extension: str) -> tuple[str, ...]:
    if number is None:
        return (f"{prediction_id}.{extension}",)
    return tuple(f"{prediction_id}-{n}.{extension}" for n in range(1, number + 1))
