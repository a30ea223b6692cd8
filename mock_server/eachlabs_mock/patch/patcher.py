"""The context manager and decorator `patched`, which answers `requests` from an emulator while it is active."""

import functools
import inspect
import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from eachlabs_mock.app import Application, assemble
from eachlabs_mock.core import Instant, millis
from eachlabs_mock.emulator import Delivery, Emulator, World, world_of_key
from eachlabs_mock.patch.interception import EVERYTHING, BaseUrl, intercepted
from eachlabs_mock.patch.receivers import Receivers, Webhooks
from eachlabs_mock.settings import Settings, with_keywords

DEFAULT_BASE_URL = "https://api.eachlabs.ai/v1"

DEFAULT_API_KEY = "key-of-patched"

# `patched` replaces process-wide state: the transport of `requests` and two environment variables. A lock ensures that
# only one thread at a time does so; a check of the transport would allow two threads to pass it at once.
_ONE_AT_A_TIME = threading.Lock()

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class PatchedClock:
    """The clock of the patched program's world."""

    def __init__(self, app: Application, world: Callable[[], World]) -> None:
        self._app = app
        self._world = world

    @property
    def now(self) -> Instant:
        """The current time in milliseconds since the epoch."""
        return self._world().clock.now()

    def advance(self, seconds: float) -> None:
        """Move the clock forward, event by event, and attempt the webhooks that become due.

        :param seconds: clock seconds, at least 0.
        :raises ValueError: *seconds* is negative.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds: {seconds!r} is not a number from 0; the clock cannot go back")
        world = self._world()
        self._app.dispatcher.advance(world, world.clock.now() + millis(seconds))


class Patched:
    """The object that `patched` yields: access to the emulator and to the world of *api_key*.

    :ivar base_url: the first base URL that is answered, also in `EACHLABS_BASE_URL`.
    :ivar api_key: a valid key, also in `EACHLABS_API_KEY`. Other keys have worlds of their own.
    :ivar clock: the clock of the world of *api_key*.
    :ivar app: the whole application.
    """

    def __init__(self, base_url: str, api_key: str, app: Application) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.app = app
        self.clock = PatchedClock(app, self._world)

    @property
    def emulator(self) -> Emulator:
        """The use cases of the emulator, without HTTP."""
        return self.app.emulator

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """The webhooks that were attempted, oldest first, each with the result of every attempt."""
        return self._world().outbox.deliveries()

    def _world(self) -> World:
        return self.emulator.worlds.visit(world_of_key(self.api_key))


class Patcher:
    """The object that `patched()` returns; each entry, and each call of a decorated function, starts a new emulator."""

    def __init__(
        self, bases: Sequence[BaseUrl], settings: Settings, passthrough: tuple[str, ...], webhooks: Webhooks
    ) -> None:
        self._bases = bases
        self._settings = settings
        self._passthrough = passthrough
        self._webhooks = webhooks
        self._entered = ExitStack()
        Receivers(webhooks)  # report invalid ones now rather than at the first entry

    def __enter__(self) -> Patched:
        with ExitStack() as stack:
            stack.enter_context(_alone_in_this_process())
            receivers = Receivers(self._webhooks)
            app = assemble(_without_network(self._settings), send=receivers.send)
            key = self._settings.api_key[0] if self._settings.api_key else DEFAULT_API_KEY
            patch = Patched(self._bases[0].text, key, app)
            stack.enter_context(intercepted(app.wsgi, self._bases, self._passthrough))
            stack.enter_context(_environment(EACHLABS_BASE_URL=patch.base_url, EACHLABS_API_KEY=key))
            stack.callback(receivers.close, self._settings.webhook_timeout)
            app.dispatcher.start()
            stack.callback(app.dispatcher.stop)
            self._entered = stack.pop_all()
        return patch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered.close()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return *function*, plain or async, patched during each call.

        :raises TypeError: *function* is a class or a generator, whose work would happen outside the call.
        """
        if inspect.iscoroutinefunction(function):
            return cast("Callable[P, R]", self._around_async(function))
        if isinstance(function, type) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"patched() decorates plain and async functions, and {function!r} is a class or a generator; "
                "use `with patched():` inside it"
            )

        @functools.wraps(function)
        def around(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return _finished(function(*args, **kwargs), function)

        return around

    def _around_async(self, function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        @functools.wraps(function)
        async def around(*args: P.args, **kwargs: P.kwargs) -> T:
            with self:
                return await function(*args, **kwargs)

        return around


def patched(
    base_url: str | Sequence[str] = DEFAULT_BASE_URL,
    *,
    passthrough: bool | str | Sequence[str] = False,
    webhooks: Webhooks = None,
    settings: Settings | None = None,
    **changes: Any,  # noqa: ANN401  # any setting
) -> Patcher:
    """Return a context manager and decorator that answers calls of `requests` to *base_url* in this process.

    All paths of the host are answered, including outputs, in all threads and without a socket. Only one `patched` can
    be active in a process; a second one raises `RuntimeError`. Libraries other than `requests` are not affected.

    Network faults raise the same errors of `requests` as over a socket, but without a wait: a response that is too late
    for the caller's timeout, or never arrives, raises `ReadTimeout` immediately.

    :param base_url: ends in ``/v1``. Several URLs name the same emulator; the first one is in `EACHLABS_BASE_URL`.
    :param passthrough: True passes all calls to other addresses through; prefixes pass the addresses that start with
        them; all others raise `requests.ConnectionError`.
    :param webhooks: handlers or WSGI applications by URL prefix (the longest match is used), or one for all URLs.
    :param settings: the settings of the emulator; by default those of `Settings`, without a log.
    :param changes: single settings by name, as Python values or as on the command line (``rate_limit="off"``).
    :raises TypeError: an argument is unknown or has the wrong type.
    :raises ValueError: an argument is invalid; the message shows a valid value.
    """
    if callable(base_url):
        raise TypeError("patched needs parentheses: write @patched()")
    texts = [base_url] if isinstance(base_url, str) else list(base_url)
    if not texts:
        raise ValueError(f"base_url: at least one URL is needed, such as {DEFAULT_BASE_URL}")
    complete = with_keywords(settings or Settings(log_format="off"), changes)
    return Patcher([BaseUrl.parse(text) for text in texts], complete, _prefixes(passthrough), webhooks)


def _prefixes(passthrough: bool | str | Sequence[str]) -> tuple[str, ...]:  # noqa: FBT001  # one of its types
    if isinstance(passthrough, bool):
        return EVERYTHING if passthrough else ()
    prefixes = (passthrough,) if isinstance(passthrough, str) else tuple(passthrough)
    for prefix in prefixes:
        if not prefix.startswith(("http://", "https://")):
            raise ValueError(f"passthrough: {prefix!r} must start with http:// or https://, like https://other.test/")
    return prefixes


def _without_network(settings: Settings) -> Settings:
    """Allow webhooks to any host and all faults, which are safe without a network."""
    return replace(settings, allow_webhook_host=("any",), wire_faults=True)


@contextmanager
def _alone_in_this_process() -> Iterator[None]:
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RuntimeError(
            "another `patched` is active in this process, and only one can be, because it affects all threads. Do not "
            "nest them, and run parallel tests in separate processes, for example with pytest-xdist."
        )
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set *variables*, and restore their previous state on exit."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _finished(result: R, function: Callable[..., object]) -> R:
    """Return *result* unless it is a coroutine, which would run later, unpatched, against the real service."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(
            f"{function!r} returned a coroutine, which would run unpatched; decorate the async function instead"
        )
    return result
