"""The client: create a prediction, follow it to its end, fetch its output.

with Client() as client:
    client.download(client.generate("qwen-image", {"prompt": "a lighthouse"}), "lighthouse.webp")
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import requests

from .bodies import read_created, read_prediction, write_object
from .download import output_url, save
from .errors import BadRequestError, ConfigurationError, EachlabsError, PredictionFailed
from .key import ApiKey
from .transport import Transport
from .types import Poll, Prediction
from .waiting import Clock, Deadline, SystemClock, persist

DEFAULT_BASE_URL = "https://api.eachlabs.ai/v1"
DEFAULT_DEADLINE = 300.0
"""Seconds: ten times what the model page's prose allows for its slowest predictions."""
READ_DEADLINE = 60.0
"""Seconds for a single read, its retries included."""


class Client:
    """A client of the Eachlabs prediction API, or of anything that speaks like it.

    *base_url* ends in `/v1`; without it the variable `EACHLABS_BASE_URL` is taken, and without that the real API.
    *api_key* comes from `EACHLABS_API_KEY` in the same way. *session* may bring proxies, certificates or adapters; it
    is left as it was, and open. *timeouts*, in seconds, bound each request: to connect, and between any two
    bytes of an answer. *clock* is for tests.

    Reads are retried, within a bound and the deadline, whenever that may help. A create is sent again only if the
    first was certainly not carried out (refused with 429, or never sent): a prediction is not paid for twice. All
    errors are `EachlabsError`s. Deadlines are in seconds, at least 1, and bound a call with all its retries.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        session: requests.Session | None = None,
        *,
        timeouts: tuple[float, float] = (10.0, 30.0),
        clock: Clock | None = None,
    ) -> None:
        self._base_url = _base_url(base_url or os.environ.get("EACHLABS_BASE_URL") or DEFAULT_BASE_URL)
        self._key = _api_key(api_key or os.environ.get("EACHLABS_API_KEY") or "")
        self._clock = clock or SystemClock()
        self._session = requests.Session() if session is None else session
        self._session_is_ours = session is None
        self._transport = Transport(self._session, self._key, self._clock, timeouts)

    def __repr__(self) -> str:
        """Return a form without the key."""
        return f"Client(base_url={self._base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless they belong to a session that was handed in."""
        if self._session_is_ours:
            self._session.close()

    def create(
        self,
        model: str,
        input: Mapping[str, object],  # noqa: A002  # the API's own name for it
        *,
        webhook_url: str | None = None,
        deadline_seconds: float = DEFAULT_DEADLINE,
    ) -> str:
        """Ask for a prediction and return its id. Waits out the limits (429) until the deadline."""
        return self._create(model, input, webhook_url, Deadline.after(deadline_seconds, self._clock))

    def get(self, prediction_id: str, *, deadline_seconds: float = READ_DEADLINE) -> Prediction:
        """Read a prediction's state, once. One that failed is a state like any other, and raises nothing."""
        return self._get(prediction_id, Deadline.after(deadline_seconds, self._clock))

    def wait(
        self,
        prediction_id: str,
        *,
        deadline_seconds: float = DEFAULT_DEADLINE,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> Prediction:
        """Read a prediction, on the gentle schedule of `waiting.py`, until it has ended, well or badly.

        *on_poll* is told of each look. Raises `DeadlineExceeded` if it does not end in time; it may still do so later.
        """
        return self._wait(prediction_id, Deadline.after(deadline_seconds, self._clock), on_poll)

    def generate(
        self,
        model: str,
        input: Mapping[str, object],  # noqa: A002  # the API's own name for it
        *,
        webhook_url: str | None = None,
        deadline_seconds: float = DEFAULT_DEADLINE,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> Prediction:
        """Create a prediction, wait for its end and return it. Raises `PredictionFailed` if it ended badly.

        Every error raised once the prediction exists names it in `prediction_id`.
        """
        deadline = Deadline.after(deadline_seconds, self._clock)
        return succeeded(self._wait(self._create(model, input, webhook_url, deadline), deadline, on_poll))

    def download(
        self, output: Prediction | str, path: str | os.PathLike[str], *, deadline_seconds: float = DEFAULT_DEADLINE
    ) -> Path:
        """Fetch an output, given as a prediction that has exactly one or as a URL, into *path*, and return that.

        The key is never sent along, whatever the host. What arrives must be an image, and whole; only then does it
        replace a file that may be at *path*. Raises `DownloadError`.
        """
        deadline = Deadline.after(deadline_seconds, self._clock)
        return save(self._transport, output_url(output), Path(path), deadline)

    def _create(self, model: str, given: Mapping[str, object], webhook_url: str | None, deadline: Deadline) -> str:
        hook = {"webhook_url": webhook_url} if webhook_url else {}
        body = write_object({"model": model, "input": dict(given), **hook})
        url = f"{self._base_url}/prediction/"  # the slash at the end is the API's own spelling
        with self._key.kept_out():
            return persist(lambda: read_created(self._transport.post(url, body)), _create_tries, deadline)

    def _get(self, prediction_id: str, deadline: Deadline) -> Prediction:
        url = f"{self._base_url}/prediction/{_path_segment(prediction_id)}"
        with _about(prediction_id), self._key.kept_out():
            seen = persist(
                lambda: read_prediction(prediction_id, self._transport.get(url, deadline.left)), _read_tries, deadline
            )
        return replace(seen, message=self._key.hidden(seen.message), details=self._key.hidden(seen.details))

    def _wait(self, prediction_id: str, deadline: Deadline, on_poll: Callable[[Poll], object] | None) -> Prediction:
        state, number = "not looked at yet", 0
        while True:
            number += 1
            with _about(prediction_id):
                deadline.sleep_until_look(number, f"prediction {prediction_id} was {state}")
            prediction = self._get(prediction_id, deadline)
            if on_poll is not None:
                on_poll(Poll(number, deadline.elapsed, prediction))
            if prediction.finished:
                return prediction
            state = f"still {prediction.status}"


def succeeded(prediction: Prediction) -> Prediction:
    """Return *prediction* if it ended well. Raises `PredictionFailed`, with the server's words, if not."""
    if prediction.succeeded:
        return prediction
    error = PredictionFailed(
        prediction.message or f"the prediction ended as {prediction.status}",
        details=prediction.details,
        prediction_id=prediction.id,
    )
    error.prediction = prediction
    raise error


def _create_tries(error: EachlabsError) -> int:
    return error.tries if error.definite else 1


def _read_tries(error: EachlabsError) -> int:
    return error.tries


@contextmanager
def _about(prediction_id: str) -> Iterator[None]:
    """Name the prediction in every error. As there is one, no such error says that no work was done."""
    try:
        yield
    except EachlabsError as error:
        error.prediction_id = prediction_id
        error.definite = False
        raise


def _path_segment(prediction_id: str) -> str:
    if not prediction_id.strip("."):  # "." and ".." would address something else
        raise BadRequestError(f"{prediction_id!r} is no prediction id")
    return quote(prediction_id, safe="")


def _base_url(value: str) -> str:
    try:
        split = urlsplit(value.strip())
        usable = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in split.netloc or split.query or split.fragment:
        raise ConfigurationError(
            "the base URL (EACHLABS_BASE_URL) must be like https://api.eachlabs.ai/v1: "
            "http or https, a host, no credentials, nothing behind the path"
        )
    return value.strip().rstrip("/")


def _api_key(value: str) -> ApiKey:
    if not value.strip():
        raise ConfigurationError("no API key: set the variable EACHLABS_API_KEY, or hand in api_key")
    return ApiKey(value.strip())
