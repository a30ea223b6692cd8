"""Defines the domain: predictions, limits, costs, refusals, clocks and random draws."""

from eachlabs_mock.core.chance import Chance, draw, draw_integer, draw_uuid, fresh_seed
from eachlabs_mock.core.clock import (
    DAY,
    END_OF_TIME,
    MILLIS,
    Alarm,
    Clock,
    Instant,
    Mode,
    Stopwatch,
    WorldClock,
    millis,
    real_acquire,
    real_deadline,
    real_remaining,
    real_sleep,
    real_timer,
    restored_clock,
    utc_text,
)
from eachlabs_mock.core.errors import ApiError, refusal_of_status
from eachlabs_mock.core.events import Event, changes, departures, expiries
from eachlabs_mock.core.ledger import Ledger, compute_ledger
from eachlabs_mock.core.limits import UNKNOWN_WAIT, Rate, retry_after, slot_wait, window_wait
from eachlabs_mock.core.planner import Pace, Progress, draw_duration, draw_plan
from eachlabs_mock.core.prediction import TERMINAL, Failure, Plan, Prediction, Status, after_read, status_at
from eachlabs_mock.core.reply import AS_SENT, JSON, TRANSFER, End, Message, Reply, Transfer

__all__ = [
    "AS_SENT", "DAY", "END_OF_TIME", "JSON", "MILLIS", "TERMINAL", "TRANSFER", "UNKNOWN_WAIT", "Alarm", "ApiError",
    "Chance", "Clock", "End", "Event", "Failure", "Instant", "Ledger", "Message", "Mode", "Pace", "Plan", "Prediction",
    "Progress", "Rate", "Reply", "Status", "Stopwatch", "Transfer", "WorldClock", "after_read", "changes",
    "compute_ledger", "departures", "draw", "draw_duration", "draw_integer", "draw_plan", "draw_uuid", "expiries",
    "fresh_seed", "millis", "real_acquire", "real_deadline", "real_remaining", "real_sleep", "real_timer",
    "refusal_of_status", "restored_clock", "retry_after", "slot_wait", "status_at", "utc_text", "window_wait",
]  # fmt: skip
