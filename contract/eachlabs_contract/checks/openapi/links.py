"""Follows the document's links at random: create, read, read again, with other creates and reads in between."""

from collections import Counter
from contextlib import suppress
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Flaky
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from eachlabs_contract.checks.openapi.fuzzing import Case, Fuzzer, complaint, response, send
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history import OK, Exchange
from eachlabs_contract.spec import TERMINAL, Status, page
from eachlabs_contract.verdict import InconclusiveError

NOT_THERE = frozenset({401, 403, 404, 405, 410})

STEP_SECONDS = 6
"""Seconds that pass before each request: three reads cover a prediction of 17 s."""

FAILING = 2
"""The create of each sequence that is told to fail: always the same, so that a sequence can be repeated."""


class LinkRun:
    """Random sequences of requests, and what they show.

    :ivar violation: what was expected, what is wrong, and the exchange; None while nothing is wrong.
    :ivar good: the exchanges without a violation.
    :ivar creates: the number of creates in the present sequence.
    :ivar statuses: the number of accepted creates, and of reads that showed each status.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.good: list[Exchange] = []
        self.statuses: Counter[Status] = Counter()
        self.created: set[str] = set()
        self.succeeded: set[str] = set()
        self.creates = 0
        self.violation: tuple[str, str, Exchange] | None = None
        self.failure: InconclusiveError | None = None

    @property
    def over(self) -> bool:
        """Whether the run has nothing more to show."""
        return bool(self.violation or self.failure)

    @property
    def ended(self) -> int:
        """How many reads showed an ended prediction."""
        return sum(self.statuses[status] for status in TERMINAL)

    def step(self, case: Case) -> Exchange | None:
        """Advance the clock, send *case* and judge the answer; return the exchange, or None without an answer."""
        self.session.advance(STEP_SECONDS)
        self.creates += case.method == "POST"
        if case.method == "POST" and self.creates == FAILING:
            self.session.fail_next()
        try:
            exchange = send(self.session, case)
        except InconclusiveError as failure:
            self.failure = failure
            return None
        expected, wrong = complaint(self.session, case, exchange)
        if expected := expected or self._broken_link(case, exchange):
            self.violation = expected, wrong, exchange
        else:
            self.good.append(exchange)
            self._record(case, exchange)
        return exchange

    def _broken_link(self, case: Case, exchange: Exchange) -> str:
        if case.method == "POST":
            return ""
        prediction_id = (case.path_parameters or {}).get("predictionID")
        if prediction_id not in self.created:
            return "404 or 400, since no create returned this id" if exchange.status == OK else ""
        if exchange.status != OK and not self._may_have_failed(str(prediction_id), exchange):
            return "200, since an earlier request created this prediction"
        answered_id = page.prediction(exchange.document).prediction_id
        return "" if answered_id in {"", prediction_id} else f"predictionID {prediction_id}, as in the path"

    def _may_have_failed(self, prediction_id: str, exchange: Exchange) -> bool:
        # The page does not say that a failed prediction is read with 200; a status such as 404 is still wrong.
        failed = page.prediction(exchange.document).status is Status.ERROR
        return failed and exchange.status not in NOT_THERE and prediction_id not in self.succeeded

    def _record(self, case: Case, exchange: Exchange) -> None:
        prediction_id = (case.path_parameters or {}).get("predictionID")
        if case.method == "POST" and exchange.status == OK:
            self.statuses[Status.CREATED] += 1
            self.created.add(page.created(exchange.document).prediction_id)
        elif prediction_id in self.created and (status := page.prediction(exchange.document).status):
            self.statuses[status] += 1
            if status is Status.SUCCESS:
                self.succeeded.add(prediction_id)


def follow_links(session: Session, fuzzer: Fuzzer, sequences: int, steps: int) -> LinkRun:
    """Follow links in *sequences* sequences of *steps* steps, or until something is wrong."""
    run = LinkRun(session)
    machine: Any = fuzzer.schema.as_state_machine()

    class Follower(machine):  # type: ignore[misc]  # its base is made at run time
        def setup(self) -> None:
            run.creates = 0

        def step(self, input: StepInput) -> StepOutput | None:  # noqa: A002  # Schemathesis calls it so
            # Raises nothing: Hypothesis repeats what fails, and a server may not make the same error twice.
            exchange = None if run.over else run.step(input.case)
            if exchange is None or exchange.answer is None:
                return None
            return StepOutput(response(session, input.case, exchange.answer), input.case)

    settings = hypothesis.settings(
        max_examples=sequences,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with suppress(Flaky):  # a server may answer differently the second time; the first answer counts
        hypothesis.seed(session.seed)(Follower).run(settings=settings)
    return run
