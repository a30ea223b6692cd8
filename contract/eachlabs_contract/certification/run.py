"""Runs a program under scenarios, one world of the emulator for each, and judges what is seen."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event
from typing import Final

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.process.children import opening_late
from eachlabs_contract.certification.process.command import BASE_URL, KEY, Program
from eachlabs_contract.certification.result import NO_CALM, Result, inapplicable, judged, judged_habit
from eachlabs_contract.certification.trial import Scenario
from eachlabs_contract.certification.trials import CALM
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.certification.world import World
from eachlabs_contract.manners.traffic import calls, came
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.http import HttpTransport
from eachlabs_contract.verdict import Verdict

SHUT: Final = 2.0
"""Real seconds for which nobody listens after the moment at which a program first calls."""

LIMIT: Final = 60.0
"""Real seconds that a program is given, beside those that its predictions take."""

JOBS: Final = 2
"""Scenarios that run at once."""

MILLIS: Final = 1000

Told = Callable[[Result], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a program is tried.

    :param scenarios: under which.
    :param limit: real seconds that it is given in each, beside those that its predictions take.
    :param jobs: scenarios that run at once.
    :param stop: set: it is ended at once, and nothing more is tried.
    """

    scenarios: tuple[Scenario, ...]
    limit: float = LIMIT
    jobs: int = JOBS
    stop: Event = field(default_factory=Event)


def key_of(label: str, scenario: Scenario) -> str:
    """Return the API key with which the program called *label* meets *scenario*: always the same, and nobody else's."""
    return f"certify-{sha256(f'{label}/{scenario.id}'.encode()).hexdigest()[:24]}"


class Trial:
    """A program, and the emulator at *root* that it is tried on."""

    def __init__(self, program: Program, root: str, terms: Terms) -> None:
        self._program, self._root, self._terms = program, root, terms
        self._transport = HttpTransport(root)

    def certificate(self, command: str, told: Told) -> Certificate:
        """Return what is concluded; each result is *told* when it is there, in the order of the catalogue.

        :raises NotStartedError: the program cannot be started.
        """
        began = clock.monotonic()
        results = [self.result(CALM, None)]
        told(results[0])
        for each in self._others(results[0]):
            told(each)
            results.append(each)
        runs = {each.scenario.id: each.observation for each in results if each.observation}
        habits = tuple(judged_habit(each, runs) for each in HABITS)
        for each in habits:
            told(each)
        return Certificate(self._program.label, command, tuple(results), habits, clock.monotonic() - began)

    def result(self, scenario: Scenario, calm: Observation | None) -> Result:
        """Return what is concluded from one run.

        :param calm: the run in which nothing went wrong; None: it is this one.
        """
        reason = scenario.irrelevance(calm) if calm else ""
        return inapplicable(scenario, reason) if reason else judged(scenario, self._observed(scenario, calm))

    def _others(self, calm: Result) -> Iterator[Result]:
        others = [each for each in self._terms.scenarios if each is not CALM]
        if calm.verdict is Verdict.BROKEN:
            yield from (inapplicable(each, NO_CALM) for each in others)
        else:
            yield from self._tried(others, calm.observation)

    def _tried(self, scenarios: Sequence[Scenario], calm: Observation | None) -> Iterator[Result]:
        jobs = min(self._terms.jobs, self._program.jobs)
        if jobs == 1:
            yield from (self.result(each, calm) for each in scenarios)
            return
        with ThreadPoolExecutor(jobs) as pool:
            try:
                yield from pool.map(lambda each: self.result(each, calm), scenarios)
            except BaseException:
                self._terms.stop.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _observed(self, scenario: Scenario, calm: Observation | None) -> Observation:
        key = key_of(self._program.label, scenario)
        world = World(self._transport, key)
        began = world.prepare(scenario)
        with self._address(scenario, calm) as root:
            variables = {BASE_URL: f"{root}/v1", KEY: key}
            ending = self._program.run(variables, self._limit(scenario, calm), self._terms.stop)
        strikes, journal = world.strikes(), world.journal()
        world.leave()
        first = next((came(each) for each in calls(journal)), None)
        return Observation(
            ending,
            journal,
            strikes,
            needed=len(calm.predictions) if calm else None,
            downloads=bool(calm.fetched) if calm else None,
            inevitable=scenario.inevitable,
            speed=scenario.speed,
            first_call=None if first is None else (first - began) / MILLIS / scenario.speed,
        )

    def _address(self, scenario: Scenario, calm: Observation | None) -> AbstractContextManager[str]:
        if not scenario.opens_late:
            return nullcontext(self._root)
        return opening_late(self._root, (calm.first_call or 0.0) + SHUT if calm else SHUT)

    def _limit(self, scenario: Scenario, calm: Observation | None) -> float:
        """Return the real seconds after which it is ended: the limit, and what its predictions take one by one."""
        duration = scenario.world["duration"]
        assert isinstance(duration, int | float)  # noqa: S101  # the catalogue says seconds
        return self._terms.limit + (len(calm.predictions) if calm else 1) * duration / scenario.speed
