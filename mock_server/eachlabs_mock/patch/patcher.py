"""The context manager and decorator `patched`: one emulator, put in front of `requests` and taken away again."""

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
from eachlabs_mock.patch.interception import EVERYTHING, Base, intercepted
from eachlabs_mock.patch.receivers import Receivers, Webhooks
from eachlabs_mock.settings import Settings, with_keywords

DEFAULT_BASE_URL = "https://api.eachlabs.ai/v1"

DEFAULT_API_KEY = "key-of-patched"

# What `patched` replaces, the transport of `requests` and two variables of the environment, exists once in a process,
# so whether it is replaced is a fact about the process too. Asking the transport instead would let two threads both
# find it free; a lock cannot.
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
        """What time it is, in milliseconds since the epoch."""
        return self._world().clock.now()

    def advance(self, seconds: float) -> None:
        """Move the clock on, event by event; the webhooks that fall due on the way have been attempted on return.

        :param seconds: of the clock, at least 0.
        :raises ValueError: they are fewer.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds: {seconds!r} would turn the clock back; at least 0 is right")
        world = self._world()
        self._app.dispatcher.advance(world, world.clock.now() + millis(seconds))


class Patched:
    """What `patched` yields: the emulator from the program's side, and from above.

    :ivar base_url: the (first) base URL that is answered; `EACHLABS_BASE_URL` inside.
    :ivar api_key: a good key; `EACHLABS_API_KEY` inside. Its world is the one meant here; other keys have their own.
    :ivar clock: the clock of that world.
    :ivar app: the whole emulator, for the curious.
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
        """The webhooks that were attempted, oldest first, each with what came of it."""
        return self._world().outbox.deliveries()

    def _world(self) -> World:
        return self.emulator.worlds.visit(world_of_key(self.api_key))


class Patcher:
    """What `patched()` returns; each entry, and each call of a decorated function, gets an emulator of its own."""

    def __init__(
        self, bases: Sequence[Base], settings: Settings, passthrough: tuple[str, ...], webhooks: Webhooks
    ) -> None:
        self._bases = bases
        self._settings = settings
        self._passthrough = passthrough
        self._webhooks = webhooks
        self._entered = ExitStack()
        Receivers(webhooks)  # what is wrong with them is better told here than at the first entry

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
        """Return *function*, plain or async, with a patch of its own around each call.

        :raises TypeError: it is a class or a generator, whose work would happen outside of the call.
        """
        if inspect.iscoroutinefunction(function):
            return cast("Callable[P, R]", self._around_async(function))
        if isinstance(function, type) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"patched() decorates functions, plain and async; {function!r} is a class or a generator: "
                "use `with patched():` inside"
            )

        @functools.wraps(function)
        def around(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return _done(function(*args, **kwargs), function)

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

    Everything on the host of the base is answered, outputs too, in all threads and without a socket. One `patched` at a
    time is possible in a process; another raises `RuntimeError`. Libraries other than `requests` are not affected.

    Faults on the wire end as they would over a socket, in the same errors of `requests`, but nothing waits: an answer
    that is too late for the caller's timeout, or never comes, is a `ReadTimeout` at once; any other is there at once.

    :param base_url: ends in ``/v1``; several are one emulator under several names, and the first is the program's.
    :param passthrough: whether calls to other addresses go out (True), or what the addresses begin with of those that
        do; all others raise `requests.ConnectionError`.
    :param webhooks: handlers or WSGI applications by URL (the longest registered beginning wins), or one for all URLs.
    :param settings: the emulator's settings; by default the usual ones without a log.
    :param changes: single settings by name: Python's values, or texts as on the command line (``rate_limit="off"``).
    :raises TypeError: an argument is of the wrong kind, or none of ours.
    :raises ValueError: an argument will not do. The texts say what would.
    """
    if callable(base_url):
        raise TypeError("patched takes parentheses: write @patched()")
    texts = [base_url] if isinstance(base_url, str) else list(base_url)
    if not texts:
        raise ValueError(f"base_url: at least one is needed, such as {DEFAULT_BASE_URL}")
    complete = with_keywords(settings or Settings(log_format="off"), changes)
    return Patcher([Base.parse(each) for each in texts], complete, _prefixes(passthrough), webhooks)


def _prefixes(passthrough: bool | str | Sequence[str]) -> tuple[str, ...]:  # noqa: FBT001  # of one argument's kinds
    if isinstance(passthrough, bool):
        return EVERYTHING if passthrough else ()
    prefixes = (passthrough,) if isinstance(passthrough, str) else tuple(passthrough)
    for each in prefixes:
        if not each.startswith(("http://", "https://")):
            raise ValueError(f"passthrough: {each!r} begins no http or https URL; right would be https://other.test/")
    return prefixes


def _without_network(settings: Settings) -> Settings:
    """Allow what needs no leave where there is no network: to call any host, since functions are called; any fault."""
    return replace(settings, allow_webhook_host=("any",), wire_faults=True)


@contextmanager
def _alone_in_this_process() -> Iterator[None]:
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RuntimeError(
            "a `patched` is active in this process already, and it works for all threads: one at a time is possible. "
            "Nest none; tests that run side by side need a process each, as pytest-xdist gives them."
        )
    try:
        yield
    finally:
        _ONE_AT_A_TIME.release()


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set *variables*, and put back on leaving what they were, or that they were not; others are left alone."""
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


def _done(result: R, function: Callable[..., object]) -> R:
    """Return *result*, unless its work is yet to be done: that would happen unpatched, against the real service."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(f"{function!r} returned a coroutine, which would run unpatched: decorate the async function")
    return result
