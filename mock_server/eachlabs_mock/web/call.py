"""A request and an answer as values: what the lane and Flask both read and write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from eachlabs_mock.core import AS_SENT, JSON, ApiError, Instant, Stopwatch, Transfer
from eachlabs_mock.emulator import World, world_of_key
from eachlabs_mock.faults import Route, Rule

MAX_BODY = 1024 * 1024
"""Bytes; a longer body is refused with 413."""

MAX_DOCUMENT = 512 * 1024 * 1024
"""Bytes of a control call's body, which may be a whole world; the same."""

_MOST_DIGITS = 20  # of a length that is worth reading; int() itself refuses some thousands

_LONG_KEY = 8  # characters; many texts contain a shorter one by chance

_LONGEST_REASON = 200  # characters of a refusal that a log line shows

_CARRIERS: Mapping[tuple[bool, bool], tuple[str, ...]] = MappingProxyType(
    {
        (False, False): (),
        (False, True): ("Authorization",),
        (True, False): ("X-API-Key",),
        (True, True): ("X-API-Key", "Authorization"),
    }
)

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SANE_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|[A-Za-z0-9._-]{1,255})(?::[0-9]{0,5})?")


@dataclass(slots=True)
class Call:
    """A request, read from a WSGI environment; and what became known of it on the way.

    :ivar route: what it asks for; None: nothing that a rule could be about.
    :ivar subject: id of the prediction it is about; empty where it is about none.
    :ivar asked: what its sender wants to go wrong with what it creates.
    :ivar faults: names of the faults that struck it, and *transfer* how they send its answer.
    :ivar refusal: why it was refused; empty where it was not.
    """

    environ: dict[str, Any]
    route: Route | None = None
    subject: str = ""
    world: World | None = None
    came_at: Instant = 0
    request_id: str = ""
    body: bytes | None = None
    is_too_long: bool = False
    asked: tuple[Rule, ...] = ()
    faults: tuple[str, ...] = ()
    refusal: str = ""
    transfer: Transfer = AS_SENT
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def keys(self) -> tuple[str, str]:
        """What the two carriers of a key show, each empty where it shows none."""
        sent: str = self.environ.get("HTTP_X_API_KEY", "")
        if "HTTP_AUTHORIZATION" not in self.environ:
            return sent, ""
        scheme, _, token = self.environ["HTTP_AUTHORIZATION"].partition(" ")
        return sent, token.strip() if scheme.lower() == "bearer" else ""

    def carriers(self, masked_query: str) -> tuple[str, ...]:
        """Return where it shows a key: the names of headers, and `query`, where no key should ever be."""
        sent, bearer = self.keys
        carriers = _CARRIERS[bool(sent), bool(bearer)]
        return (*carriers, "query") if masked_query and masked_query != self.environ["QUERY_STRING"] else carriers

    @property
    def masked_query(self) -> str:
        """Its query, in which any key that it shows elsewhere is masked."""
        query: str = self.environ.get("QUERY_STRING", "")
        if not query:
            return ""
        keys = [each for each in self.keys if each] or self._keys_by_their_world
        return "&".join(_masked(each, keys) for each in query.split("&")) if keys else query

    @property
    def _keys_by_their_world(self) -> list[str]:
        """What of the query is the key of the world that this is about: outputs are fetched without one."""
        if self.world is None:
            return []
        query = str(self.environ.get("QUERY_STRING", ""))
        texts = [each for pair in parse_qsl(query, keep_blank_values=True) for each in pair]
        return [each for each in texts if each and world_of_key(each) == self.world.name]

    @property
    def reason(self) -> str | None:
        """The text of its refusal as a log may show it: shortened, and without its keys; None where it has none."""
        if not self.refusal:
            return None
        text = self.refusal
        for key in self.keys:
            text = text.replace(key, "***") if len(key) >= _LONG_KEY else text
        return text[:_LONGEST_REASON]

    @property
    def world_name(self) -> str:
        """The world asked for by `X-Mock-World`, or nothing."""
        return str(self.environ.get("HTTP_X_MOCK_WORLD", ""))

    @property
    def requested_fault(self) -> str:
        """The text of the header `X-Mock-Fault`; empty where there is none."""
        return str(self.environ.get("HTTP_X_MOCK_FAULT", "")).strip()

    @property
    def sent_request_id(self) -> str:
        """The `X-Request-Id` it came with, if that is safe to echo."""
        sent: str = self.environ.get("HTTP_X_REQUEST_ID", "")
        return sent if _SANE_ID.fullmatch(sent) else ""

    @property
    def public_base(self) -> str:
        """Scheme and host the caller used, such as ``http://127.0.0.1:8780``."""
        host: str = self.environ.get("HTTP_HOST", "")
        if not is_host(host):
            host = f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"
        return f"{self.environ['wsgi.url_scheme']}://{host}"

    def json_body(self) -> bytes:
        """Return the raw body of a request that must carry JSON.

        :raises ApiError: it is too long, or declared to be something else. A missing declaration is let pass.
        """
        body = self._body() if self.body is None else self.body
        declared: str = self.environ.get("CONTENT_TYPE", "")
        if declared and declared.partition(";")[0].strip().lower() != JSON:
            raise ApiError("wrong_content_type", f"Content-Type must be {JSON}, not {declared[:100]!r}.")
        return body

    def _body(self) -> bytes:
        length: str = self.environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and (len(length) > _MOST_DIGITS or int(length) > MAX_BODY):
            raise ApiError("body_too_large", f"The body has {length[:_MOST_DIGITS]} bytes; the limit is {MAX_BODY}.")
        # Without a length the body is chunked: one byte more than allowed tells that it is too long.
        most = int(length) if length.isdecimal() else MAX_BODY + 1
        body: bytes = b"" if self.is_too_long else self.environ["wsgi.input"].read(most)
        if self.is_too_long or len(body) > MAX_BODY:
            self.is_too_long = True  # whoever asks again gets the same answer, not what is left of it
            raise ApiError("body_too_large", f"The body has more than {MAX_BODY} bytes.")
        if length.isdecimal() and len(body) < int(length):
            raise ApiError("malformed_json", f"The body is shorter than its Content-Length, which is {length}.")
        self.body = body
        return body


def is_host(text: str) -> bool:
    """Whether *text* is a host, with or without a port, as a URL and the header `Host` write it."""
    found = _SANE_HOST.fullmatch(text)
    try:
        return found is not None and (found[1] is None or bool(IPv6Address(found[1])))
    except ValueError:
        return False


def _masked(part: str, keys: Sequence[str]) -> str:
    """Return *part* of a query, without its name or its value where that is one of *keys*, or has a long one in it."""
    name, equals, value = part.partition("=")
    masked = equals.join(("***" if _shows(each, keys) else each for each in (name, value)) if equals else (name,))
    return "***" if _shows(masked, keys) else masked


def _shows(text: str, keys: Sequence[str]) -> bool:
    read = {text, unquote(text), unquote_plus(text)}
    return any(key in read or (len(key) >= _LONG_KEY and any(key in each for each in read)) for key in keys)
