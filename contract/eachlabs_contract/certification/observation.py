"""What was observed of a program in one trial: its traffic, its output, its end, and what it paid for."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from eachlabs_contract.certification.process.result import Ending
from eachlabs_contract.history import Exchange, Journal, Prediction
from eachlabs_contract.manners import api_calls, create_calls, ends_seen, polls_by_prediction, price_list
from eachlabs_contract.spec import Status


@dataclass(frozen=True, slots=True)
class Strike:
    """How often a rule of a trial struck."""

    fault: str
    times: int


@dataclass(frozen=True)
class Observation:
    """One run of a program under one trial.

    :param strikes: of each rule that was armed.
    :param needed: predictions that its work takes: as many as it made where nothing went wrong; None: it is that run.
    :param downloads: whether it downloaded outputs there; None: it is that run.
    :param inevitable: executions that the trial costs whatever a program does.
    :param speed: clock seconds that passed in a real one.
    :param first_call: real seconds from its start to its first request; None: it made none.
    """

    ending: Ending
    journal: Journal
    strikes: tuple[Strike, ...] = ()
    needed: int | None = None
    downloads: bool | None = None
    inevitable: int = 0
    speed: float = 1.0
    first_call: float | None = None

    @cached_property
    def calls(self) -> list[Exchange]:
        """Its calls of the prediction API, in the order in which they arrived."""
        return api_calls(self.journal)

    @cached_property
    def creates(self) -> list[Exchange]:
        """Its creates, taken or refused."""
        return create_calls(self.journal)

    @property
    def polls(self) -> bool:
        """Whether it polls."""
        return bool(polls_by_prediction(self.journal))

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Those that it made."""
        return self.journal.predictions

    @property
    def fetched(self) -> int:
        """How many of its predictions had an output downloaded."""
        return sum(bool(each.fetched) for each in self.predictions)

    @cached_property
    def account(self) -> "Account":
        """What it paid for."""
        paid = [each for each in self.predictions if each.status is Status.SUCCESS]
        lost = [each for each in paid if not self._is_collected(each)]
        needed = len(self.predictions) if self.needed is None else self.needed
        return Account(
            len(self.predictions),
            needed,
            len(paid),
            len(lost),
            _dearest(self.journal),
            self.journal.bill.total,
            self.inevitable,
        )

    def _is_collected(self, prediction: Prediction) -> bool:
        """Say whether its result reached the program: as a file, or else as an answer or a webhook that was taken."""
        return bool(prediction.fetched) or (not self.downloads and prediction.id in ends_seen(self.journal))

    def most_at_once(self) -> int:
        """Return how many predictions it had in flight at once, at most."""
        return max(map(len, self._in_flight()), default=0)

    def _in_flight(self) -> Iterator[list[Prediction]]:
        for one in self.predictions:
            at = one.created_at
            yield [each for each in self.predictions if each.created_at <= at < (each.ends_at or at + 1)]


@dataclass(frozen=True, slots=True)
class Account:
    """Executions and dollars of one run.

    :param created: predictions that were made.
    :param needed: that the program's work takes.
    :param paid: of those that were made, the ones that succeeded, and are charged.
    :param uncollected: of those that are paid, the ones whose result never reached the program.
    :param price: USD an execution.
    :param spent: USD in all.
    :param inevitable: executions that no program could have saved.
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
        """How many paid executions were of no use: not collected, or more than were needed."""
        useful = min(self.paid - self.uncollected, self.needed)
        return max(self.paid - useful - self.inevitable, 0)

    @property
    def lost(self) -> Decimal:
        """USD paid for nothing."""
        return self.for_nothing * self.price


def _dearest(journal: Journal) -> Decimal:
    """Return the price of an execution: the highest, where predictions are of several models."""
    prices = price_list(journal)
    return max((prices.get(each.model, Decimal()) for each in journal.predictions), default=Decimal())
