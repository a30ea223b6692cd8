"""Profile formats: each profile is a module that writes every body of it, and nothing else writes bodies.

A profile module offers the functions of `Profile`; `PROFILES` is where they are found by name.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from eachlabs_mock.core import ApiError, Prediction, Status
from eachlabs_mock.models import Model
from eachlabs_mock.wire import page


class Profile(Protocol):
    """What a profile writes; all bodies are JSON in UTF-8."""

    def created(self, prediction: Prediction) -> bytes:
        """Return the answer to a create."""
        ...

    def read(self, prediction: Prediction, status: Status) -> bytes:
        """Return the answer to a read of a prediction that stands at *status*."""
        ...

    def refused(self, error: ApiError) -> bytes:
        """Return the body of a refusal."""
        ...

    def webhook(self, prediction: Prediction, status: Status) -> bytes:
        """Return the payload of the webhook of a prediction that ended with *status*."""
        ...

    def model(self, model: Model) -> bytes:
        """Return the answer to a look at one model."""
        ...

    def models(self, models: Sequence[Model]) -> bytes:
        """Return the answer to a look at the catalogue."""
        ...

    def catalogue_refused(self, text: str) -> bytes:
        """Return the body of a refusal of the two catalogue routes, which have their own."""
        ...


PROFILES: Mapping[str, Profile] = MappingProxyType({"page": page})
