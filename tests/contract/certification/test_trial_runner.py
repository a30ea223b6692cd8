"""How programs are tried: what is run, in which order it is told, and that nothing goes on where one stops."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event

import pytest

from eachlabs_contract.certification.process import children
from eachlabs_contract.certification.process.children import opening_late, running_emulator
from eachlabs_contract.certification.process.result import CompletedRun
from eachlabs_contract.certification.trial import Trial
from eachlabs_contract.certification.trial_runner import TrialOptions, TrialRunner, key_of
from eachlabs_contract.certification.trials import select_trials
from eachlabs_contract.certification.world import World
from eachlabs_contract.history.events import Answer, Request
from eachlabs_contract.targets.control import ControlError
from eachlabs_contract.targets.http import HttpTransport
from eachlabs_contract.targets.transport import NoAnswerError
from helpers.certified import good, observed, prediction, read

REFUSALS = select_trials(("errors.400", "errors.401", "errors.500-at-create"))


@dataclass
class Patient:
    """A program that ends at once but under all refusals except the first only when it is told to."""

    label: str = "patient"
    jobs: int = 8
    limits: list[float] = field(default_factory=list)

    def run(self, variables: Mapping[str, str], limit: float, stop: Event) -> CompletedRun:
        assert variables["EACHLABS_API_KEY"].startswith("certify-")
        self.limits.append(limit)
        if variables["EACHLABS_API_KEY"] in {key_of(self.label, each) for each in REFUSALS[1:]}:
            stop.wait(60)
        return CompletedRun(0, "", 0.0)


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with running_emulator() as root:
        yield root


def test_who_stops_listening_ends_what_still_runs(root: str) -> None:
    options = TrialOptions(trials=REFUSALS, jobs=2)
    results = TrialRunner(Patient(), root, options)._run(REFUSALS, good())

    next(results)
    results.close()

    assert options.stop.is_set()


@pytest.mark.parametrize(("predictions", "limit"), [(1, 5 + 180 / 20), (3, 5 + 3 * 180 / 20)])
def test_limit_leaves_the_time_that_predictions_take(root: str, predictions: int, limit: float) -> None:
    (slow,) = select_trials(("flow.three-minutes",))
    program, baseline = Patient(), observed(read(), predictions=[prediction()] * predictions)

    TrialRunner(program, root, TrialOptions(trials=(), limit=5)).result(slow, baseline)

    assert program.limits == [limit]


def test_each_trial_has_a_world_of_its_own(root: str) -> None:
    transport, trial = HttpTransport(root), REFUSALS[0]
    armed, other = World(transport, "certify-one"), World(transport, "certify-two")

    armed.prepare(trial)

    assert [each.fault for each in armed.fault_counts()] == ["http_error"]
    assert other.fault_counts() == ()


def test_world_that_is_left_forgets_its_rules(root: str) -> None:
    world = World(HttpTransport(root), "certify-three")
    world.prepare(REFUSALS[0])

    world.leave()

    assert world.fault_counts() == ()


def test_rule_that_the_emulator_does_not_know_is_told(root: str) -> None:
    trial = Trial("flow.odd", "Odd", "Odd.", (), rules=({"fault": "no_such_fault"},))

    with pytest.raises(ControlError, match=r"PUT /__mock/faults: 400 .*no_such_fault"):
        World(HttpTransport(root), "certify-four").prepare(trial)


def answer(root: str) -> Answer:
    return HttpTransport(root).send(Request("GET", "/__mock/health/live"))


def test_door_leads_to_the_server_once_it_is_open(root: str) -> None:
    with opening_late(root, 0.0) as door:
        for _ in range(1000):
            try:
                found = answer(door)
            except NoAnswerError:
                continue
            break

    assert (found.status, found.document) == (200, {"status": "live"})


def test_nobody_listens_at_a_door_that_is_not_open(root: str) -> None:
    with opening_late(root, 60.0) as door, pytest.raises(NoAnswerError, match="refused"):
        answer(door)


def test_child_that_does_not_end_when_asked_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import json, os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(json.dumps({'url': os.getpid()}), flush=True)\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(children, "EMULATOR", (sys.executable, "-c", code))
    monkeypatch.setattr(children, "STOP_TIMEOUT", 0.1)

    with running_emulator() as pid:
        pass

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
