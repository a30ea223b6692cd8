"""Keeps strangers off the control plane: foreign names, pages of other sites and, where set, those without a token."""

import hmac
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from eachlabs_mock.settings import Settings
from eachlabs_mock.web import Call, Problem, is_host

_OWN_SITES = frozenset({"", "none", "same-origin"})
"""What `Sec-Fetch-Site` says of a program, of what was typed or bookmarked, and of a page of ours."""


class Guard:
    """Judges control calls by their headers.

    A page of another site can make a browser call this machine, under a name that it lets resolve to it (DNS
    rebinding) or from its own origin. Neither gets through: the name must be one of ours or a bare address, the origin
    our own. A browser that names no origin, as with pictures and links, says all the same whether the page was ours.
    """

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_base_url).hostname
        self._names = ("localhost", settings.host, *([public] if public else []))
        self._token = settings.control_token

    def check(self, call: Call) -> None:
        """Let *call* through.

        :raises Problem: it comes from where no owner of this emulator would call.
        """
        host: str = call.environ.get("HTTP_HOST", "")
        name = (_split(f"//{host}").hostname or "") if is_host(host) else ""
        if name not in self._names and not _is_address(name):
            told, ours = (name or host)[:100], ", ".join(self._names)
            detail = f"The control plane does not accept the host {told!r}; accepted hosts: {ours}."
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
    except ValueError:  # brackets that do not close: nobody's name
        return urlsplit("")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
