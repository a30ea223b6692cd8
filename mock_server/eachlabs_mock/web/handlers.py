"""Answers creates and reads, and does what every call needs; the lane and Flask both use it."""

import traceback
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from threading import Lock

from eachlabs_mock.core import AS_SENT, TRANSFER, ApiError, Reply, retry_after
from eachlabs_mock.emulator import Emulator, StoreUnwritableError, World
from eachlabs_mock.faults import may_have_directives
from eachlabs_mock.web.call import Call
from eachlabs_mock.web.fault_injection import FAULT_HEADER, RENAMED_HEADER, FaultInjector
from eachlabs_mock.web.request_log import RequestLog
from eachlabs_mock.wire import SMALL_BODY, Profile

Operation = Callable[[Call], Reply]

CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Retry-After, X-Request-Id, ETag, Content-Range"),
)
"""Browser clients may call the API and fetch outputs from any origin, but never the control plane."""

OPEN = ("/v1/", "/outputs/")

OUTPUTS = "/outputs/"

UNSNIFFED = ("X-Content-Type-Options", "nosniff")

INERT = (UNSNIFFED, ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
"""An output contains text of its caller, and a fault may label it HTML: no browser may run it under our origin."""

HEALTH = "/__mock/health/"


class Handlers:
    """Answers calls with the use cases of the emulator and the bodies of the profile."""

    def __init__(self, emulator: Emulator, profile: Profile, log: RequestLog, fault_injector: FaultInjector) -> None:
        self.emulator = emulator
        self._fault_injector = fault_injector
        self._armed_count = fault_injector.armed_count
        self.profile = profile
        self._log = log
        self._validating = Lock()  # one large body at a time

    def create(self, call: Call) -> Reply:
        """`POST /v1/prediction/`."""
        world = self.enter(call, creating=True)
        body = call.json_body()
        with nullcontext() if len(body) <= SMALL_BODY else self._validating:
            create = self.emulator.validate(world, body, call.public_base, call.directives)
        if not create.directives or call.directives:
            return Reply(200, self.profile.created(self.emulator.create(world, create)))
        proceed = partial(
            self._attempt, call, lambda _: Reply(200, self.profile.created(self.emulator.create(world, create)))
        )
        return self._fault_injector.around_create(call, create.directives, world, proceed, self.refused)

    def read(self, call: Call) -> Reply:
        """`GET /v1/prediction/{id}`."""
        world = self.enter(call, creating=False)
        return Reply(200, self.profile.read(*self.emulator.read(world, call.subject)))

    def enter(self, call: Call, *, creating: bool) -> World:
        """Return the caller's world, and count this call against its rate.

        :raises ApiError: the key is not valid, or the rate is exceeded.
        """
        world = call.world = call.world or self.emulator.identify(call.keys, call.world_name)
        call.came_at = world.clock.now()
        self.emulator.admit(world, creating=creating)
        return world

    def may_wait(self, call: Call) -> bool:
        """Return whether a create or read, whose body is read, may have to wait; if not, set its world.

        It may wait for a webhook, where it moves an auto clock or a fault sends the webhook early, or for a control
        call that holds the world. It does not wait for a store in a file: writes are not forced to the disk.
        """
        if FAULT_HEADER in call.environ or may_have_directives(call.body or b""):
            return True
        try:
            world = call.world = self.emulator.identify(call.keys, call.world_name)
        except ApiError:  # a refusal waits for nothing
            return False
        is_struck = self._armed_count.armed and world.rules
        return bool(is_struck) or world.clock.mode == "auto" or world.accepting.locked()

    def answer(self, call: Call, operation: Operation) -> Reply:
        """Return the reply of *operation*, or of the refusal or bug it ends in, changed by faults. Never raises."""
        try:
            if self._may_be_struck(call):
                reply = self._fault_injector.around(call, partial(self._attempt, call, operation), self.refused)
                if call.world and call.world.rules:  # their counters have changed
                    call.world.try_keep()
            else:
                reply = operation(call)
        except Exception as error:  # noqa: BLE001  # every caller gets the documented body
            reply = self.refused(self.refusal(call, error), call.world)
        if reply.transfer is not AS_SENT:
            call.transfer = call.environ[TRANSFER] = reply.transfer
        return reply

    def _may_be_struck(self, call: Call) -> bool:
        """Return whether a fault may strike *call*. This check is the only cost of faults for other calls."""
        environ = call.environ
        return bool(self._armed_count.armed) or FAULT_HEADER in environ or RENAMED_HEADER in environ

    def _attempt(self, call: Call, operation: Operation) -> Reply:
        try:
            return operation(call)
        except Exception as error:  # noqa: BLE001  # the same
            return self.refused(self.refusal(call, error), call.world)

    def refusal(self, call: Call, error: Exception) -> ApiError:
        """Return *error*, which is being handled, as the refusal of *call*; the log gets the traceback of a bug."""
        if isinstance(error, ApiError):
            refusal = error
        elif isinstance(error, StoreUnwritableError):
            refusal = ApiError("store_unwritable", f"{error}.")
        else:
            request_id = self.request_id(call)
            self._log.write("defect", request_id=request_id, traceback=traceback.format_exc())
            advice = f"The emulator has a bug. Its log has the traceback under the request id {request_id}."
            refusal = ApiError("server_error", advice)
        call.refusal = refusal.details
        return refusal

    def refused(self, error: ApiError, world: World | None = None) -> Reply:
        """Return the answer to a refused call.

        :param world: the world that refused it; None: no world was found.
        """
        headers = error.headers
        settings = world.settings if world else self.emulator.settings
        if error.wait is not None and settings.retry_after:
            headers = (("Retry-After", str(retry_after(error.wait))), *headers)
        return Reply(error.refusal.status, self.profile.refused(error), headers)

    def common_headers(self, call: Call) -> tuple[tuple[str, str], ...]:
        """Return the headers of every answer to *call*."""
        path: str = call.environ["PATH_INFO"]
        own = ("X-Request-Id", self.request_id(call))
        if path.startswith(OUTPUTS):
            return (own, *CORS, *INERT)
        return (own, *CORS) if path.startswith(OPEN) else (own, UNSNIFFED)

    def preflight_headers(self, call: Call, allow: str) -> tuple[tuple[str, str], ...]:
        """Return the CORS headers of a preflight *call*; *allow* lists the methods of its route."""
        if not call.environ["PATH_INFO"].startswith(OPEN):
            return ()
        requested: str = call.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        headers = requested if requested and requested.isprintable() else "X-API-Key, Authorization, Content-Type"
        granted = ("Access-Control-Allow-Methods", allow), ("Access-Control-Allow-Headers", headers)
        return (*granted, ("Access-Control-Max-Age", "86400"))

    def request_id(self, call: Call) -> str:
        """Return the id of *call*: its `X-Request-Id`, or else a new one."""
        if not call.request_id:
            call.request_id = call.sent_request_id or (call.world or self.emulator).next_request_id()
        return call.request_id

    def note(self, call: Call, status: int, body: bytes, retry_after: str = "") -> None:
        """Record in journal and log that *call* was answered with *status* and *body*.

        :param retry_after: value of that header of the answer; empty where it has none.
        """
        if (sent := call.transfer.cut_after) is not None:
            # An answer that ends in a close has its head, even where no byte of the body follows.
            status, body = status if sent or call.transfer.end == "close" else 0, body[:sent]
        if call.world is not None:
            now, query = call.world.clock.now(), call.masked_query
            call.world.journal.add(
                at=now,
                came_at=call.came_at or now,
                method=call.environ["REQUEST_METHOD"],
                path=call.environ["PATH_INFO"],
                query=query,
                status=status,
                request_id=self.request_id(call),
                request=call.body or b"",
                response=body,
                user_agent=call.environ.get("HTTP_USER_AGENT", ""),
                keys=call.carriers(query),
                retry_after=retry_after,
                faults=call.faults,
                ending=call.transfer.end,
            )
        self._write(call, status)

    def _write(self, call: Call, status: int) -> None:
        # A health probe is not worth a line.
        if not self._log.is_on or call.environ["PATH_INFO"].startswith(HEALTH):
            return
        world = call.world
        self._log.write(
            "request",
            world=world.name if world else "",
            method=call.environ["REQUEST_METHOD"],
            path=call.environ["PATH_INFO"],
            status=status,
            ms=round(call.watch.millis(), 2),
            request_id=self.request_id(call),
            faults=",".join(call.faults) or None,
            error=call.reason if status >= HTTPStatus.BAD_REQUEST else None,
        )
