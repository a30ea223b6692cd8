"""Reads the address of a server that a user typed: the root, or the `/v1` below it."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

EXAMPLE_ROOT: Final = "http://127.0.0.1:8780"
API: Final = "/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server.

    :param root: scheme, host and port, without a path.
    :param mount: the path of the server below the root; empty where it is the root.
    """

    root: str
    mount: str = ""

    @property
    def prefix(self) -> str:
        """The path before every route of the API."""
        return self.mount + API

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine: then its executions are free, and its webhooks arrive."""
        host = urlsplit(self.root).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def read(url: str) -> Address:
    """Return the address in *url*, with or without its `/v1`.

    :raises ValueError: it is not the address of a server; the text says why.
    """
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        is_bare = parts.scheme != "http" and "//" not in url
        advice = f"did you mean http://{url}?" if is_bare else f"an example is {EXAMPLE_ROOT}"
        raise ValueError(f"{url!r} is not an http or https address; {advice}")
    if parts.username is not None:
        raise ValueError(f"the address must not hold a user or password (key: --api-key); an example is {EXAMPLE_ROOT}")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r}: the address must not have a query or fragment; an example is {EXAMPLE_ROOT}")
    return Address(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/").removesuffix(API))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # out of range raises
    except ValueError as error:
        raise ValueError(f"{url!r} is not an address: {error}") from None
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is not an address: it holds spaces or characters beyond ASCII")
    return parts
