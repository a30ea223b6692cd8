"""One exchange over HTTP: sends with `requests`, and turns what comes back, or does not, into a body or an error."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from .bodies import Body, read_object, read_refusal
from .errors import (
    AnswerTimeoutError,
    ConnectionLostError,
    EachlabsError,
    NotSentError,
    RedirectError,
    TransportError,
    UnreadableAnswerError,
    class_for,
)
from .key import ApiKey, anonymous
from .waiting import Clock, parse_http_date, parse_retry_after

VERSION = "0.1.0"
USER_AGENT = f"eachlabs-client/{VERSION}"

_SHORTEST_TIMEOUT = 0.1  # seconds; sockets take no zero
_PATIENCE = 5.0  # seconds that a read may wait for an answer even if that leaves no time to ask again
_BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, HTTPError)


class Transport:
    """Sends requests over *session*, each with its own time-outs, in seconds: to connect, and between two bytes."""

    def __init__(self, session: requests.Session, key: ApiKey, clock: Clock, timeouts: tuple[float, float]) -> None:
        self._session = session
        self._key = key
        self._clock = clock
        self._connect, self._read = timeouts

    def post(self, url: str, body: bytes) -> Body:
        """Send *body* and return the answer's. No deadline shortens its time-outs: an answer missed is money lost."""
        with self._translated(url):
            response = self._session.post(
                url,
                data=body,
                headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Content-Type": "application/json"},
                auth=self._key,
                timeout=(self._connect, self._read),
                allow_redirects=False,
            )
        return self._body(response)

    def get(self, url: str, seconds_left: float) -> Body:
        """Return the body of the answer, waiting no longer for it than *seconds_left*."""
        with self._translated(url):
            response = self._session.get(
                url,
                headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
                auth=self._key,
                timeout=self._timeout(seconds_left),
                allow_redirects=False,
            )
        return self._body(response)

    @contextmanager
    def stream(self, url: str, seconds_left: float) -> Iterator[requests.Response]:
        """Open a file on whatever host, without the key, redirects followed, and yield the answer to read from."""
        with (
            self._translated(url),
            self._session.get(
                url,
                # None takes away what the session would add; unencoded, so that Content-Length counts the bytes we see
                headers={
                    "User-Agent": USER_AGENT,
                    "Accept": "image/*",
                    "Accept-Encoding": "identity",
                    "X-API-Key": None,
                    "Authorization": None,
                },
                auth=anonymous,
                timeout=self._timeout(seconds_left),
                stream=True,
            ) as response,
        ):
            if response.status_code != HTTPStatus.OK:
                raise self._refusal(response)
            yield response

    def _timeout(self, seconds_left: float) -> tuple[float, float]:
        """Let no read use up more than half of what is left: an answer that never comes must leave time for another."""
        limit = max(seconds_left / 2, min(seconds_left, _PATIENCE), _SHORTEST_TIMEOUT)
        return min(self._connect, limit), min(self._read, limit)

    def _body(self, response: requests.Response) -> Body:
        if HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            try:
                return read_object(response.content)
            except UnreadableAnswerError as error:
                error.status = response.status_code
                error.request_id = _request_id(response.headers)
                raise
        raise self._refusal(response)

    def _refusal(self, response: requests.Response) -> EachlabsError:
        message, details = _words(response)
        return class_for(response.status_code)(
            message,
            details=details,
            status=response.status_code,
            retry_after=self._retry_after(response.headers),
            request_id=_request_id(response.headers),
        )

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Measure a date against the server's own clock, where it tells it: ours may differ."""
        server_now = parse_http_date(headers.get("Date", ""))
        return parse_retry_after(headers.get("Retry-After"), self._clock.now() if server_now is None else server_now)

    @contextmanager
    def _translated(self, url: str) -> Iterator[None]:
        """Let no exception of the layers below through."""
        try:
            yield
        except (requests.RequestException, HTTPError) as error:
            host = url.partition("?")[0]
            raise _lost(error, host) from error


def _words(response: requests.Response) -> tuple[str, str]:
    """Return message and details of a refusal, whatever its body; a redirect's tell where it points."""
    if class_for(response.status_code) is RedirectError:
        return "the API answered with a redirect, which this client does not follow", response.headers.get(
            "Location", ""
        )
    try:
        message, details = read_refusal(read_object(response.content))
    except UnreadableAnswerError:
        message, details = "", ""
    return message or response.reason or "the API gave no reason", details


def _request_id(headers: Mapping[str, str]) -> str:
    return headers.get("X-Request-Id", "")


def _lost(error: Exception, url: str) -> TransportError:
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    details = str(_root(error))
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return NotSentError(f"cannot connect to {url}; nothing was sent", details=details)
    if isinstance(error, requests.Timeout) or isinstance(reason, ReadTimeoutError):
        return AnswerTimeoutError(f"no answer in time from {url}", details=details)
    if isinstance(error, _BROKEN):
        return ConnectionLostError(f"the connection to {url} broke", details=details)
    return TransportError(f"cannot ask {url}", details=details)


def _root(error: BaseException) -> BaseException:
    """Return the first cause: the operating system's word is clearer than those of the layers above it."""
    causes = (error.__cause__, getattr(error, "reason", None), *reversed(error.args))
    inner = next((cause for cause in causes if isinstance(cause, BaseException)), None)
    return error if inner is None else _root(inner)
