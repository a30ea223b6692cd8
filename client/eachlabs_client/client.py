"""The client: creates a prediction, waits for its end and downloads its output.

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
"""Seconds: ten times the longest duration that the model page mentions."""
READ_DEADLINE = 60.0
"""Seconds for a single read, including its retries."""


class Client:
    """A client of the Eachlabs prediction API or a compatible server.

    *base_url* ends in `/v1`; the default is the variable `EACHLABS_BASE_URL`, or else the real API. The default of
    *api_key* is the variable `EACHLABS_API_KEY`. *session* may define proxies, certificates or adapters; it is neither
    changed nor closed. *timeouts*, in seconds, limit each request: to connect, and between two bytes of an answer.
    *clock* is for tests.

    Reads are retried a limited number of times within the deadline. The client never repeats a create that may have
    been carried out: it sends a create again only after a 429 or if the first was never sent. All errors are
    `EachlabsError`s. Deadlines are in seconds, at least 1, and limit a call including all its retries.
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
        """Return a representation without the key."""
        return f"Client(base_url={self._base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the caller passed the session."""
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
        """Create a prediction and return its id. Waits and retries after a 429 until the deadline."""
        return self._create(model, input, webhook_url, Deadline.after(deadline_seconds, self._clock))

    def get(self, prediction_id: str, *, deadline_seconds: float = READ_DEADLINE) -> Prediction:
        """Return the current state of a prediction. A failed prediction is a state and raises no error."""
        return self._get(prediction_id, Deadline.after(deadline_seconds, self._clock))

    def wait(
        self,
        prediction_id: str,
        *,
        deadline_seconds: float = DEFAULT_DEADLINE,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> Prediction:
        """Poll a prediction, on the schedule of `waiting.py`, until it succeeds or fails.

        *on_poll* is called after each poll. Raises `DeadlineExceeded` if the prediction does not end in time; it may
        still end later.
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
        """Create a prediction, wait for its end and return it. Raises `PredictionFailed` if it fails.

        Every error after the prediction was created has its id in `prediction_id`.
        """
        deadline = Deadline.after(deadline_seconds, self._clock)
        return succeeded(self._wait(self._create(model, input, webhook_url, deadline), deadline, on_poll))

    def download(
        self, output: Prediction | str, path: str | os.PathLike[str], *, deadline_seconds: float = DEFAULT_DEADLINE
    ) -> Path:
        """Download *output*, a URL or a prediction with exactly one output, to *path*, and return *path*.

        The API key is never sent. An existing file is replaced only once a complete image has arrived. Raises
        `DownloadError`.
        """
        deadline = Deadline.after(deadline_seconds, self._clock)
        return save(self._transport, output_url(output), Path(path), deadline)

    def _create(self, model: str, fields: Mapping[str, object], webhook_url: str | None, deadline: Deadline) -> str:
        hook = {"webhook_url": webhook_url} if webhook_url else {}
        body = write_object({"model": model, "input": dict(fields), **hook})
        url = f"{self._base_url}/prediction/"  # the API's path ends in a slash
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
        state, number = "not read yet", 0
        while True:
            number += 1
            with _about(prediction_id):
                deadline.sleep_until_poll(number, f"prediction {prediction_id} was {state}")
            prediction = self._get(prediction_id, deadline)
            if on_poll is not None:
                on_poll(Poll(number, deadline.elapsed, prediction))
            if prediction.finished:
                return prediction
            state = f"still {prediction.status}"


def succeeded(prediction: Prediction) -> Prediction:
    """Return *prediction* if it succeeded; otherwise raise `PredictionFailed` with the server's message."""
    if prediction.succeeded:
        return prediction
    error = PredictionFailed(
        prediction.message or f"the prediction ended with the status {prediction.status}",
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
    """Add the prediction's id to errors, and clear `definite`, because the prediction exists."""
    try:
        yield
    except EachlabsError as error:
        error.prediction_id = prediction_id
        error.definite = False
        raise


def _path_segment(prediction_id: str) -> str:
    if not prediction_id.strip("."):  # "." and ".." would change the path
        raise BadRequestError(f"{prediction_id!r} is not a prediction id")
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
            "http or https, a host and a path, without credentials, query and fragment"
        )
    return value.strip().rstrip("/")


def _api_key(value: str) -> ApiKey:
    if not value.strip():
        raise ConfigurationError("no API key: set the variable EACHLABS_API_KEY or pass api_key")
    return ApiKey(value.strip())
