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
from eachlabs_contract.history.recording import content_as_json, dump_history, load_history

__all__ = [
    "ACCEPTED", "BAD_REQUEST", "BAD_SERVER", "MASK", "OK", "PARTS", "TOO_MANY", "Answer", "Created", "Delivery",
    "Episode", "Event", "Exchange", "Headers", "Journal", "JournalError", "Limits", "Prediction", "Read", "Request",
    "Webhook", "as_curl", "as_json", "content_as_json", "creates", "dump_history", "dump_journal", "hooks_of_unknown",
    "is_create", "load_history", "load_journal", "read_id", "read_journal", "read_json", "reads", "reads_and_webhooks",
    "webhook_path", "webhooks",
]  # fmt: skip
