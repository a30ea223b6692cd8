"""Requests and answers as values: recorded, read from a journal, written as curl."""

from eachlabs_contract.history.curl import as_curl
from eachlabs_contract.history.events import (
    ACCEPTED,
    BAD_REQUEST,
    BAD_SERVER,
    MASK,
    OK,
    TOO_MANY,
    Answer,
    Delivery,
    Episode,
    Event,
    Exchange,
    Headers,
    Request,
    mask_keys,
    read_json,
)
from eachlabs_contract.history.journal import (
    PARTS,
    Journal,
    JournalError,
    Limits,
    Prediction,
    dump_journal,
    load_journal,
    read_journal,
)
from eachlabs_contract.history.predictions import (
    Created,
    Read,
    Webhook,
    as_json,
    creates,
    hooks_of_unknown,
    is_create,
    read_id,
    reads,
    reads_and_webhooks,
    webhook_path,
    webhooks,
)

__all__ = [
    "ACCEPTED", "BAD_REQUEST", "BAD_SERVER", "MASK", "OK", "PARTS", "TOO_MANY", "Answer", "Created", "Delivery",
    "Episode", "Event", "Exchange", "Headers", "Journal", "JournalError", "Limits", "Prediction", "Read", "Request",
    "Webhook", "as_curl", "as_json", "creates", "dump_journal", "hooks_of_unknown", "is_create", "load_journal",
    "mask_keys", "read_id", "read_journal", "read_json", "reads", "reads_and_webhooks", "webhook_path", "webhooks",
]  # fmt: skip
