"""What a fault is: a frozen dataclass whose fields are its parameters, each with its JSON Schema. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

from eachlabs_mock.core import ApiError, Chance, Instant, Message, Plan, Reply

Route = Literal["create", "read", "models", "output", "prediction", "webhook"]
"""Where a fault can strike: at one of four kinds of calls, at a prediction while it is created, at a webhook."""

ROUTES: tuple[Route, ...] = get_args(Route)

CALLS: frozenset[Route] = frozenset({"create", "read", "models", "output"})
"""The routes that are calls, each with an answer."""


def parameter(default: Any, text: str, **schema: Any) -> Any:  # noqa: ANN401  # its annotation tells
    """Declare a parameter of a fault, or a key of a rule.

    :param text: what it means, for the table in the README.
    :param schema: what JSON Schema says of its values.
    """
    return field(default=default, metadata={"help": text, "schema": {**schema, "description": text}})


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fault strikes.

    :param now: what time it is in the world.
    :param chance: the draws of this strike.
    :param refuse: makes the answer that a refusal has here.
    """

    now: Instant
    chance: Chance
    refuse: Callable[[ApiError], Reply]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong. Subclasses add parameters, and say what becomes of what they strike.

    :cvar name: what every door calls it.
    :cvar routes: where it can strike.
    :cvar usual: where it strikes unless its rule says otherwise.
    """

    name: ClassVar[str]
    routes: ClassVar[frozenset[Route]]
    usual: ClassVar[frozenset[Route]]

    @property
    def needs_socket(self) -> bool:
        """Whether only a server that owns its sockets can do it (``--wire-faults``)."""
        return False

    def around(self, scene: Scene, proceed: Callable[[], Reply]) -> Reply:  # noqa: ARG002  # for those who need it
        """Return the answer to a call; *proceed* does the work, every time it is called, and returns its answer."""
        return proceed()

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # the same
        """Return what becomes of the *plan* of a prediction with the input *content*."""
        return plan

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:  # noqa: ARG002  # the same
        """Return what goes out in the place of a webhook, in order."""
        return (letter,)

    def postponed(self, now: Instant, next_at: Instant | None) -> Instant | None:  # noqa: ARG002  # the same
        """Return when a webhook that is due goes out instead, *next_at* being the world's next; None: as it should."""
        return None


@dataclass(frozen=True, slots=True)
class BodyFault(Fault):
    """A fault of what is written, in an answer as in a webhook."""

    routes = frozenset({"create", "read", "models", "webhook"})
    usual = frozenset({"create", "read"})

    def garbled(self, message: Message, scene: Scene) -> Message:
        """Return *message* as it arrives."""
        raise NotImplementedError

    def around(self, scene: Scene, proceed: Callable[[], Reply]) -> Reply:
        reply = proceed()
        message = self.garbled(Message(reply.body, reply.content_type), scene)
        return reply._replace(body=message.body, content_type=message.content_type)

    def letters(self, letter: Message, scene: Scene) -> tuple[Message, ...]:
        return (self.garbled(letter, scene),)


def parameters(kind: type[Fault]) -> dict[str, dict[str, Any]]:
    """Return the parameters of a kind of fault: what JSON Schema says of each, by name."""
    return {each.name: {**each.metadata["schema"], "default": each.default} for each in fields(kind)}
