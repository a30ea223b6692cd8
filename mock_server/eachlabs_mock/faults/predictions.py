"""Faults of predictions: how one ends, when, and who still knows of it. Decided while it is created. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from eachlabs_mock.core import TERMINAL, Failure, Plan, Status, millis
from eachlabs_mock.faults.fault import Fault, parameter

ASKED_FAILURE = Failure("Prediction failed", "The emulator was asked to fail it, by the fault 'fail'.")

UNSAFE = Failure("Prediction refused", "The safety checker has refused the output; disable_safety_checker allows it.")


@dataclass(frozen=True, slots=True)
class PredictionFault(Fault):
    """A fault of a prediction."""

    routes = usual = frozenset({"prediction"})


@dataclass(frozen=True, slots=True)
class Fail(PredictionFault):
    """It ends in an error."""

    name = "fail"

    message: str = parameter(ASKED_FAILURE.message, "What its error says.", type="string", minLength=1)
    details: str = parameter(ASKED_FAILURE.details, "The details of its error.", type="string", minLength=1)

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        return _failing(plan, Failure(self.message, self.details))


@dataclass(frozen=True, slots=True)
class Unsafe(PredictionFault):
    """The safety checker refuses it, unless its input has `disable_safety_checker`."""

    name = "unsafe"

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        return plan if content.get("disable_safety_checker") is True else _failing(plan, UNSAFE)


@dataclass(frozen=True, slots=True)
class Stuck(PredictionFault):
    """It never ends."""

    name = "stuck"

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        running = tuple(step for step in plan.steps if step[1] not in TERMINAL)
        return replace(plan, steps=running or ((0, Status.PROCESSING),))


@dataclass(frozen=True, slots=True)
class Slow(PredictionFault):
    """It takes several times as long."""

    name = "slow"

    factor: float = parameter(4.0, "How many times.", type="number", minimum=1, maximum=100_000)

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        steps = tuple((round(at * self.factor), status) for at, status in plan.steps)
        return replace(plan, steps=steps, predict_millis=round(plan.predict_millis * self.factor))


@dataclass(frozen=True, slots=True)
class Lost(PredictionFault):
    """It is created and paid for, and no read ever finds it; its webhook comes."""

    name = "lost"

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        return replace(plan, known_millis=0)


@dataclass(frozen=True, slots=True)
class Forgotten(PredictionFault):
    """Nobody knows of it any more after a while, as if the service had been started anew. Free, if it was running."""

    name = "forgotten"

    seconds: float = parameter(1.0, "Seconds of the world's clock.", type="number", minimum=0, maximum=86_400)

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        known = millis(self.seconds)
        if plan.unit == "milliseconds" and plan.ends_after is not None and plan.ends_after < known:
            return replace(plan, known_millis=known)
        steps = ((0, Status.PROCESSING), (known, Status.ERROR))  # its slot is free again, and nothing is charged
        return replace(plan, steps=steps, unit="milliseconds", known_millis=known, is_silent=True)


@dataclass(frozen=True, slots=True)
class Early(PredictionFault):
    """It ends at once, and its webhook is there before its create is answered."""

    name = "early"

    def fate(self, plan: Plan, content: Mapping[str, Any]) -> Plan:  # noqa: ARG002  # it does not depend on it
        steps = ((0, Status.PROCESSING), (0, plan.steps[-1][1]))
        return replace(plan, steps=steps, unit="milliseconds", is_early=True)


def _failing(plan: Plan, failure: Failure) -> Plan:
    at = plan.ends_after
    steps = (*(step for step in plan.steps if step[1] not in TERMINAL), *(() if at is None else ((at, Status.ERROR),)))
    return replace(plan, steps=steps, failure=failure)


FAULTS = (Fail, Unsafe, Stuck, Slow, Lost, Forgotten, Early)
