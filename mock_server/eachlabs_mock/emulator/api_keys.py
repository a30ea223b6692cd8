"""Decides which API keys are good."""

from collections.abc import Sequence

from eachlabs_mock.core import ApiError

ALWAYS_REFUSED = "invalid"
"""A key that starts so is refused whatever the settings, so that a 401 can be rehearsed without any."""

_CARRIERS = "Send it as 'X-API-Key: KEY' or as 'Authorization: Bearer KEY'."


class Access:
    """Who may call.

    :param keys: the keys that are good; none: every key is.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = frozenset(keys)

    def good_key(self, shown: Sequence[str]) -> str:
        """Return the first good one of the keys *shown*, one for each carrier; one good key is enough.

        :raises ApiError: none of them is good.
        """
        for key in shown:
            if self._is_good(key):
                return key
        raise ApiError("unauthorized", self._advice(shown))

    def _is_good(self, key: str) -> bool:
        if not key or key.startswith(ALWAYS_REFUSED):
            return False
        return not self._keys or key in self._keys

    def _advice(self, shown: Sequence[str]) -> str:
        if not any(shown):
            return f"No API key was sent. {_CARRIERS}"
        if any(key.startswith(ALWAYS_REFUSED) for key in shown):
            return "This emulator always refuses a key that starts with 'invalid'."
        return f"This API key is not one of those the emulator was started with (--api-key). {_CARRIERS}"
