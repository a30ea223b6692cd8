"""Restricts load to addresses of this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit


class NotLocalError(ValueError):
    """The address does not belong to this machine; the message names one that does."""


def loopback(url: str) -> str:
    """Return *url*, a base URL such as ``http://127.0.0.1:8780/v1``, without a trailing slash.

    :raises NotLocalError: *url* is not an http URL of a loopback address.
    """
    if not is_loopback(url):
        raise NotLocalError(
            f"{url!r}: load is sent only to this machine, to a URL such as http://127.0.0.1:8780/v1, "
            f"so that no other service is loaded by mistake"
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether *url* is an http URL of `localhost` or a loopback address, without user, query and fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # unbalanced brackets or an invalid port
        return False
    if parts.scheme != "http" or port == 0 or "@" in parts.netloc or parts.query or parts.fragment:
        return False
    return parts.hostname == "localhost" or _is_loopback_address(parts.hostname or "")


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
