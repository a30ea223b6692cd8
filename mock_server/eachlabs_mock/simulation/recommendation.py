"""What limits, and what would fit: said in a sentence, and tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from eachlabs_mock.core import MILLIS
from eachlabs_mock.simulation.capacity import Demand, bearable, best, ceilings, lowest
from eachlabs_mock.simulation.results import Answer, answer
from eachlabs_mock.simulation.trace import Record
from eachlabs_mock.simulation.workload import Question

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "workers": "the number of workers",
        "rate": "the rate of requests",
        "cap": "the cap on predictions in flight",
    }
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What a look at the limits says.

    :param ceilings: predictions a minute that each limit bears at most; None: it is off.
    :param limit: the one that is met first.
    :param text: what limits, and what would fit.
    :param flags: those that would be others; empty: it fits as it is.
    :param trial: what comes of those flags.
    """

    ceilings: Mapping[str, float | None]
    limit: str
    text: str
    flags: str = ""
    trial: Answer | None = None


def advice(question: Question, record: Record, found: Answer, run: Callable[[Question], Record]) -> Advice | None:
    """Return what to say about *record*; None where no prediction was created.

    :param run: tries what is advised.
    """
    if not (durations := record.durations()):
        return None
    demand = Demand(question, durations)
    bears = ceilings(demand)
    limit, most = lowest(bears)
    verdict, better = _verdict(question, found, limit, most), best(demand)
    flags = _flags(question, better)
    if not found.requests.refused and question.arrivals.per_minute <= most:
        enough = better.workers < question.workers and better.poll == question.poll
        return Advice(bears, limit, f"{verdict} {flags} would be enough." if enough else verdict)
    if not flags:
        return Advice(bears, limit, f"{verdict} No other --poll or --workers would do better.")
    return Advice(bears, limit, f"{verdict} {_proposal(demand, flags)}", flags, answer(better, run(better)))


def _verdict(question: Question, found: Answer, limit: str, most: float) -> str:
    come = f"{_figure(question.arrivals.per_minute)} jobs come a minute"
    if question.arrivals.per_minute > most:
        return f"The limit is {NAMES[limit]}: {come}, and it bears {_figure(most)} at most."
    if found.requests.refused:
        return f"On average it fits, but bursts are refused: {come}, and {NAMES[limit]} bears {_figure(most)}."
    return f"It fits: {come}, and the first limit on the way, {NAMES[limit]}, bears {_figure(most)}."


def _proposal(demand: Demand, flags: str) -> str:
    most = bearable(demand)
    if most < demand.question.arrivals.per_minute:
        return f"One key bears no more than {_figure(most)}; {flags} would come near it."
    return f"Better: {flags}."


def _flags(question: Question, better: Question) -> str:
    said = []
    if better.poll != question.poll:
        said.append("--webhooks" if better.poll is None else f"--poll {better.poll / MILLIS:g}")
    if better.workers != question.workers:
        said.append(f"--workers {better.workers}")
    return " ".join(said)


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"  # noqa: PLR2004  # where three digits are whole
