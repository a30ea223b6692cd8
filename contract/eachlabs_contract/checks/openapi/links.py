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
"""Time that passes before each request: three reads make a life of 17 seconds."""

FAILING = 2
"""Which create of a sequence is told to fail; always the same one, so that a sequence repeated goes as before."""


class Walk:
    """Everything that was learnt on the way.

    :ivar violation: what should have come, what is wrong instead, and what came; None while nothing was wrong.
    :ivar good: the exchanges with which nothing was wrong.
    :ivar creates: how many were sent in the present sequence.
    :ivar seen: how many creates were taken, and how many reads showed each status.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.good: list[Exchange] = []
        self.seen: Counter[Status] = Counter()
        self.known: set[str] = set()
        self.succeeded: set[str] = set()
        self.creates = 0
        self.violation: tuple[str, str, Exchange] | None = None
        self.mishap: InconclusiveError | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is to be learnt."""
        return bool(self.violation or self.mishap)

    @property
    def ended(self) -> int:
        """How many reads showed a prediction that had ended."""
        return sum(self.seen[each] for each in TERMINAL)

    def step(self, case: Case) -> Exchange | None:
        """Let time pass, send *case*, and look at what comes; return it, or None where nothing can be told from it."""
        self.session.advance(STEP_SECONDS)
        self.creates += case.method == "POST"
        if case.method == "POST" and self.creates == FAILING:
            self.session.fail_next()
        try:
            exchange = send(self.session, case)
        except InconclusiveError as mishap:
            self.mishap = mishap
            return None
        expected, wrong = complaint(self.session, case, exchange)
        if expected := expected or self._unfollowed(case, exchange):
            self.violation = expected, wrong, exchange
        else:
            self.good.append(exchange)
            self._learn(case, exchange)
        return exchange

    def _unfollowed(self, case: Case, exchange: Exchange) -> str:
        if case.method == "POST":
            return ""
        prediction_id = (case.path_parameters or {}).get("predictionID")
        if prediction_id not in self.known:
            return "404 or 400, since no create told of this id" if exchange.status == OK else ""
        if exchange.status != OK and not self._may_have_failed(str(prediction_id), exchange):
            return "200, since this prediction was created before"
        said = page.prediction(exchange.document).prediction_id
        return "" if said in {"", prediction_id} else f"predictionID {prediction_id}, as in the path"

    def _may_have_failed(self, prediction_id: str, exchange: Exchange) -> bool:
        # That a failed prediction is read with 200 is not on the page; that one which is there is not found, is wrong.
        told = page.prediction(exchange.document).status is Status.ERROR
        return told and exchange.status not in NOT_THERE and prediction_id not in self.succeeded

    def _learn(self, case: Case, exchange: Exchange) -> None:
        prediction_id = (case.path_parameters or {}).get("predictionID")
        if case.method == "POST" and exchange.status == OK:
            self.seen[Status.CREATED] += 1
            self.known.add(page.created(exchange.document).prediction_id)
        elif prediction_id in self.known and (status := page.prediction(exchange.document).status):
            self.seen[status] += 1
            if status is Status.SUCCESS:
                self.succeeded.add(prediction_id)


def walk(session: Session, fuzzer: Fuzzer, sequences: int, steps: int) -> Walk:
    """Follow links in so many sequences of so many steps, until something is wrong."""
    learnt = Walk(session)
    machine: Any = fuzzer.schema.as_state_machine()

    class Follower(machine):  # type: ignore[misc]  # its base is made at run time
        def setup(self) -> None:
            learnt.creates = 0

        def step(self, input: StepInput) -> StepOutput | None:  # noqa: A002  # Schemathesis calls it so
            # Nothing is raised in here: Hypothesis repeats what fails, and a server need not err twice alike.
            exchange = None if learnt.over else learnt.step(input.case)
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
    with suppress(Flaky):  # a server that is not always the same is no worse for it; what was seen was seen
        hypothesis.seed(session.seed)(Follower).run(settings=settings)
    return learnt
