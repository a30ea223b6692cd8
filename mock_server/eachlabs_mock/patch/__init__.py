"""Answers calls of `requests` from an emulator in the same process, without a network."""

from eachlabs_mock.patch.patcher import Patched, Patcher, patched
from eachlabs_mock.patch.receivers import Handler, WebhookRequest, Webhooks
from eachlabs_mock.patch.wsgi import call

__all__ = ["Handler", "Patched", "Patcher", "WebhookRequest", "Webhooks", "call", "patched"]
