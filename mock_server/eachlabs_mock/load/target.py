"""Tells the addresses of this machine, the only ones to which load is sent."""

from ipaddress import ip_address
from urllib.parse import urlsplit


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
