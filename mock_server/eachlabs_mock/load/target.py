"""What load may be put on: addresses of this machine, and no other."""

from ipaddress import ip_address
from urllib.parse import urlsplit


class NotHereError(ValueError):
    """The address is not one of this machine; the text says what would be."""


def loopback(url: str) -> str:
    """Return *url*, a base URL such as ``http://127.0.0.1:8780/v1``, without the slash at its end.

    :raises NotHereError: its host is no loopback address, or it is no http URL.
    """
    if not is_loopback(url):
        raise NotHereError(
            f"{url!r}: load goes to this machine only, to a URL such as http://127.0.0.1:8780/v1; "
            f"nobody else's service is loaded with this tool"
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether *url* is a http URL of `localhost` or of a loopback address, without user, query and fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets that do not close, or a port that is none
        return False
    if parts.scheme != "http" or port == 0 or "@" in parts.netloc or parts.query or parts.fragment:
        return False
    return parts.hostname == "localhost" or _is_loopback_address(parts.hostname or "")


def _is_loopback_address(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
