"""Refuses control calls with a foreign host name, from pages of other sites, or without the token."""

import hmac
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from eachlabs_mock.settings import Settings
from eachlabs_mock.web import Call, Problem, is_host

_OWN_SITES = frozenset({"", "none", "same-origin"})
"""Accepted values of `Sec-Fetch-Site`: of a program, of a typed address or bookmark, and of our own page."""


class Guard:
    """Checks the headers of control calls.

    A page of another site can make a browser call this machine, from its own origin or under a name that resolves to
    this machine (DNS rebinding). So the host must be one of ours or an IP address, and the origin our own. A browser
    that sends no origin, as for images and links, sends `Sec-Fetch-Site`.
    """

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_base_url).hostname
        self._names = ("localhost", settings.host, *([public] if public else []))
        self._token = settings.control_token

    def check(self, call: Call) -> None:
        """Check *call*.

        :raises Problem: it comes from another site or host, or lacks the token.
        """
        host: str = call.environ.get("HTTP_HOST", "")
        name = (_split(f"//{host}").hostname or "") if is_host(host) else ""
        if name not in self._names and not _is_address(name):
            accepted = ", ".join(self._names)
            detail = f"The control plane does not accept the host {(name or host)[:100]!r}; accepted hosts: {accepted}."
            raise Problem(HTTPStatus.FORBIDDEN, detail, field="Host")
        origin: str = call.environ.get("HTTP_ORIGIN", "")
        if origin and _split(origin).netloc != host:
            detail = f"The control plane accepts its own origin, such as http://{host}, and not {origin[:100]!r}."
            raise Problem(HTTPStatus.FORBIDDEN, detail, field="Origin")
        site: str = call.environ.get("HTTP_SEC_FETCH_SITE", "")
        if site not in _OWN_SITES:
            detail = f"The control plane accepts programs and its own pages; the browser sent {site[:100]!r}."
            raise Problem(HTTPStatus.FORBIDDEN, detail, field="Sec-Fetch-Site")
        sent: str = call.environ.get("HTTP_X_MOCK_TOKEN", "")
        if self._token and not hmac.compare_digest(sent.encode(), self._token.encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED, "X-Mock-Token must be the token of --control-token.", field="X-Mock-Token"
            )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # unbalanced brackets: not a host
        return urlsplit("")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
