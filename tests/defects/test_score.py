"""The score says which defects are seen, by which layer, and fails a harness that is blind, wrong, slow or nervous."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from defects.catalogue import DEFECTS, defect
from defects.score_table import Score
from defects.score_trials import Kind, Layer, Outcome, Trial, trials, tried

P07, P08 = defect("P07"), defect("P08")
SOUND = Trial(Kind.SOUND, "emulator")


def outcome(trial: Trial, broken: Mapping[Layer, tuple[str, ...]], seconds: float = 1.0) -> Outcome:
    return Outcome(trial, broken, "what it says", dict.fromkeys(broken, seconds))


def seen(name: str, claim: str) -> Outcome:
    return outcome(Trial(Kind.DEFECT, name), {Layer.CHECKS: (claim,), Layer.LIVES: ()})


def plain(name: str, *failures: str, kind: Kind = Kind.DEFECT, seconds: float = 20.0) -> Outcome:
    return outcome(Trial(kind, name, plain=True), {Layer.PLAIN: failures}, seconds)


def gates(*outcomes: Outcome) -> list[bool | None]:
    return [each.passed for each in Score((P07, P08), outcomes).gates()]


BOTH = (seen("P07", P07.claim), seen("P08", P08.claim))


def test_a_perfect_score_passes_every_gate() -> None:
    calm = (outcome(Trial(kind, "it"), {Layer.CHECKS: ()}) for kind in (Kind.SOUND, Kind.NASTY, Kind.VARIANT))

    assert gates(*BOTH, *calm, plain("P07"), plain("P08", "ST201")) == [True] * 6


def test_what_was_not_tried_is_no_failure() -> None:
    assert gates(*BOTH) == [True, True, None, None, None, None]


def test_a_survivor_is_named() -> None:
    score = Score((P07, P08), (BOTH[0], outcome(Trial(Kind.DEFECT, "P08"), {Layer.CHECKS: ()})))

    assert next(score.gates()).passed is False
    assert "survivors: P08 (num_inference_steps: 51 passes)" in score.lines()


def test_a_defect_seen_by_another_claim_alone_fails_its_gate() -> None:
    assert gates(BOTH[0], seen("P08", "envelope.error-body"))[:2] == [True, False]


@pytest.mark.parametrize(("kind", "gate"), [(Kind.SOUND, 2), (Kind.NASTY, 3), (Kind.VARIANT, 4)])
def test_an_alarm_about_a_lawful_server_fails_its_gate(kind: Kind, gate: int) -> None:
    assert gates(*BOTH, outcome(Trial(kind, "it"), {Layer.LIVES: ("lives.within-limits",)}))[gate] is False


def test_a_must_that_is_not_exercised_on_the_sound_emulator_fails_its_gate() -> None:
    assert gates(*BOTH, replace(outcome(SOUND, {Layer.CHECKS: ()}), untried=("races.cap",)))[2] is False


@pytest.mark.parametrize(("seconds", "failures"), [(0.5, ()), (20.0, ("ST201",))])
def test_plain_schemathesis_must_be_slower_and_see_less(seconds: float, failures: tuple[str, ...]) -> None:
    assert gates(*BOTH, *(plain(each, *failures, seconds=seconds) for each in ("P07", "P08")))[5] is False


def test_what_is_said_about_the_sound_emulator_too_is_no_kill() -> None:
    score = Score((P07,), (plain("P07", "ST105"), plain("emulator", "ST105", kind=Kind.SOUND)))

    assert score.killers(P07) == frozenset()


def test_the_matrix_tells_a_layer_that_was_blind_from_one_that_did_not_look() -> None:
    lines = list(Score((P07, P08), BOTH).lines())

    assert lines[1].split()[-5:] == ["-", "x", ".", "-", "-"]


def test_totals_are_by_family_and_together() -> None:
    totals = Score((P07, P08), BOTH).totals()

    assert totals["parameters"]["checks"] == totals["all"]["harness"] == 2
    assert totals["limits"]["of"] == 0


def test_a_trial_tells_which_claim_is_broken_and_how() -> None:
    found = tried(Trial(Kind.DEFECT, "H01", claims=("envelope.missing-key",)))

    assert found.claims == {"envelope.missing-key"}
    assert found.told.startswith("envelope.missing-key: expected 401")


def test_everything_is_tried_once() -> None:
    everything = trials()

    assert len(everything) == len(set(everything))
    assert {each.name for each in everything} >= {each.id for each in DEFECTS}


def test_of_a_chosen_defect_nothing_else_is_tried_but_the_baseline() -> None:
    chosen = [(each.name, each.plain) for each in trials(["p07"])]

    assert chosen == [("P07", False), ("emulator", True), ("P07", True)]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 1)])
def test_score_that_is_ended_ends_its_workers(number: int, code: int) -> None:
    plenty = [f"--only={each.id}" for each in DEFECTS]
    command = [sys.executable, "-m", "defects.score", "--quick", *plenty]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        first = running.stderr.readline()
        running.send_signal(number)
        running.stderr.read()  # whoever is left keeps it open

    assert first.startswith("1/")
    assert running.returncode == code
