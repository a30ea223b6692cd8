"""Names the bottleneck of a workload, and recommends and simulates options that fit better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from eachlabs_mock.core import MILLIS
from eachlabs_mock.simulation.capacity import Demand, achievable, best_workload, capacity, tightest
from eachlabs_mock.simulation.results import Results, summarize
from eachlabs_mock.simulation.trace import Trace
from eachlabs_mock.simulation.workload import Workload

LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "workers": "number of workers",
        "rate": "rate limit",
        "cap": "in-flight limit",
    }
)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The bottleneck of a workload and the options that fit better.

    :param ceilings: predictions per minute that each limit allows; None: the limit is off.
    :param limit: the name of the tightest limit.
    :param text: the bottleneck and the recommendation, in words.
    :param flags: the recommended flags; empty: the workload fits as it is.
    :param trial: the simulated results with those flags.
    """

    ceilings: Mapping[str, float | None]
    limit: str
    text: str
    flags: str = ""
    trial: Results | None = None


def recommend(
    workload: Workload, trace: Trace, results: Results, run: Callable[[Workload], Trace]
) -> Recommendation | None:
    """Return the recommendation for a simulated *workload*; None if no prediction was created.

    :param run: simulates the recommended workload.
    """
    if not (durations := trace.durations()):
        return None
    demand = Demand(workload, durations)
    limits = capacity(demand)
    limit, allowed = tightest(limits)
    verdict, better = _verdict(workload, results, limit, allowed), best_workload(demand)
    flags = _changed_flags(workload, better)
    if not results.requests.refused and workload.arrivals.per_minute <= allowed:
        has_spare_workers = better.workers < workload.workers and better.poll == workload.poll
        return Recommendation(limits, limit, f"{verdict} {flags} would be enough." if has_spare_workers else verdict)
    if not flags:
        return Recommendation(limits, limit, f"{verdict} No other --poll or --workers would do better.")
    return Recommendation(limits, limit, f"{verdict} {_proposal(demand, flags)}", flags, summarize(better, run(better)))


def _verdict(workload: Workload, results: Results, limit: str, allowed: float) -> str:
    arrivals = f"arrivals are {_number(workload.arrivals.per_minute)} per minute"
    if workload.arrivals.per_minute > allowed:
        return f"The bottleneck is the {LIMITS[limit]}: {arrivals}, and it allows at most {_number(allowed)}."
    if results.requests.refused:
        mean = "The average load fits, but bursts are refused"
        return f"{mean}: {arrivals}, and the {LIMITS[limit]} allows {_number(allowed)}."
    return f"The load fits: {arrivals}, and the tightest limit, the {LIMITS[limit]}, allows {_number(allowed)}."


def _proposal(demand: Demand, flags: str) -> str:
    allowed = achievable(demand)
    if allowed < demand.workload.arrivals.per_minute:
        return f"One API key allows at most {_number(allowed)}; {flags} would come close to it."
    return f"Better: {flags}."


def _changed_flags(workload: Workload, better: Workload) -> str:
    flags = []
    if better.poll != workload.poll:
        flags.append("--webhooks" if better.poll is None else f"--poll {better.poll / MILLIS:g}")
    if better.workers != workload.workers:
        flags.append(f"--workers {better.workers}")
    return " ".join(flags)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004  # three digits at least
