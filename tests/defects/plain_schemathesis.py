"""The baseline that the harness must beat: Schemathesis as a user would run it over a good document, and no more.

Every phase with the default checks: examples, coverage, fuzzing, stateful. The document is the published one with its
answers closed, the limits are off and no output is fetched, as anybody would arrange it who wants the most of it. One
check is replaced: `ignored_auth` makes up a key, and an emulator takes any; here a key that must be refused is sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure
from schemathesis.engine import events

from eachlabs_contract.history.events import KEY_HEADERS
from eachlabs_contract.spec import openapi
from eachlabs_contract.targets.control import CALM, Control
from eachlabs_contract.targets.open import BAD_KEY, KEY
from eachlabs_contract.targets.transport import WsgiApp
from eachlabs_contract.targets.wsgi import WsgiTransport


@dataclass(frozen=True, slots=True)
class Outcome:
    """What plain Schemathesis finds.

    :param failures: the code and title of each kind of failure, in Schemathesis's own words; empty: all is well.
    :param cases: how many requests it made up.
    """

    failures: tuple[str, ...]
    cases: int

    @property
    def fails(self) -> bool:
        """Whether a user would see red."""
        return bool(self.failures)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes only, such as ST202."""
        return tuple(dict.fromkeys(each.partition(" ")[0] for each in self.failures))


def plain(app: WsgiApp, *, seed: int = 0, max_examples: int | None = None) -> Outcome:
    """Run Schemathesis over *app*, an emulator of this process, and return what it finds.

    :param max_examples: of each operation in the random phases; None: Schemathesis's own default.
    """
    headers = {"X-API-Key": KEY}
    Control(WsgiTransport(app), tuple(headers.items())).configure({**CALM, "progress": "reads:2"})
    schema = schemathesis.openapi.from_dict(_document(), config=_config(headers, seed, max_examples))
    schema.app = app
    schema.hook("filter_case")(_keeps_off_the_frontier)
    with _checked():
        return _outcome(engine.from_schema(schema).execute())


def _document() -> dict[str, Any]:
    published = openapi.closed_document(openapi.published_document())
    del published["paths"]["/outputs/{predictionID}.{extension}"]
    return published


def _config(headers: dict[str, str], seed: int, max_examples: int | None) -> schemathesis.Config:
    # The key is given. Were others made up among the parameters, the check that what was created is there never fires.
    generation: dict[str, Any] = {"database": "none", "with-security-parameters": False}
    if max_examples is not None:
        generation["max-examples"] = max_examples
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "headers": headers,
            "generation": generation,
            # Literals in the source of an application are only to be had in process.
            "analysis": {"constants": {"enabled": False}},
            "checks": {"ignored_auth": {"enabled": False}},
        }
    )


def _keeps_off_the_frontier(_context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """Say whether a good case is good beyond what a schema can say: see the head of the document."""
    is_bad = case.meta is not None and case.meta.generation.mode.is_negative
    return is_bad or not _holds_huge_integer(case.body)


def _holds_huge_integer(value: object) -> bool:
    if isinstance(value, dict | list):
        return any(map(_holds_huge_integer, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int) and not -(2**63) <= value < 2**64


@contextmanager
def _checked() -> Iterator[None]:
    """Let keys be checked meanwhile: whatever check is registered goes for the whole process."""
    schemathesis.check(_bad_keys_are_refused)
    try:
        yield
    finally:
        CHECKS.unregister(_bad_keys_are_refused.__name__)


def _bad_keys_are_refused(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Send an answered request again without its key, and with a bad one."""
    is_open = case.operation.definition.raw.get("security") == []
    is_documented = case.method == case.operation.method.upper()
    if is_open or not is_documented or response.status_code not in {200, 404}:
        return
    for headers in ({}, {"X-API-Key": BAD_KEY}):
        again = case.derive(headers={**_without_key(case), **headers}).call()
        assert again.status_code == 401, f"{again.status_code} where the key is missing or bad"


def _without_key(case: schemathesis.Case[Any]) -> dict[str, str]:
    return {name: value for name, value in case.headers.items() if name.lower() not in KEY_HEADERS}


def _outcome(stream: Iterator[events.EngineEvent]) -> Outcome:
    failures: list[Failure] = []
    cases = 0
    for event in stream:
        if isinstance(event, events.FatalError | events.NonFatalError):
            raise RuntimeError(f"Schemathesis itself failed: {event}")  # noqa: TRY004  # an event is no argument
        if isinstance(event, events.ScenarioFinished):
            cases += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                failures += [each.failure_info.failure for each in checks if each.failure_info]
    return Outcome(tuple(dict.fromkeys(f"{each.code} {each.title}" for each in failures)), cases)
