"""What the API promises: claims, the statuses of a prediction, models, the OpenAPI document."""

from eachlabs_contract.spec.claim import Claim, Group, Level
from eachlabs_contract.spec.dialects import page
from eachlabs_contract.spec.dialects.page import Body
from eachlabs_contract.spec.lifecycle import TERMINAL, Status, may_follow
from eachlabs_contract.spec.limits import IN_FLIGHT, MILLIS, MINUTE, REQUESTS_PER_MINUTE, USUAL_DURATION
from eachlabs_contract.spec.model import DEFAULT_MODEL, Model, UnknownModelError, load_model
from eachlabs_contract.spec.openapi import (
    CREATE_OPERATION,
    READ_OPERATION,
    accepting_document,
    create_validator,
    judging_document,
    published_document,
    refusing_document,
)

__all__ = [
    "CREATE_OPERATION", "DEFAULT_MODEL", "IN_FLIGHT", "MILLIS", "MINUTE", "READ_OPERATION", "REQUESTS_PER_MINUTE",
    "TERMINAL", "USUAL_DURATION", "Body", "Claim", "Group", "Level", "Model", "Status", "UnknownModelError",
    "accepting_document", "create_validator", "judging_document", "load_model", "may_follow", "page",
    "published_document", "refusing_document",
]  # fmt: skip
