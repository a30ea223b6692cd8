"""Reads the address of a server that somebody typed: the root, or the `/v1` below it."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

EXAMPLE_ROOT: Final = "http://127.0.0.1:8780"
API: Final = "/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    :param root: scheme, host and port, without a path.
    :param mount: the path below which everything of it lies; empty where that is the root.
    """

    root: str
    mount: str = ""

    @property
    def prefix(self) -> str:
        """The path before every route of the API."""
        return self.mount + API

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine: what is done there costs nothing, and its webhooks arrive."""
        host = urlsplit(self.root).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def read(url: str) -> Address:
    """Return the address that *url* means, with or without its `/v1`.

    :raises ValueError: it is no address of a server; the text says why.
    """
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        advice = (
            f"; http://{url} would be" if parts.scheme != "http" and "//" not in url else f"; {EXAMPLE_ROOT} is one"
        )
        raise ValueError(f"{url!r} is no http or https address{advice}")
    if parts.username is not None:
        raise ValueError(f"an address here holds no user and no password (key: --api-key); {EXAMPLE_ROOT} is one")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r}: an address here has no query and no fragment; {EXAMPLE_ROOT} is one")
    return Address(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/").removesuffix(API))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # out of range raises
    except ValueError as error:
        raise ValueError(f"{url!r} is no address: {error}") from None
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is no address: it holds blanks, or characters beyond ASCII")
    return parts
