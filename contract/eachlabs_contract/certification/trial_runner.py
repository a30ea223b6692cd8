"""Runs a program under trials, one world of the emulator for each, and judges what is seen."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Event
from typing import Final

from eachlabs_contract.certification.certificate import Certificate
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.process.children import opening_late, running_emulator
from eachlabs_contract.certification.process.command import BASE_URL, KEY, Program
from eachlabs_contract.certification.process.function import Function
from eachlabs_contract.certification.result import NO_CALM, Result, inapplicable, judged, judged_habit
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import CALM, select_trials
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.certification.world import World
from eachlabs_contract.manners import api_calls, arrival_time
from eachlabs_contract.spec import MILLIS
from eachlabs_contract.targets import connect, monotonic
from eachlabs_contract.verdict import Verdict

SHUT: Final = 2.0
"""Real seconds for which nobody listens after the moment at which a program first calls."""

LIMIT: Final = 60.0
"""Real seconds that a program is given, beside those that its predictions take."""

JOBS: Final = 2
"""Trials that run at once."""

ShowResult = Callable[[Result], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOptions:
    """How a program is tried.

    :param trials: under which.
    :param limit: real seconds that it is given in each, beside those that its predictions take.
    :param jobs: trials that run at once.
    :param stop: set: it is ended at once, and nothing more is tried.
    """

    trials: tuple[Trial, ...]
    limit: float = LIMIT
    jobs: int = JOBS
    stop: Event = field(default_factory=Event)


def key_of(label: str, trial: Trial) -> str:
    """Return the API key with which the program called *label* meets *trial*: always the same, and nobody else's."""
    return f"certify-{sha256(f'{label}/{trial.id}'.encode()).hexdigest()[:24]}"


class TrialRunner:
    """A program, and the emulator at *root* that it is tried on."""

    def __init__(self, program: Program, root: str, options: TrialOptions) -> None:
        self._program, self._root, self._options = program, root, options
        self._transport = connect(root)

    def certificate(self, command: str, show: ShowResult) -> Certificate:
        """Return what is concluded; each result is given to *show* at once, in the order of the catalogue.

        :raises NotStartedError: the program cannot be started.
        """
        began = monotonic()
        results = [self.result(CALM, None)]
        show(results[0])
        for each in self._others(results[0]):
            show(each)
            results.append(each)
        runs = {each.trial.id: each.observation for each in results if each.observation}
        habits = tuple(judged_habit(each, runs) for each in HABITS)
        for each in habits:
            show(each)
        return Certificate(self._program.label, command, tuple(results), habits, monotonic() - began)

    def result(self, trial: Trial, calm: Observation | None) -> Result:
        """Return what is concluded from one run.

        :param calm: the run in which nothing went wrong; None: it is this one.
        """
        reason = trial.irrelevance(calm) if calm else ""
        return inapplicable(trial, reason) if reason else judged(trial, self._observed(trial, calm))

    def _others(self, calm: Result) -> Iterator[Result]:
        others = [each for each in self._options.trials if each is not CALM]
        if calm.verdict is Verdict.BROKEN:
            yield from (inapplicable(each, NO_CALM) for each in others)
        else:
            yield from self._tried(others, calm.observation)

    def _tried(self, trials: Sequence[Trial], calm: Observation | None) -> Iterator[Result]:
        jobs = min(self._options.jobs, self._program.jobs)
        if jobs == 1:
            yield from (self.result(each, calm) for each in trials)
            return
        with ThreadPoolExecutor(jobs) as pool:
            try:
                yield from pool.map(lambda each: self.result(each, calm), trials)
            except BaseException:
                self._options.stop.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _observed(self, trial: Trial, calm: Observation | None) -> Observation:
        key = key_of(self._program.label, trial)
        world = World(self._transport, key)
        began = world.prepare(trial)
        with self._address(trial, calm) as root:
            variables = {BASE_URL: f"{root}/v1", KEY: key}
            ending = self._program.run(variables, self._limit(trial, calm), self._options.stop)
        strikes, journal = world.strikes(), world.journal()
        world.leave()
        first = next((arrival_time(each) for each in api_calls(journal)), None)
        return Observation(
            ending,
            journal,
            strikes,
            needed=len(calm.predictions) if calm else None,
            downloads=bool(calm.fetched) if calm else None,
            inevitable=trial.inevitable,
            speed=trial.speed,
            first_call=None if first is None else (first - began) / MILLIS / trial.speed,
        )

    def _address(self, trial: Trial, calm: Observation | None) -> AbstractContextManager[str]:
        if not trial.opens_late:
            return nullcontext(self._root)
        return opening_late(self._root, (calm.first_call or 0.0) + SHUT if calm else SHUT)

    def _limit(self, trial: Trial, calm: Observation | None) -> float:
        """Return the real seconds after which it is ended: the limit, and what its predictions take one by one."""
        duration = trial.world["duration"]
        assert isinstance(duration, int | float)  # noqa: S101  # the catalogue says seconds
        return self._options.limit + (len(calm.predictions) if calm else 1) * duration / trial.speed


def certify(program: Callable[[], object], *, trials: Sequence[str] = (), time_limit: float = LIMIT) -> Certificate:
    """Call *program* once under each trial, and return what is concluded about it.

    It is called in a process of its own each time, with `EACHLABS_BASE_URL` and `EACHLABS_API_KEY` in the environment.
    Returning is a good end, exit code 0; an exception is a bad one, exit code 1. What it prints is part of what is
    judged.

    :param trials: ids; by default all. The one in which nothing goes wrong is always among them.
    :param time_limit: real seconds that it is given each time, beside those that its predictions take.
    :raises UnknownTrialError: one of *trials* is none.
    :raises EmulatorError: the emulator does not start.
    """
    name = getattr(program, "__qualname__", repr(program))
    options = TrialOptions(trials=select_trials(tuple(trials)), limit=time_limit)
    with running_emulator() as root:
        return TrialRunner(Function(name, program), root, options).certificate("", lambda _result: None)
