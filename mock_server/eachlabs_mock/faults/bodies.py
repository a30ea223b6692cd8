"""Faults of what is written: bodies that are no JSON, lack fields, have more, or are not what they say. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from eachlabs_mock.core import Message
from eachlabs_mock.faults.fault import CALLS, BodyFault, Scene, parameter

EXTRA = {"request_id": "req_1", "queue_position": 3, "usage": {"credits": [0.025, None]}, "deprecated": True}
"""Fields that no profile has: a text, a number, a nested object, a boolean."""


@dataclass(frozen=True, slots=True)
class MalformedJson(BodyFault):
    """The body is JSON but for its last character, and Content-Length agrees."""

    name = "malformed_json"

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return Message(message.body[:-1], message.content_type)


@dataclass(frozen=True, slots=True)
class EmptyBody(BodyFault):
    """There is no body."""

    name = "empty_body"
    routes = CALLS | {"webhook"}

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return Message(b"", message.content_type)


@dataclass(frozen=True, slots=True)
class WrongContentType(BodyFault):
    """The body is as it should be, and is said to be something else."""

    name = "wrong_content_type"
    routes = CALLS | {"webhook"}

    content_type: str = parameter("text/html", "What it is said to be.", type="string", pattern="^[!-~]+/[ -~]+$")

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return Message(message.body, self.content_type)


@dataclass(frozen=True, slots=True)
class ExtraFields(BodyFault):
    """There are fields that nobody has announced, as a newer version of the service may add them."""

    name = "extra_fields"

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return edited(message, lambda fields: {**EXTRA, **fields})


@dataclass(frozen=True, slots=True)
class MissingField(BodyFault):
    """A field is missing."""

    name = "missing_field"

    field: str = parameter("status", "Which.", type="string", minLength=1)

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return edited(message, lambda fields: {name: value for name, value in fields.items() if name != self.field})


@dataclass(frozen=True, slots=True)
class UnknownStatus(BodyFault):
    """The field `status` says something that nobody has announced."""

    name = "unknown_status"

    word: str = parameter("queued", "What it says.", type="string", minLength=1)

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return edited(message, lambda fields: {**fields, "status": self.word})


@dataclass(frozen=True, slots=True)
class NotAnImage(BodyFault):
    """The output is said to be an image, and is none."""

    name = "not_an_image"
    routes = usual = frozenset({"output"})

    def garbled(self, message: Message, scene: Scene) -> Message:  # noqa: ARG002  # nothing is drawn
        return Message(b"This was to be an image.\n", message.content_type)


def edited(message: Message, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Message:
    """Return *message* with its fields edited; as it is, where it has none."""
    try:
        fields = orjson.loads(message.body)
    except orjson.JSONDecodeError:
        return message
    return Message(orjson.dumps(edit(fields)), message.content_type) if isinstance(fields, dict) else message


FAULTS = (MalformedJson, EmptyBody, WrongContentType, ExtraFields, MissingField, UnknownStatus, NotAnImage)
