"""The registry of profiles. A profile is a module that writes all response and webhook bodies of one wire format."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from eachlabs_mock.core import ApiError, Prediction, Status
from eachlabs_mock.models import Model
from eachlabs_mock.wire import page


class Profile(Protocol):
    """The functions of a profile module; each returns JSON in UTF-8."""

    def created(self, prediction: Prediction) -> bytes:
        """Return the body of the response to a create."""
        ...

    def read(self, prediction: Prediction, status: Status) -> bytes:
        """Return the body of the response to a read of a prediction in *status*."""
        ...

    def refused(self, error: ApiError) -> bytes:
        """Return the body of a refusal."""
        ...

    def webhook(self, prediction: Prediction, status: Status) -> bytes:
        """Return the payload of the webhook for a prediction that ended with *status*."""
        ...

    def model(self, model: Model) -> bytes:
        """Return the body of the response to `GET /v1/model`."""
        ...

    def models(self, models: Sequence[Model]) -> bytes:
        """Return the body of the response to `GET /v1/models`."""
        ...

    def catalogue_refused(self, text: str) -> bytes:
        """Return the body of a refusal of the two catalogue routes, whose error body differs."""
        ...


PROFILES: Mapping[str, Profile] = MappingProxyType({"page": page})
"""Profiles by name."""
