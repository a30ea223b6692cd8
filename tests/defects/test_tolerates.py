"""The harness raises no alarm about a sound server, an unpleasant one, or one that is lawfully different.

Every change is held to the claims most in danger; HYPOTHESIS_PROFILE=soak holds them to all, with five seeds.
"""

import os

import pytest

from defects.catalogue import DEFECTS
from defects.nastiness import NASTINESS, struck, stumbling
from defects.variants import VARIANTS, Variant
from eachlabs_contract.runner.catalogue import CHECKS
from eachlabs_contract.verdict import FIRM, Finding, Verdict
from helpers.judged import emulator, judged

pytestmark = pytest.mark.slow

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
SEEDS = range(5) if SOAK else range(1)

SENSITIVE = (
    "parameters.above-refused",
    "envelope.unknown-id",
    "envelope.ids-differ",
    "lifecycle.neighbours",
    "lifecycle.ended-stays",
    "limits.refusal",
    "limits.slots-return",
    "webhooks.once",
    "races.cap",
)
"""Claims that a judge comes to by many calls, so that one unpleasant answer among them might mislead it."""

EVERYWHERE = ("limits.slot-instant", "limits.retry-after-slot", "parameters.refused-creates-nothing")
"""Claims that one refusal at a whim has misled, wherever it came."""

ONE_BY_ONE = [each.claim.id for each in CHECKS if not each.claim.id.startswith("lives.")]
"""All but the random lives, of which no two have the same calls."""

PLACES = 60
"""Calls of a claim that are struck, about; of fewer each."""


def alarms(findings: dict[str, Finding]) -> dict[str, tuple[str, str]]:
    return {
        identity: (each.expected, each.got)
        for identity, each in findings.items()
        if each.verdict is Verdict.BROKEN and each.claim.level in FIRM
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sound_emulator_keeps_every_claim_that_a_defect_breaks(seed: int) -> None:
    wanted = () if SOAK else sorted({each.claim for each in DEFECTS if each.id[0] != "O"})  # pictures take their time

    findings = judged(*wanted, app=emulator(seed=7 + seed), seed=seed)

    assert alarms(findings) == {}
    assert {findings[each].verdict for each in wanted} <= {Verdict.HOLDS}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mishap", NASTINESS)
def test_unpleasant_answers_now_and_then_raise_no_alarm(mishap: str, seed: int) -> None:
    app = stumbling(NASTINESS[mishap], emulator(), seed)

    assert alarms(judged(*(() if SOAK else SENSITIVE), app=app, seed=seed)) == {}


@pytest.mark.parametrize("claim", ONE_BY_ONE if SOAK else EVERYWHERE)
@pytest.mark.parametrize("mishap", NASTINESS if SOAK else ["429"])
def test_one_unpleasant_answer_raises_no_alarm_wherever_it_comes(mishap: str, claim: str) -> None:
    calls: list[int] = []
    judged(claim, app=struck(NASTINESS[mishap], emulator(), calls.append))

    assert calls
    for place in calls[:: 1 + len(calls) // PLACES]:
        app = struck(NASTINESS[mishap], emulator(), place.__eq__)
        assert alarms(judged(claim, app=app)) == {}, f"at call {place} of {len(calls)}"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_a_lawful_difference_raises_no_alarm(variant: Variant) -> None:
    assert alarms(judged(*(() if SOAK else variant.claims), app=variant.serve())) == {}
