"""What all users of one Locust process share: where they go, what they count into, how many they may still create."""

from itertools import count
from urllib.parse import urlsplit

from eachlabs_mock.core import MILLIS, WorldClock, fresh_seed
from eachlabs_mock.load.counters import Tally


class Bench:
    """One per process.

    :param base_url: of the emulator, ending in ``/v1``.
    :param api_key: the key of everybody who has none of their own; empty: one is made up.
    :ivar is_full: whether somebody wanted to create more than may be.
    """

    def __init__(self, base_url: str, api_key: str) -> None:
        parts = urlsplit(base_url)
        self.root = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.tally = Tally()
        self._clock = WorldClock()
        self._run = fresh_seed()  # another run's keys have used up some of their limits
        self._api_key = api_key or f"load-{self._run}"
        self._numbers = count(1)
        self._created = 0
        self._begin = 0
        self.is_full = False

    def key(self, *, own: bool) -> str:
        """Return the key of a new user."""
        return f"load-{self._run}-{next(self._numbers)}" if own else self._api_key

    def may_create(self, at_most: int) -> bool:
        """Count a prediction in, unless there are *at_most* already."""
        self.is_full = self._created >= at_most
        self._created += not self.is_full
        return not self.is_full

    @property
    def second(self) -> int:
        """Seconds since the epoch; each begins when the first one did, so that the first one is whole."""
        now = self._clock.now()
        self._begin = self._begin or now
        return self._begin // MILLIS + (now - self._begin) // MILLIS

    def count(self, name: str, number: int = 1) -> None:
        """Note that something called *name* happened now."""
        self.tally.count(self.second, name, number)

    def time(self, kind: str, milliseconds: float) -> None:
        """Note how long a request that ends now took."""
        self.tally.time(self.second, kind, milliseconds)
