"""A question, run, summed up and advised upon: the whole of a simulation."""

from collections.abc import Iterator
from dataclasses import dataclass

from eachlabs_mock.simulation import report
from eachlabs_mock.simulation.recommendation import Advice, advice
from eachlabs_mock.simulation.results import Answer, answer
from eachlabs_mock.simulation.run import run
from eachlabs_mock.simulation.workload import Question


@dataclass(frozen=True, slots=True)
class Study:
    """What was asked, and what came of it."""

    question: Question
    found: Answer
    advice: Advice | None

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        yield report.heading(self.question)
        yield ""
        yield from report.lines(self.found, self.advice)

    def document(self) -> bytes:
        """Return it for programs, as JSON: the same bytes for the same question."""
        return report.document(self.question, self.found, self.advice)


def study(question: Question) -> Study:
    """Return what comes of *question*; raises what `run` does."""
    record = run(question)
    found = answer(question, record)
    return Study(question, found, advice(question, record, found, run))
