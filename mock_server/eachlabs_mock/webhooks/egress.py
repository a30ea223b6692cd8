"""Sends a webhook: only to allowed addresses, each resolved once, without redirects, within a bounded time."""

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
"""Bytes kept of a receiver's answer, and characters of an error, which may quote it."""

_LEGAL_IN_TARGET = "!$%&'()*+,/:;=?@~"
"""Not quoted: the characters that RFC 3986 allows in a path or query, and the percent sign."""


_DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one call: status and beginning of the answer, or why there is none."""

    status_code: int | None
    response: str
    error: str

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered with a 2xx."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004  # the class of success


Send = Callable[[str, bytes, Mapping[str, str], float], Outcome]
"""Posts a body with headers to a URL, within real seconds; never raises."""


class EgressRefusedError(Exception):
    """The host may not be called; the text names the flag that allows it."""


class Egress:
    """Calls webhook receivers on allowed hosts.

    :param allowed: host names and addresses allowed besides loopback; ``any``: all hosts.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = frozenset(allowed)
        self._http_client = HttpClient()

    def addresses_of(self, host: str, port: int) -> list[str]:
        """Return the allowed addresses of *host*. They are resolved once: the address checked is the address called.

        :raises EgressRefusedError: none of them is allowed.
        :raises OSError: it has no address.
        """
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        if "any" in self._allowed or host.lower().rstrip(".") in self._allowed:
            return addresses
        allowed = [address for address in addresses if _is_loopback(address) or address in self._allowed]
        if not allowed:
            raise EgressRefusedError(
                f"not sent: {host} ({addresses[0]}) is not on this machine; allow it with --allow-webhook-host {host}"
            )
        return allowed

    def allows_unseen(self, url: str) -> bool:
        """Whether the host of *url* is allowed without a look-up: by name, or as a loopback address."""
        try:
            host = (_parts(url).hostname or "").rstrip(".")
            return bool({"any", host} & self._allowed) or host == "localhost" or _is_loopback(host)
        except (EgressRefusedError, ValueError):  # not a URL, or its host is a name
            return False

    def refusal(self, url: str) -> str:
        """Return why the host of *url* may not be called; empty when it may, or cannot be resolved now."""
        try:
            parts = _parts(url)
            self.addresses_of(parts.hostname or "", _port(parts))
        except EgressRefusedError as error:
            return str(error)
        except (OSError, UnicodeError):  # it has no address, or is not a host name
            return ""
        return ""

    def send(self, url: str, body: bytes, headers: Mapping[str, str], real_seconds: float) -> Outcome:
        """Post *body* to *url*. Errors are in the outcome."""
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
        status, answer = self._http_client.post(
            to, _target(parts), {**own, **headers}, body, LONGEST_RESPONSE, real_seconds
        )
        outcome = Outcome(status, answer.decode("utf-8", "replace"), "")
        return outcome if outcome.accepted else replace(outcome, error=f"HTTP {status}")


def without_secrets(url: str) -> str:
    """Return *url* without user, query and fragment, which may contain secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:  # its parts are unknown, so any may be secret
        return "***"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _parts(url: str) -> SplitResult:
    """Return the parts of *url*. A create accepts http and https URLs only, but an imported state may have others.

    :raises EgressRefusedError: it is not an absolute http or https URL.
    """
    try:
        parts = urlsplit(url)
        is_callable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is not a number, or unbalanced brackets
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
    """Return the header `Host`: without the user, in ASCII."""
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    return f"{name}:{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else name


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, _LEGAL_IN_TARGET)
