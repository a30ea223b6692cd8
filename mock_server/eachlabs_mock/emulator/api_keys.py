"""Decides which API keys are valid, and words the refusal of all others (401)."""

from collections.abc import Sequence

from eachlabs_mock.core import ApiError

ALWAYS_REFUSED = "invalid"
"""A key with this prefix is always refused, so that a client can be tested with a 401 without any setting."""

_CARRIERS = "Send it as 'X-API-Key: KEY' or as 'Authorization: Bearer KEY'."


class Access:
    """The valid API keys.

    :param keys: the valid ones; empty: every key is valid.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = frozenset(keys)

    def valid_key(self, keys: Sequence[str]) -> str:
        """Return the first valid one of *keys*.

        :param keys: the key of each header that may carry one; empty where the header is missing.
        :raises ApiError: none of them is valid.
        """
        for key in keys:
            if key and not key.startswith(ALWAYS_REFUSED) and (not self._keys or key in self._keys):
                return key
        raise ApiError("unauthorized", self._advice(keys))

    def _advice(self, keys: Sequence[str]) -> str:
        if not any(keys):
            return f"No API key was sent. {_CARRIERS}"
        if any(key.startswith(ALWAYS_REFUSED) for key in keys):
            return "This emulator always refuses a key that starts with 'invalid'."
        return f"This API key is not one of those the emulator was started with (--api-key). {_CARRIERS}"
