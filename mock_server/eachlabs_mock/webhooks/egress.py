"""Calls a webhook receiver: the address checked is the address called, no redirect is followed, time is bounded."""

import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address
from types import MappingProxyType
from urllib.parse import SplitResult, quote, urlsplit

from h11 import ProtocolError

from eachlabs_mock.webhooks.http_client import Destination, HttpClient

LONGEST_RESPONSE = 1000
"""Bytes of a receiver's answer that are kept, and characters of an error, which may quote it."""

_LEGAL_IN_TARGET = "!$%&'()*+,/:;=?@~"
"""Left as they are: what RFC 3986 allows in a path or query, and the sign of what is encoded already."""


_DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call: a status code and the beginning of the answer, or why there is none."""

    status_code: int | None
    response: str
    error: str

    @property
    def accepted(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004  # the class of success


Send = Callable[[str, bytes, Mapping[str, str], float], Outcome]
"""Posts a body with headers to a URL, within real seconds; never raises."""


class EgressRefusedError(Exception):
    """The host may not be called; the text says which flag would allow it."""


class Egress:
    """Decides which hosts may be called, and calls them.

    :param allowed: host names and addresses that may be called besides loopback; ``any`` among them: all.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(allowed)
        self._courier = HttpClient()

    def addresses_of(self, host: str, port: int) -> list[str]:
        """Return the addresses of *host* that may be called, resolved once: what is checked is what is called.

        :raises EgressRefusedError: none of them may be called.
        :raises OSError: it has no address.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if "any" in self._allowed or host.lower().rstrip(".") in self._allowed:
            return addresses
        allowed = [each for each in addresses if _is_loopback(each) or each in self._allowed]
        if not allowed:
            raise EgressRefusedError(
                f"not sent: {host} ({addresses[0]}) is not on this machine; allow it with --allow-webhook-host {host}"
            )
        return allowed

    def allows_unseen(self, url: str) -> bool:
        """Whether the host of *url* may be called whatever its address turns out to be, or shows a loopback address."""
        try:
            host = (_parts(url).hostname or "").rstrip(".")
            return bool({"any", host} & self._allowed) or host == "localhost" or _is_loopback(host)
        except (EgressRefusedError, ValueError):  # it is no URL, or its host is a name
            return False

    def refusal(self, url: str) -> str:
        """Return why the host of *url* would not be called; empty when it would be, or when nobody can say yet."""
        try:
            parts = _parts(url)
            self.addresses_of(parts.hostname or "", _port(parts))
        except EgressRefusedError as error:
            return str(error)
        except (OSError, UnicodeError):  # it has no address, or is no name that could have one
            return ""
        return ""

    def send(self, url: str, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        """Post *body* to *url*. Whatever goes wrong is told in the outcome."""
        try:
            return self._send(_parts(url), body, headers, real_seconds)
        except TimeoutError:
            return Outcome(None, "", f"no answer within {real_seconds:g} s")
        except EgressRefusedError as error:
            return Outcome(None, "", str(error))
        except (OSError, ProtocolError, UnicodeError) as error:
            text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return Outcome(None, "", text[:LONGEST_RESPONSE])

    def _send(self, parts: SplitResult, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        host, port = parts.hostname or "", _port(parts)
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        to = Destination(host, self.addresses_of(host, port), port, tls)
        own = {"Host": _host(parts), "Accept-Encoding": "identity", "Content-Length": str(len(body))}
        status, answer = self._courier.post(
            to, _target(parts), {**own, **headers}, body, LONGEST_RESPONSE, real_seconds
        )
        outcome = Outcome(status, answer.decode("utf-8", "replace"), "")
        return outcome if outcome.accepted else replace(outcome, error=f"HTTP {status}")


def without_secrets(url: str) -> str:
    """Return *url* as far as a log may show it: without user, query and fragment, where receivers keep their tokens."""
    try:
        parts = urlsplit(url)
    except ValueError:  # nobody can say what of it is a secret
        return "***"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _parts(url: str) -> SplitResult:
    """Return the parts of *url*. A create names none but http and https URLs; a world's imported state may.

    :raises EgressRefusedError: it is no such URL.
    """
    try:
        parts = urlsplit(url)
        is_callable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or brackets that do not close
        is_callable = False
    if not is_callable:
        raise EgressRefusedError("not sent: the webhook URL is not an absolute http or https URL")
    return parts


def _is_loopback(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped.is_loopback
    return ip.is_loopback


def _port(parts: SplitResult) -> int:
    return parts.port or _DEFAULT_PORTS[parts.scheme]


def _host(parts: SplitResult) -> str:
    """Return the header `Host`: without the user, and in ASCII, as the host is looked up."""
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    return f"{name}:{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else name


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, _LEGAL_IN_TARGET)
