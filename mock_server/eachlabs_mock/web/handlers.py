"""The two hot exchanges and what surrounds every exchange; the lane and Flask both answer with these."""

import traceback
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
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
"""Browser clients exist, so the API and its outputs are open to any origin; the control plane never is."""

OPEN = ("/v1/", "/outputs/")

OUTPUTS = "/outputs/"

UNSNIFFED = ("X-Content-Type-Options", "nosniff")

INERT = (UNSNIFFED, ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
"""What is in an output comes from its caller, and a fault may call it HTML: no browser is to run any of it as ours."""

HEALTH = "/__mock/health/"


class Handlers:
    """Answers calls with the emulator's use cases and the profile's bodies."""

    def __init__(self, emulator: Emulator, profile: Profile, log: RequestLog, fault_injector: FaultInjector) -> None:
        self.emulator = emulator
        self._fault_injector = fault_injector
        self._armed_count = fault_injector.armed_count
        self.profile = profile
        self._log = log
        self._judging = Lock()

    def create(self, call: Call) -> Reply:
        """`POST /v1/prediction/`."""
        world = self.enter(call, creating=True)
        body = call.json_body()
        with nullcontext() if len(body) <= SMALL_BODY else self._judging:
            create = self.emulator.validate(world, body, call.public_base, call.asked)
        if not create.asked or call.asked:
            return Reply(200, self.profile.created(self.emulator.create(world, create)))
        place = partial(
            self._attempt, call, lambda _: Reply(200, self.profile.created(self.emulator.create(world, create)))
        )
        return self._fault_injector.around_create(call, create.asked, world, place, self.refused)

    def read(self, call: Call) -> Reply:
        """`GET /v1/prediction/{id}`."""
        world = self.enter(call, creating=False)
        return Reply(200, self.profile.read(*self.emulator.read(world, call.subject)))

    def enter(self, call: Call, *, creating: bool) -> World:
        """Return the caller's world, with this call counted in.

        :raises ApiError: the key is no good, or the rate is exceeded.
        """
        world = call.world = call.world or self.emulator.identify(call.keys, call.world_name)
        call.came_at = world.clock.now()
        self.emulator.admit(world, creating=creating)
        return world

    def may_wait(self, call: Call) -> bool:
        """Tell whether one of the hot exchanges, its body read, may have to wait; if not, its world is known now.

        For a webhook, where an auto clock is moved, or a fault sends it early; for the owner of the world, who looks at
        all of it. Not for a store in a file: its log is not forced to the disk, and written by one call after another.
        """
        if FAULT_HEADER in call.environ or may_have_directives(call.body or b""):
            return True
        try:
            world = call.world = self.emulator.identify(call.keys, call.world_name)
        except ApiError:  # a refusal is quick
            return False
        is_struck = self._armed_count.armed and world.rules
        return bool(is_struck) or world.clock.mode == "auto" or world.accepting.locked()

    def answer(self, call: Call, operation: Operation) -> Reply:
        """Return what *operation* answers, or the refusal or the failure it ends in, or what faults make of it all.

        Never raises.
        """
        try:
            if self._may_be_struck(call):
                reply = self._fault_injector.around(call, partial(self._attempt, call, operation), self.refused)
                if call.world and call.world.rules:  # they have counted it
                    call.world.try_keep()
            else:
                reply = operation(call)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets the documented body
            reply = self._ended(call, error)
        if reply.transfer is not AS_SENT:
            call.transfer = call.environ[TRANSFER] = reply.transfer
        return reply

    def _may_be_struck(self, call: Call) -> bool:
        """Tell whether a fault may strike *call*. This is all that other calls pay for faults."""
        environ = call.environ
        return bool(self._armed_count.armed) or FAULT_HEADER in environ or RENAMED_HEADER in environ

    def _attempt(self, call: Call, operation: Operation) -> Reply:
        try:
            return operation(call)
        except Exception as error:  # noqa: BLE001  # the same
            return self._ended(call, error)

    def _ended(self, call: Call, error: Exception) -> Reply:
        """Return the answer to a call that ended in *error*, which is being handled."""
        match error:
            case ApiError():
                return self.refused(error, call.world)
            case StoreUnwritableError():
                return self.refused(ApiError("store_unwritable", str(error)), call.world)
            case _:
                return self.failed(call)

    def refused(self, error: ApiError, world: World | None = None) -> Reply:
        """Return the answer to a call that *world*, where it got that far, refused."""
        headers = error.headers
        settings = world.settings if world else self.emulator.settings
        if error.wait is not None and settings.retry_after:
            headers = (("Retry-After", str(retry_after(error.wait))), *headers)
        return Reply(error.refusal.status, self.profile.refused(error), headers)

    def failed(self, call: Call) -> Reply:
        """Return the answer to a call that hit a defect of ours; the traceback goes to the log."""
        self._log.write("defect", request_id=self.request_id(call), traceback=traceback.format_exc())
        advice = f"A defect of the emulator; its log has more under the request id {self.request_id(call)}."
        return self.refused(ApiError("server_error", advice))

    def common_headers(self, call: Call) -> tuple[tuple[str, str], ...]:
        """Return the headers that every answer to *call* carries, whatever it is."""
        path: str = call.environ["PATH_INFO"]
        own = ("X-Request-Id", self.request_id(call))
        if path.startswith(OUTPUTS):
            return (own, *CORS, *INERT)
        return (own, *CORS) if path.startswith(OPEN) else (own, UNSNIFFED)

    def preflight_headers(self, call: Call, allow: str) -> tuple[tuple[str, str], ...]:
        """Return what a browser wants to know before it sends *call* from another origin; *allow* lists the methods."""
        if not call.environ["PATH_INFO"].startswith(OPEN):
            return ()
        asked: str = call.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        headers = asked if asked and asked.isprintable() else "X-API-Key, Authorization, Content-Type"
        granted = ("Access-Control-Allow-Methods", allow), ("Access-Control-Allow-Headers", headers)
        return (*granted, ("Access-Control-Max-Age", "86400"))

    def request_id(self, call: Call) -> str:
        """Return the id of *call*: the one it came with, else one of ours."""
        if not call.request_id:
            call.request_id = call.sent_request_id or (call.world or self.emulator).next_request_id()
        return call.request_id

    def note(self, call: Call, status: int, body: bytes, retry_after: str = "") -> None:
        """Note in journal and log that *call* was answered with *status* and *body*.

        :param retry_after: what the answer's header of that name says; empty, where it has none.
        """
        if (sent := call.transfer.cut_after) is not None:
            # Whoever only closes has sent the head, even where no byte of the body follows.
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
        # Those who only ask for its health are not worth a line.
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
        )
