"""Sends webhooks when they are due, and moves the clocks of worlds in mode `auto`."""

from eachlabs_mock.webhooks.auto_clock import AutoClock
from eachlabs_mock.webhooks.dispatcher import WebhookDispatcher
from eachlabs_mock.webhooks.egress import LONGEST_RESPONSE, Egress, Outcome, Send, without_secrets
from eachlabs_mock.webhooks.worker_pool import WorkerPool

__all__ = [
    "LONGEST_RESPONSE", "AutoClock", "Egress", "Outcome", "Send", "WebhookDispatcher", "WorkerPool", "without_secrets",
]  # fmt: skip
