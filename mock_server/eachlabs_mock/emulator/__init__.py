"""The use cases of the API over a world's records. No HTTP and no I/O."""

from eachlabs_mock.emulator.journal import Entry
from eachlabs_mock.emulator.outbox import IMPLIED, Attempt, Custody, Delivery, PendingAttempt
from eachlabs_mock.emulator.serialization import (
    Facts,
    armed_document,
    delivery_document,
    due_document,
    due_note,
    entry_document,
    read_armed,
    read_delivery,
    read_due,
    read_due_note,
    read_entry,
    read_prediction,
    whole,
)
from eachlabs_mock.emulator.store import Store, StoreFullError, StoreUnwritableError, WorldRecords
from eachlabs_mock.emulator.use_cases import Emulator
from eachlabs_mock.emulator.world import World, Worlds, world_of_key

__all__ = [
    "IMPLIED", "Attempt", "Custody", "Delivery", "Emulator", "Entry", "Facts", "PendingAttempt", "Store",
    "StoreFullError", "StoreUnwritableError", "World", "WorldRecords", "Worlds", "armed_document", "delivery_document",
    "due_document", "due_note", "entry_document", "read_armed", "read_delivery", "read_due", "read_due_note",
    "read_entry", "read_prediction", "whole", "world_of_key",
]  # fmt: skip
