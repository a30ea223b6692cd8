"""The observation of a program in one trial: its traffic, its output, its exit and its payments."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from eachlabs_contract.certification.process.result import CompletedRun
from eachlabs_contract.history import Exchange, Journal, Prediction
from eachlabs_contract.manners import api_calls, create_calls, ends_seen, polls_by_prediction, price_list
from eachlabs_contract.spec import Status


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How often a fault of a trial was triggered."""

    fault: str
    times: int


@dataclass(frozen=True)
class Observation:
    """One run of a program under one trial. The *baseline* is the run without a fault.

    :param faults: the count of each fault of the trial.
    :param needed: number of predictions that the baseline made; None: this is the baseline.
    :param downloads: whether the baseline downloaded outputs; None: this is the baseline.
    :param inevitable: number of executions that the trial wastes for any program.
    :param speed: clock seconds for each real second.
    :param first_call: real seconds from the start to the first request; None: no request.
    """

    run: CompletedRun
    journal: Journal
    faults: tuple[FaultCount, ...] = ()
    needed: int | None = None
    downloads: bool | None = None
    inevitable: int = 0
    speed: float = 1.0
    first_call: float | None = None

    @cached_property
    def calls(self) -> list[Exchange]:
        """Calls of the prediction API, in order of arrival."""
        return api_calls(self.journal)

    @cached_property
    def creates(self) -> list[Exchange]:
        """Creates, accepted or refused."""
        return create_calls(self.journal)

    @property
    def polls(self) -> bool:
        """Whether the program polls."""
        return bool(polls_by_prediction(self.journal))

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """The predictions that the program made."""
        return self.journal.predictions

    @property
    def fetched(self) -> int:
        """Number of predictions with a downloaded output."""
        return sum(bool(prediction.fetched) for prediction in self.predictions)

    @cached_property
    def payments(self) -> "Payments":
        """The payments of this run."""
        paid = [prediction for prediction in self.predictions if prediction.status is Status.SUCCESS]
        lost = [prediction for prediction in paid if not self._is_collected(prediction)]
        needed = len(self.predictions) if self.needed is None else self.needed
        return Payments(
            len(self.predictions),
            needed,
            len(paid),
            len(lost),
            _highest_price(self.journal),
            self.journal.bill.total,
            self.inevitable,
        )

    def _is_collected(self, prediction: Prediction) -> bool:
        """Return whether the program received the result: the file, or without downloads a response or a webhook."""
        return bool(prediction.fetched) or (not self.downloads and prediction.id in ends_seen(self.journal))

    def most_at_once(self) -> int:
        """Return the largest number of predictions in flight at once."""
        return max((self._in_flight(prediction.created_at) for prediction in self.predictions), default=0)

    def _in_flight(self, at: int) -> int:
        created = (prediction for prediction in self.predictions if prediction.created_at <= at)
        return sum(prediction.ends_at is None or at < prediction.ends_at for prediction in created)


@dataclass(frozen=True, slots=True)
class Payments:
    """The payments of one run. Counts are numbers of predictions.

    :param created: made.
    :param needed: needed for the program's work.
    :param paid: succeeded, and therefore charged.
    :param uncollected: paid, with a result that the program never received.
    :param price: USD an execution.
    :param spent: USD in total.
    :param inevitable: wasted for any program.
    """

    created: int = 0
    needed: int = 0
    paid: int = 0
    uncollected: int = 0
    price: Decimal = Decimal()
    spent: Decimal = Decimal()
    inevitable: int = 0

    @property
    def for_nothing(self) -> int:
        """Number of wasted executions: paid and not collected, or not needed."""
        useful = min(self.paid - self.uncollected, self.needed)
        return max(self.paid - useful - self.inevitable, 0)

    @property
    def lost(self) -> Decimal:
        """Wasted USD."""
        return self.for_nothing * self.price


def _highest_price(journal: Journal) -> Decimal:
    """Return the price of an execution, the highest if the predictions are of several models."""
    prices = price_list(journal)
    return max((prices.get(prediction.model, Decimal()) for prediction in journal.predictions), default=Decimal())
