"""A world in the test's own process: `requests` is answered there, and webhooks are calls of a function."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from eachlabs_mock.app import Application
from eachlabs_mock.control import Send
from eachlabs_mock.patch import Handler, WebhookRequest, call, patched
from eachlabs_mock.testing.world import MockWorld, key_of_test

SEED = 0
"""That of the server too: a test sees the same ids by either road."""


class PatchedWorld(MockWorld):
    """A world without a network, whose webhooks arrive in this process; until somebody receives them, all succeed."""

    def __init__(self, base_url: str, api_key: str, send: Send, mailbox: "Mailbox") -> None:
        super().__init__(base_url, api_key, send)
        self._mailbox = mailbox

    def receive_webhooks(self, handler: Handler) -> None:
        """Let *handler* receive all webhooks from now on, whatever their URL; it returns an HTTP status, or None."""
        self._mailbox.handler = handler


class Mailbox:
    """Receives webhooks, for whoever wants them at the time."""

    def __init__(self) -> None:
        self.handler: Handler | None = None

    def receive(self, request: WebhookRequest) -> int | None:
        """Take a webhook."""
        return self.handler(request) if self.handler else None


@contextmanager
def patched_world(test_id: str) -> Iterator[PatchedWorld]:
    """Answer `requests` in this process, and yield the world of a test.

    :raises RuntimeError: a `patched` is active already.
    """
    mailbox = Mailbox()
    with patched(clock="manual", seed=SEED, webhooks=mailbox.receive) as patch:
        yield PatchedWorld(patch.base_url, key_of_test(test_id), _inside(patch.app), mailbox)


def _inside(app: Application) -> Send:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        answer = call(app.wsgi, method, f"http://localhost{path}", headers, body)
        return answer.status, answer.body

    return send
