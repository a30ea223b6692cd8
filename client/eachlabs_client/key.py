"""The API key: put on requests to the API, kept out of everything a person or a log reads."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from requests import PreparedRequest
from requests.auth import AuthBase

from .errors import ConfigurationError, EachlabsError

_HEADER_SAFE = re.compile(r"[!-~]+")
_LONG = 8  # characters; a shorter key may well be a word of the message it is looked for in


class ApiKey(AuthBase):
    """Signs a request with `X-API-Key`. Being the request's auth, it also keeps a .netrc from adding another one."""

    def __init__(self, key: str) -> None:
        if not _HEADER_SAFE.fullmatch(key):  # requests would say so too, and print the key
            raise ConfigurationError("the API key must be printable ASCII without blanks; this one is not (not shown)")
        self._key = key
        escaped = re.escape(key)
        self._pattern = re.compile(escaped if len(key) >= _LONG else rf"(?<!\w){escaped}(?!\w)")

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the key on *request*."""
        request.headers["X-API-Key"] = self._key
        return request

    def __repr__(self) -> str:
        """Return a form without the key."""
        return "ApiKey(hidden)"

    def hidden(self, text: str) -> str:
        """Return *text* without the key, should a server have echoed it."""
        return self._pattern.sub("[key]", text)

    @contextmanager
    def kept_out(self) -> Iterator[None]:
        """Hide the key in whatever error passes."""
        try:
            yield
        except EachlabsError as error:
            error.message, error.details = self.hidden(error.message), self.hidden(error.details)
            error.args = (error.message,)
            raise


def anonymous(request: PreparedRequest) -> PreparedRequest:
    """Sign nothing, and keep the session and a .netrc from signing either."""
    return request
