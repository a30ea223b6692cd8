"""One test for each claim of the contract, against the emulator in process: what `make mutants` judges mutants by."""

from collections.abc import Iterator

import pytest
from judged import emulator

from contract.catalogue import CHECKS
from contract.check import Check
from contract.claim import Group
from contract.opening import in_process
from contract.runner import Runner
from contract.targets.target import Target
from contract.verdict import Verdict

SLOW = {Group.LIVES, Group.SHAPE}


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with in_process(emulator()) as opened:
        yield opened


@pytest.mark.parametrize(
    "check", [pytest.param(each, id=each.claim.id) for each in CHECKS if each.claim.group not in SLOW]
)
def test_claim_holds(check: Check, target: Target) -> None:
    (finding,) = Runner(target).run([check])

    assert finding.verdict in {Verdict.HOLDS, Verdict.OBSERVED, Verdict.NOT_APPLICABLE}, finding
