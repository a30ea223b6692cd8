"""Sends one HTTP request with `requests` and returns the body of the answer or raises one of our errors."""

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

_SHORTEST_TIMEOUT = 0.1  # seconds; sockets do not accept 0
_READ_MINIMUM = 5.0  # seconds that a read may wait even if that leaves no time for another attempt
_BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, HTTPError)


class Transport:
    """Sends requests over *session* with *timeouts* in seconds: to connect, and between two bytes."""

    def __init__(self, session: requests.Session, key: ApiKey, clock: Clock, timeouts: tuple[float, float]) -> None:
        self._session = session
        self._key = key
        self._clock = clock
        self._connect, self._read = timeouts

    def post(self, url: str, body: bytes) -> Body:
        """Send *body* and return the answer's. No deadline shortens its timeouts: a missed answer may cost money."""
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
        """Return the body of the answer; wait at most *seconds_left*."""
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
        """Open a file on any host, without the key and following redirects, and yield the answer."""
        with (
            self._translated(url),
            self._session.get(
                url,
                # None removes headers of the session; identity encoding makes Content-Length match the bytes we count
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
        """Limit a read to half of the time left, so that a missing answer leaves time for another attempt."""
        limit = max(seconds_left / 2, min(seconds_left, _READ_MINIMUM), _SHORTEST_TIMEOUT)
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
        """Return the seconds of `Retry-After`; a date is relative to the server's clock if `Date` tells it."""
        server_now = parse_http_date(headers.get("Date", ""))
        return parse_retry_after(headers.get("Retry-After"), self._clock.now() if server_now is None else server_now)

    @contextmanager
    def _translated(self, url: str) -> Iterator[None]:
        """Turn the exceptions of `requests` and urllib3 into ours."""
        try:
            yield
        except (requests.RequestException, HTTPError) as error:
            host = url.partition("?")[0]
            raise _lost(error, host) from error


def _words(response: requests.Response) -> tuple[str, str]:
    """Return message and details of an error answer with any body; for a redirect, the details are its target."""
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
    return TransportError(f"cannot send a request to {url}", details=details)


def _root(error: BaseException) -> BaseException:
    """Return the root cause: the operating system's message is the clearest."""
    causes = (error.__cause__, getattr(error, "reason", None), *reversed(error.args))
    inner = next((cause for cause in causes if isinstance(cause, BaseException)), None)
    return error if inner is None else _root(inner)
