"""Makes a target of an address or an application, and finds out what it supports."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from eachlabs_contract.history import Headers, Request
from eachlabs_contract.spec import DEFAULT_MODEL, load_model
from eachlabs_contract.targets import address
from eachlabs_contract.targets.address import Address
from eachlabs_contract.targets.budget import Budget
from eachlabs_contract.targets.control import PREFIX, Control, find
from eachlabs_contract.targets.probe import Probe
from eachlabs_contract.targets.rate_limited import RateLimitedTransport
from eachlabs_contract.targets.receiver import receiving
from eachlabs_contract.targets.target import Caller, Target
from eachlabs_contract.targets.transport import NoAnswerError, Transport, WsgiApp, connect

KEY: Final = "contract-harness"
SECOND_KEY: Final = "contract-harness-second"
BAD_KEY: Final = "invalid-contract-harness"
SECOND_WORLD: Final = "contract-second"
"""The world of the second caller where both callers share one key."""

IN_PROCESS: Final = "a WSGI application in this process"


class OpeningError(Exception):
    """The server cannot be checked; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to access a server. Missing keys are made up, since an emulator accepts any key.

    :param control: "auto": look for the control plane at `/__mock`; "off": use none; otherwise its address.
    :param token: the token for `X-Mock-Token` of control-plane calls; empty where none is needed.
    :param max_executions: the number of allowed paid executions; None where that was not given.
    :param may_spend: whether spending was confirmed.
    """

    api_key: str = ""
    second_key: str = ""
    bad_key: str = BAD_KEY
    control: str = "auto"
    token: str = ""
    max_executions: int | None = None
    may_spend: bool = False


@contextmanager
def in_process(app: WsgiApp, slug: str = DEFAULT_MODEL) -> Iterator[Target]:
    """Open a WSGI application of this process as a target; its webhooks go to a receiver on loopback."""
    from eachlabs_contract.targets.wsgi import WsgiTransport  # noqa: PLC0415  # Werkzeug takes its time, and HTTP needs none

    transport = WsgiTransport(app)
    with receiving() as receiver:
        yield Target(
            IN_PROCESS,
            transport,
            load_model(slug),
            _caller("owner", KEY, transport),
            Budget(),
            second=_caller("second", SECOND_KEY, transport),
            bad_key=BAD_KEY,
            receiver=receiver,
        )


def _caller(role: str, key: str, transport: Transport) -> Caller:
    headers = _key(key)
    return Caller(role, headers, find(transport, headers))


@contextmanager
def over_http(url: str, access: Access | None = None, slug: str = DEFAULT_MODEL) -> Iterator[Target]:
    """Open the server at *url* as a target.

    :param url: its root, or the `/v1` below it.
    :raises OpeningError: there is no such server, or it refuses the key.
    :raises UnknownModelError: no file describes the model.
    """
    model = load_model(slug)
    opening = _Opening(_address(url), access or Access())
    opening.examine()
    callers = opening.callers()
    controlled = any(caller.control for caller in callers)
    free = opening.address.is_loopback or (controlled and opening.access.control == "auto")
    with receiving() if opening.address.is_loopback else nullcontext() as receiver:
        yield Target(
            url,
            opening.transport if free or controlled else RateLimitedTransport(opening.transport),
            model,
            callers[0],
            _budget(opening.access, free=free),
            second=callers[1] if len(callers) > 1 else None,
            bad_key=opening.access.bad_key,
            receiver=receiver,
            prefix=opening.address.prefix,
        )


class _Opening:
    """The steps of opening a server over HTTP."""

    def __init__(self, where: Address, access: Access) -> None:
        self.address, self.access = where, access
        self.transport = connect(where.root)
        self._probe = Probe(self.transport, where.prefix)
        self._owner = _key(access.api_key or KEY)

    def examine(self) -> None:
        """Make sure that a prediction API answers and accepts the key.

        :raises OpeningError: it does not.
        """
        root = self.address.root
        try:
            is_api = self._probe.is_api(self._owner)
            refusal = self._probe.refusal(self._owner)
        except NoAnswerError as error:
            raise OpeningError(f"no server answers at {root}: {error}") from None
        if not is_api:
            raise OpeningError(
                f"the server at {root} is not a prediction API: {self.address.prefix} does not answer like one"
            )
        if refusal:
            key = "the given key" if self.access.api_key else "a made-up key; give one with --api-key"
            raise OpeningError(f"the server at {root} refuses {key} ({refusal.status})")

    def callers(self) -> tuple[Caller, ...]:
        """Return the owner, and a second caller where possible."""
        control = self._control()
        owner = Caller("owner", self._owner, self._control_of(control, self._owner))
        second = self._second(controlled=owner.control is not None)
        return (owner, Caller("second", second, self._control_of(control, second))) if second else (owner,)

    def _second(self, *, controlled: bool) -> Headers:
        """Return the headers of a second caller; none where there cannot be one."""
        key = self.access.second_key or SECOND_KEY
        refusal = self._probe.refusal(_key(key), of_any=True)
        if refusal is None:
            return _key(key)
        if self.access.second_key:
            raise OpeningError(f"the server at {self.address.root} refuses the second key ({refusal.status})")
        return (*self._owner, ("X-Mock-World", SECOND_WORLD)) if controlled else ()

    def _control_of(self, control: tuple[Transport, str] | None, headers: Headers) -> Control | None:
        return Control(control[0], (*headers, *self._token()), control[1]) if control else None

    def _token(self) -> Headers:
        return (("X-Mock-Token", self.access.token),) if self.access.token else ()

    def _control(self) -> tuple[Transport, str] | None:
        """Return the transport to the control plane, and its prefix; None where there is none."""
        if self.access.control == "off":
            return None
        if self.access.control == "auto":
            return self._control_at(self.transport, self.address.mount + PREFIX)
        where = _address(self.access.control)
        control = self._control_at(connect(where.root), where.mount or PREFIX)
        if not control:
            raise OpeningError(f"no control plane answers at {where.root}{where.mount or PREFIX} (--control)")
        return control

    def _control_at(self, transport: Transport, prefix: str) -> tuple[Transport, str] | None:
        request = Request("GET", f"{prefix}/version", (*self._owner, *self._token()))
        try:
            answer = Probe(transport, "").ask(request)
        except NoAnswerError:
            return None
        if answer.status in {401, 403} and (b"X-Mock-Token" in answer.body or b"control plane" in answer.body):
            detail = answer.document.get("detail", "") if isinstance(answer.document, dict) else ""
            advice = "give its token with --control-token" if answer.status == 401 else detail  # noqa: PLR2004  # HTTP
            raise OpeningError(f"the control plane at {transport.root}{prefix} refuses ({answer.status}): {advice}")
        return (transport, prefix) if answer.status == 200 and isinstance(answer.document, dict) else None  # noqa: PLR2004  # HTTP


def _address(url: str) -> Address:
    try:
        return address.read(url)
    except ValueError as error:
        raise OpeningError(str(error)) from None


def _key(key: str) -> Headers:
    if not key.isascii() or not key.isprintable():
        raise OpeningError("a key may hold printable ASCII characters only, since it is sent in a header")
    return (("X-API-Key", key),)


def _budget(access: Access, *, free: bool) -> Budget:
    """Return the allowed executions: none where they cost money, unless that was requested and confirmed.

    :raises OpeningError: it was requested and not confirmed.
    """
    if free:
        return Budget(access.max_executions)
    if access.max_executions and not access.may_spend:
        option = f"--max-executions {access.max_executions}"
        raise OpeningError(f"{option} spends money: confirm it with EACHLABS_CONTRACT_SPEND=yes in the environment")
    return Budget(access.max_executions or 0)
