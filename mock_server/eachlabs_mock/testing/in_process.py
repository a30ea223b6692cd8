"""The world of `eachlabs_patched`: requests are answered in the test's process, and webhooks call a function."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eachlabs_mock.app import Application
from eachlabs_mock.control import Send
from eachlabs_mock.patch import Handler, WebhookRequest, call, patched
from eachlabs_mock.testing.world import SEED, MockWorld, key_of_test


class PatchedWorld(MockWorld):
    """A world without a network. Its webhooks succeed until `receive_webhooks` registers a handler."""

    _handler: Handler | None = None

    def receive_webhooks(self, handler: Handler) -> None:
        """Deliver all further webhooks, to any URL, to *handler*; it returns an HTTP status, or None for 200."""
        self._handler = handler

    def handle_webhook(self, request: WebhookRequest) -> int | None:
        """Pass a webhook to the handler."""
        return self._handler(request) if self._handler else None


@contextmanager
def patched_world(test_id: str) -> Iterator[PatchedWorld]:
    """Answer `requests` in this process, and yield the world of a test.

    :raises RuntimeError: another `patched` is active.
    """

    def handle_webhook(request: WebhookRequest) -> int | None:
        return world.handle_webhook(request)

    with patched(clock="manual", seed=SEED, webhooks=handle_webhook) as patch:
        world = PatchedWorld(patch.base_url, key_of_test(test_id), _in_process(patch.app))
        yield world


def _in_process(app: Application) -> Send:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answer = call(app.wsgi, method, f"http://localhost{path}", headers, body)
        return answer.status, answer.body

    return send
