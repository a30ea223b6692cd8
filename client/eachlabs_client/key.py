"""The API key, which is added to requests to the API and kept out of errors and logs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from requests import PreparedRequest
from requests.auth import AuthBase

from .errors import ConfigurationError, EachlabsError

_HEADER_SAFE = re.compile(r"[!-~]+")
_LONG = 8  # characters; a shorter key may also occur as part of a word in a message


class ApiKey(AuthBase):
    """Adds the header `X-API-Key`. As the request's auth, it also prevents credentials from a .netrc."""

    def __init__(self, key: str) -> None:
        if not _HEADER_SAFE.fullmatch(key):  # requests would also reject it, but print the key
            raise ConfigurationError("the API key must be printable ASCII without spaces (it is not shown here)")
        self._key = key
        escaped = re.escape(key)
        self._pattern = re.compile(escaped if len(key) >= _LONG else rf"(?<!\w){escaped}(?!\w)")

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the key to *request*."""
        request.headers["X-API-Key"] = self._key
        return request

    def __repr__(self) -> str:
        """Return a representation without the key."""
        return "ApiKey(hidden)"

    def hidden(self, text: str) -> str:
        """Return *text* with the key replaced, in case a server echoed it."""
        return self._pattern.sub("[key]", text)

    @contextmanager
    def kept_out(self) -> Iterator[None]:
        """Hide the key in errors."""
        try:
            yield
        except EachlabsError as error:
            error.message, error.details = self.hidden(error.message), self.hidden(error.details)
            error.args = (error.message,)
            raise


def anonymous(request: PreparedRequest) -> PreparedRequest:
    """Add no credentials, and prevent the session and a .netrc from adding any."""
    return request
