"""The world of `eachlabs_patched`: requests are answered in the test's process, and webhooks call a function."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eachlabs_mock.app import Application
from eachlabs_mock.control import Send
from eachlabs_mock.patch import Handler, WebhookRequest, call, patched
from eachlabs_mock.testing.world import SEED, MockWorld, key_of_test


class PatchedWorld(MockWorld):
    """A world without a network. Its webhooks succeed until `receive_webhooks` registers a handler."""

    def __init__(self, base_url: str, api_key: str, send: Send, handlers: list[Handler]) -> None:
        super().__init__(base_url, api_key, send)
        self._handlers = handlers

    def receive_webhooks(self, handler: Handler) -> None:
        """Deliver all further webhooks, to any URL, to *handler*; it returns an HTTP status, or None for 200."""
        self._handlers.append(handler)


@contextmanager
def patched_world(test_id: str) -> Iterator[PatchedWorld]:
    """Answer `requests` in this process, and yield the world of a test.

    :raises RuntimeError: another `patched` is active.
    """
    handlers: list[Handler] = []

    def handle_webhook(request: WebhookRequest) -> int | None:
        return handlers[-1](request) if handlers else None

    with patched(clock="manual", seed=SEED, webhooks=handle_webhook) as patch:
        yield PatchedWorld(patch.base_url, key_of_test(test_id), _in_process(patch.app), handlers)


def _in_process(app: Application) -> Send:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answer = call(app.wsgi, method, f"http://localhost{path}", headers, body)
        return answer.status, answer.body

    return send
