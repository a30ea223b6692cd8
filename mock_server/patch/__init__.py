"""The emulator inside a Python program: its calls by `requests` are answered in the same process, without a network."""

from mock_server.patch.patcher import Patched, Patcher, patched
from mock_server.patch.receivers import Handler, WebhookRequest, Webhooks

__all__ = ["Handler", "Patched", "Patcher", "WebhookRequest", "Webhooks", "patched"]
