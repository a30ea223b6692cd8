"""The base class of faults: a frozen dataclass whose fields are parameters, each with its JSON Schema. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

from eachlabs_mock.core import ApiError, Chance, Instant, Message, Plan, Reply

Route = Literal["create", "read", "models", "output", "prediction", "webhook"]
"""Where a fault strikes: one of four kinds of calls, a prediction at its creation, or a webhook."""

ROUTES: tuple[Route, ...] = get_args(Route)

CALLS: frozenset[Route] = frozenset({"create", "read", "models", "output"})
"""The routes that are calls; each has a response."""


def parameter(default: Any, text: str, **schema: Any) -> Any:  # noqa: ANN401  # its annotation tells
    """Declare a parameter of a fault, or a key of a rule.

    :param text: its meaning, for the README and the scenario schema.
    :param schema: the JSON Schema keywords of its values.
    """
    return field(default=default, metadata={"help": text, "schema": {**schema, "description": text}})


@dataclass(frozen=True, slots=True)
class FaultContext:
    """The surroundings of one strike.

    :param now: the time of the world's clock.
    :param chance: the random draws of this strike.
    :param refuse: makes the reply of a refusal.
    """

    now: Instant
    chance: Chance
    refuse: Callable[[ApiError], Reply]


@dataclass(frozen=True, slots=True)
class Fault:
    """The base class of faults. A subclass adds parameters and overrides the methods of what it strikes.

    :cvar name: its name in scenarios, headers, prompts and the control plane.
    :cvar routes: where it can strike.
    :cvar usual: where it strikes by default.
    :cvar waits_for_next: whether a webhook that it strikes waits until the next one of its world is sent.
    """

    name: ClassVar[str]
    routes: ClassVar[frozenset[Route]]
    usual: ClassVar[frozenset[Route]]
    waits_for_next: ClassVar[bool] = False

    @property
    def needs_socket(self) -> bool:
        """Whether it needs a server that controls its sockets (``--wire-faults``)."""
        return False

    def around(self, context: FaultContext, proceed: Callable[[], Reply]) -> Reply:
        """Return the reply to a call.

        :param proceed: does the work of the call, each time it is called, and returns its reply.
        """
        return proceed()

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        """Return the plan of a prediction with the input *content* that would have had *plan*."""
        return plan

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        """Return the webhooks to send instead of *message*, in order."""
        return (message,)

    def postpone_webhook(self, now: Instant, next_at: Instant | None) -> Instant | None:
        """Return when to send a webhook that is due *now*; None: now.

        :param next_at: when the next webhook of the world is due; None: there is no next one.
        """
        return None


@dataclass(frozen=True, slots=True)
class BodyFault(Fault):
    """A fault of a body, of a response or of a webhook."""

    routes = frozenset({"create", "read", "models", "webhook"})
    usual = frozenset({"create", "read"})

    def corrupt(self, message: Message) -> Message:
        """Return what is sent instead of *message*."""
        raise NotImplementedError

    def around(self, context: FaultContext, proceed: Callable[[], Reply]) -> Reply:
        reply = proceed()
        message = self.corrupt(Message(reply.body, reply.content_type))
        return reply._replace(body=message.body, content_type=message.content_type)

    def replace_webhook(self, message: Message, context: FaultContext) -> tuple[Message, ...]:
        return (self.corrupt(message),)


def parameters(kind: type[Fault]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each parameter of a kind of fault, by name."""
    return {field.name: {**field.metadata["schema"], "default": field.default} for field in fields(kind)}
