"""Faults of bodies, in responses and webhooks: invalid JSON, missing or extra fields, a wrong type. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from eachlabs_mock.core import Message
from eachlabs_mock.faults.fault import CALLS, BodyFault, parameter

EXTRA = {"request_id": "req_1", "queue_position": 3, "usage": {"credits": [0.025, None]}, "deprecated": True}
"""Fields that no profile has: a string, a number, a nested object, a boolean."""


@dataclass(frozen=True, slots=True)
class MalformedJson(BodyFault):
    """The body lacks its last character, so that it is not valid JSON; Content-Length matches."""

    name = "malformed_json"

    def corrupt(self, message: Message) -> Message:
        return Message(message.body[:-1], message.content_type)


@dataclass(frozen=True, slots=True)
class EmptyBody(BodyFault):
    """The body is empty."""

    name = "empty_body"
    routes = CALLS | {"webhook"}

    def corrupt(self, message: Message) -> Message:
        return Message(b"", message.content_type)


@dataclass(frozen=True, slots=True)
class WrongContentType(BodyFault):
    """The body is unchanged, but Content-Type names another type."""

    name = "wrong_content_type"
    routes = CALLS | {"webhook"}

    content_type: str = parameter(
        "text/html", "The Content-Type that is sent.", type="string", pattern="^[!-~]+/[ -~]+$"
    )

    def corrupt(self, message: Message) -> Message:
        return Message(message.body, self.content_type)


@dataclass(frozen=True, slots=True)
class ExtraFields(BodyFault):
    """The body has undocumented fields, as a newer version of the service may add them."""

    name = "extra_fields"

    def corrupt(self, message: Message) -> Message:
        return edited(message, lambda fields: {**EXTRA, **fields})


@dataclass(frozen=True, slots=True)
class MissingField(BodyFault):
    """A field is missing from the body."""

    name = "missing_field"

    field: str = parameter("status", "Name of the field.", type="string", minLength=1)

    def corrupt(self, message: Message) -> Message:
        return edited(message, lambda fields: {name: value for name, value in fields.items() if name != self.field})


@dataclass(frozen=True, slots=True)
class UnknownStatus(BodyFault):
    """The field `status` has an undocumented value."""

    name = "unknown_status"

    word: str = parameter("queued", "The value.", type="string", minLength=1)

    def corrupt(self, message: Message) -> Message:
        return edited(message, lambda fields: {**fields, "status": self.word})


@dataclass(frozen=True, slots=True)
class NotAnImage(BodyFault):
    """The output has the Content-Type of an image, but is not one."""

    name = "not_an_image"
    routes = usual = frozenset({"output"})

    def corrupt(self, message: Message) -> Message:
        return Message(b"This is not an image.\n", message.content_type)


def edited(message: Message, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Message:
    """Return *message* with its fields edited; unchanged where its body is not a JSON object."""
    try:
        fields = orjson.loads(message.body)
    except orjson.JSONDecodeError:
        return message
    return Message(orjson.dumps(edit(fields)), message.content_type) if isinstance(fields, dict) else message


FAULTS = (MalformedJson, EmptyBody, WrongContentType, ExtraFields, MissingField, UnknownStatus, NotAnImage)
