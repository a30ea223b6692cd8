"""Runs a program under trials, each in a world of its own, and judges the observations."""

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
from eachlabs_contract.certification.result import BASELINE_FAILED, Result, inapplicable, judged, judged_habit
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trials import BASELINE, select_trials
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.certification.world import World
from eachlabs_contract.manners import api_calls, arrival_time
from eachlabs_contract.spec import MILLIS
from eachlabs_contract.targets import connect, monotonic
from eachlabs_contract.verdict import Verdict

DELAY: Final = 2.0
"""Real seconds from a program's first call until the delayed proxy listens."""

LIMIT: Final = 60.0
"""Real seconds for each run, on top of the time that its predictions take."""

JOBS: Final = 2
"""Number of parallel trials."""

ShowResult = Callable[[Result], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOptions:
    """Options of a certification.

    :param trials: the trials to run.
    :param limit: real seconds for each run, on top of the time that its predictions take.
    :param jobs: number of parallel trials.
    :param stop: when set, the running program is killed and no further trial starts.
    """

    trials: tuple[Trial, ...]
    limit: float = LIMIT
    jobs: int = JOBS
    stop: Event = field(default_factory=Event)


def key_of(label: str, trial: Trial) -> str:
    """Return the API key of the program *label* in *trial*: constant and unique."""
    return f"certify-{sha256(f'{label}/{trial.id}'.encode()).hexdigest()[:24]}"


class TrialRunner:
    """Runs one program under trials against the emulator at *root*."""

    def __init__(self, program: Program, root: str, options: TrialOptions) -> None:
        self._program, self._root, self._options = program, root, options
        self._transport = connect(root)

    def certificate(self, command: str, show: ShowResult) -> Certificate:
        """Run all trials and return the certificate. Calls *show* with each result, in the order of the catalogue.

        :raises NotStartedError: the program cannot be started.
        """
        began = monotonic()
        results = [self.result(BASELINE, None)]
        show(results[0])
        for result in self._others(results[0]):
            show(result)
            results.append(result)
        runs = {result.trial.id: result.observation for result in results if result.observation}
        habits = tuple(judged_habit(habit, runs) for habit in HABITS)
        for result in habits:
            show(result)
        return Certificate(self._program.label, command, tuple(results), habits, monotonic() - began)

    def result(self, trial: Trial, baseline: Observation | None) -> Result:
        """Run one trial and return its result.

        :param baseline: the run without a fault; None: this is that run.
        """
        reason = trial.irrelevance(baseline) if baseline else ""
        return inapplicable(trial, reason) if reason else judged(trial, self._observe(trial, baseline))

    def _others(self, baseline: Result) -> Iterator[Result]:
        others = [trial for trial in self._options.trials if trial is not BASELINE]
        if baseline.verdict is Verdict.BROKEN:
            yield from (inapplicable(trial, BASELINE_FAILED) for trial in others)
        else:
            yield from self._run(others, baseline.observation)

    def _run(self, trials: Sequence[Trial], baseline: Observation | None) -> Iterator[Result]:
        jobs = min(self._options.jobs, self._program.jobs)
        if jobs == 1:
            yield from (self.result(trial, baseline) for trial in trials)
            return
        with ThreadPoolExecutor(jobs) as pool:
            try:
                yield from pool.map(lambda trial: self.result(trial, baseline), trials)
            except BaseException:
                self._options.stop.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _observe(self, trial: Trial, baseline: Observation | None) -> Observation:
        key = key_of(self._program.label, trial)
        world = World(self._transport, key)
        began = world.prepare(trial)
        with self._address(trial, baseline) as root:
            variables = {BASE_URL: f"{root}/v1", KEY: key}
            run = self._program.run(variables, self._limit(trial, baseline), self._options.stop)
        faults, journal = world.fault_counts(), world.journal()
        world.leave()
        first = next((arrival_time(call) for call in api_calls(journal)), None)
        return Observation(
            run,
            journal,
            faults,
            needed=len(baseline.predictions) if baseline else None,
            downloads=bool(baseline.fetched) if baseline else None,
            inevitable=trial.inevitable,
            speed=trial.speed,
            first_call=None if first is None else (first - began) / MILLIS / trial.speed,
        )

    def _address(self, trial: Trial, baseline: Observation | None) -> AbstractContextManager[str]:
        if not trial.opens_late:
            return nullcontext(self._root)
        return opening_late(self._root, (baseline.first_call or 0.0) + DELAY if baseline else DELAY)

    def _limit(self, trial: Trial, baseline: Observation | None) -> float:
        """Return the real seconds after which the program is killed: the limit plus the duration of its predictions."""
        duration = trial.world["duration"]
        assert isinstance(duration, int | float)  # noqa: S101  # the catalogue says seconds
        return self._options.limit + (len(baseline.predictions) if baseline else 1) * duration / trial.speed


def certify(program: Callable[[], object], *, trials: Sequence[str] = (), time_limit: float = LIMIT) -> Certificate:
    """Call *program* once under each trial, and return its certificate.

    Each call runs in a process of its own, with `EACHLABS_BASE_URL` and `EACHLABS_API_KEY` in the environment. A return
    counts as exit code 0, an exception as exit code 1. Its output is judged, too.

    :param trials: ids; by default all. The trial without a fault always runs.
    :param time_limit: real seconds for each call, on top of the time that its predictions take.
    :raises UnknownTrialError: an id in *trials* is unknown.
    :raises EmulatorError: the emulator does not start.
    """
    name = getattr(program, "__qualname__", repr(program))
    options = TrialOptions(trials=select_trials(tuple(trials)), limit=time_limit)
    with running_emulator() as root:
        return TrialRunner(Function(name, program), root, options).certificate("", lambda _result: None)
