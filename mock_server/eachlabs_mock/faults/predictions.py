"""Faults of predictions: how one ends, when, and whether reads find it. They change its plan at creation. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from eachlabs_mock.core import DAY, TERMINAL, Failure, Plan, Status, millis
from eachlabs_mock.faults.fault import Fault, parameter

INJECTED = Failure("Prediction failed", "This failure was injected by the fault 'fail'.")

UNSAFE = Failure("Prediction refused", "The safety checker refused the output; set disable_safety_checker to allow it.")


@dataclass(frozen=True, slots=True)
class PredictionFault(Fault):
    """A fault of a prediction."""

    routes = usual = frozenset({"prediction"})


@dataclass(frozen=True, slots=True)
class Fail(PredictionFault):
    """The prediction ends in an error."""

    name = "fail"

    message: str = parameter(INJECTED.message, "`message` of the error.", type="string", minLength=1)
    details: str = parameter(INJECTED.details, "`details` of the error.", type="string", minLength=1)

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        return _failing(plan, Failure(self.message, self.details))


@dataclass(frozen=True, slots=True)
class Unsafe(PredictionFault):
    """The safety checker refuses the output, unless the input sets `disable_safety_checker`."""

    name = "unsafe"

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        return plan if content.get("disable_safety_checker") is True else _failing(plan, UNSAFE)


@dataclass(frozen=True, slots=True)
class Stuck(PredictionFault):
    """The prediction never ends."""

    name = "stuck"

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        running = tuple(step for step in plan.steps if step[1] not in TERMINAL)
        return replace(plan, steps=running or ((0, Status.PROCESSING),))


@dataclass(frozen=True, slots=True)
class Slow(PredictionFault):
    """The prediction takes several times as long."""

    name = "slow"

    factor: float = parameter(4.0, "Factor of the duration.", type="number", minimum=1, maximum=100_000)

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        steps = tuple((round(at * self.factor), status) for at, status in plan.steps)
        return replace(plan, steps=steps, predict_millis=round(plan.predict_millis * self.factor))


@dataclass(frozen=True, slots=True)
class Lost(PredictionFault):
    """The prediction is created and charged, but every read of it is answered 404; its webhook is sent."""

    name = "lost"

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        return replace(plan, known_millis=0)


@dataclass(frozen=True, slots=True)
class Forgotten(PredictionFault):
    """Reads are answered 404 after a while, as if the service had lost its data; free if it was still running."""

    name = "forgotten"

    seconds: float = parameter(1.0, "Clock seconds until then.", type="number", minimum=0, maximum=DAY)

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        known = millis(self.seconds)
        if plan.unit == "milliseconds" and plan.ends_after is not None and plan.ends_after < known:
            return replace(plan, known_millis=known)
        steps = ((0, Status.PROCESSING), (known, Status.ERROR))  # which frees its slot, and is not charged
        return replace(plan, steps=steps, unit="milliseconds", known_millis=known, is_silent=True)


@dataclass(frozen=True, slots=True)
class Early(PredictionFault):
    """The prediction ends at once, and its webhook is sent before its create is answered."""

    name = "early"

    def change_plan(self, plan: Plan, content: Mapping[str, Any]) -> Plan:
        steps = ((0, Status.PROCESSING), (0, plan.steps[-1][1]))
        return replace(plan, steps=steps, unit="milliseconds", is_early=True)


def _failing(plan: Plan, failure: Failure) -> Plan:
    at = plan.ends_after
    steps = (*(step for step in plan.steps if step[1] not in TERMINAL), *(() if at is None else ((at, Status.ERROR),)))
    return replace(plan, steps=steps, failure=failure)


FAULTS = (Fail, Unsafe, Stuck, Slow, Lost, Forgotten, Early)
