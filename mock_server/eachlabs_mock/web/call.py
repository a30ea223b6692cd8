"""A request as a value, which the lane and Flask both read."""

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
"""Bytes of a control call's body, which may be a whole world; a longer one is refused with 413."""

_MOST_DIGITS = 20  # of a Content-Length; int() refuses a few thousand digits

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
    """A request, read from a WSGI environment, and the facts found while it is answered.

    :ivar route: its kind; None: one at which no fault can strike.
    :ivar subject: id of its prediction; empty where it has none.
    :ivar directives: the rule of its header for the prediction that it creates.
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
    directives: tuple[Rule, ...] = ()
    faults: tuple[str, ...] = ()
    refusal: str = ""
    transfer: Transfer = AS_SENT
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def keys(self) -> tuple[str, str]:
        """The keys in `X-API-Key` and in `Authorization`; each is empty where there is none."""
        sent: str = self.environ.get("HTTP_X_API_KEY", "")
        if "HTTP_AUTHORIZATION" not in self.environ:
            return sent, ""
        scheme, _, token = self.environ["HTTP_AUTHORIZATION"].partition(" ")
        return sent, token.strip() if scheme.lower() == "bearer" else ""

    def carriers(self, masked_query: str) -> tuple[str, ...]:
        """Return where it carries a key: names of headers, and `query`, where no key should be."""
        sent, bearer = self.keys
        carriers = _CARRIERS[bool(sent), bool(bearer)]
        return (*carriers, "query") if masked_query and masked_query != self.environ["QUERY_STRING"] else carriers

    @property
    def masked_query(self) -> str:
        """Its query, with the keys of its headers masked."""
        query: str = self.environ.get("QUERY_STRING", "")
        if not query:
            return ""
        keys = [key for key in self.keys if key] or self._keys_of_its_world
        return "&".join(_masked(part, keys) for part in query.split("&")) if keys else query

    @property
    def _keys_of_its_world(self) -> list[str]:
        """The texts of its query that are the key of its world; for outputs, which need no key."""
        if self.world is None:
            return []
        query = str(self.environ.get("QUERY_STRING", ""))
        texts = [text for pair in parse_qsl(query, keep_blank_values=True) for text in pair]
        return [text for text in texts if text and world_of_key(text) == self.world.name]

    @property
    def reason(self) -> str | None:
        """The text of its refusal as a log may show it: shortened, and without its keys; None where it has none."""
        text = self.refusal
        for key in self.keys:
            text = text.replace(key, "***") if len(key) >= _LONG_KEY else text
        return text[:_LONGEST_REASON] or None

    @property
    def world_name(self) -> str:
        """The world named by `X-Mock-World`; empty where there is none."""
        return str(self.environ.get("HTTP_X_MOCK_WORLD", ""))

    @property
    def requested_fault(self) -> str:
        """The text of the header `X-Mock-Fault`; empty where there is none."""
        return str(self.environ.get("HTTP_X_MOCK_FAULT", "")).strip()

    @property
    def sent_request_id(self) -> str:
        """Its `X-Request-Id`, if that is safe to echo."""
        sent: str = self.environ.get("HTTP_X_REQUEST_ID", "")
        return sent if _SANE_ID.fullmatch(sent) else ""

    @property
    def public_base(self) -> str:
        """Scheme and host that the caller used, such as ``http://127.0.0.1:8780``."""
        host: str = self.environ.get("HTTP_HOST", "")
        if not is_host(host):
            host = f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"
        return f"{self.environ['wsgi.url_scheme']}://{host}"

    def json_body(self) -> bytes:
        """Return the raw body of a request that must carry JSON.

        :raises ApiError: it is too long, or its Content-Type is another. A missing Content-Type is accepted.
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
        # Without a length the body is chunked; one byte more than allowed shows that it is too long.
        most = int(length) if length.isdecimal() else MAX_BODY + 1
        body: bytes = b"" if self.is_too_long else self.environ["wsgi.input"].read(most)
        if self.is_too_long or len(body) > MAX_BODY:
            self.is_too_long = True  # a second call must not read the rest of it
            raise ApiError("body_too_large", f"The body has more than {MAX_BODY} bytes.")
        if length.isdecimal() and len(body) < int(length):
            raise ApiError("malformed_json", f"The body is shorter than its Content-Length, which is {length}.")
        self.body = body
        return body


def is_host(text: str) -> bool:
    """Whether *text* is a host with an optional port, as in a URL or a `Host` header."""
    match = _SANE_HOST.fullmatch(text)
    try:
        return match is not None and (match[1] is None or bool(IPv6Address(match[1])))
    except ValueError:
        return False


def _masked(part: str, keys: Sequence[str]) -> str:
    """Return *part* of a query, with its name or value masked where it is one of *keys* or contains a long one."""
    name, equals, value = part.partition("=")
    masked = equals.join(("***" if _shows(text, keys) else text for text in (name, value)) if equals else (name,))
    return "***" if _shows(masked, keys) else masked


def _shows(text: str, keys: Sequence[str]) -> bool:
    readings = {text, unquote(text), unquote_plus(text)}
    return any(
        key in readings or (len(key) >= _LONG_KEY and any(key in reading for reading in readings)) for key in keys
    )
