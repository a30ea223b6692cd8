"""One test for each claim of the contract, against the emulator in process: what `make mutants` judges mutants by."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from eachlabs_contract.checks.check import Check
from eachlabs_contract.checks.envelope import keys
from eachlabs_contract.checks.outputs import claims, pictures
from eachlabs_contract.laws import LAWS
from eachlabs_contract.runner.catalogue import CHECKS
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.claim import Group
from eachlabs_contract.targets import clock
from eachlabs_contract.targets.open import KEY, SECOND_KEY, in_process
from eachlabs_contract.targets.target import Need, Target
from eachlabs_contract.verdict import FIRM, Finding, Verdict
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from helpers.judged import emulator

SLOW = {Group.LIVES, Group.SHAPE}
QUICK = {"shape.other-routes"}
TRIED = [each for each in CHECKS if each.claim.group not in SLOW or each.claim.id in QUICK]

OBSERVED: dict[str, str] = tomllib.loads(Path(__file__).with_name("observations.toml").read_text())
"""What the judge tells of the emulator where the page is silent: a mutant that chooses otherwise is told of."""

UNSTEERED = [each for each in CHECKS if each.needs == {Need.RECEIVER} and each.claim.level in FIRM]
"""Claims about webhooks that can be tried where nobody moves the clock: then the emulator has to watch it."""


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with in_process(emulator()) as opened:
        yield opened


# The other emulators are each made for one test: mutmut tries a mutant on those tests during which its function was
# called, and what is done at an emulator's start would else be called during the first test only.
@pytest.fixture
def choosy() -> Iterator[Target]:
    """A server with a list of keys, and a key that is simply none of them."""
    with in_process(emulator(api_key=(KEY, SECOND_KEY))) as opened:
        yield replace(opened, bad_key="another")


@pytest.fixture
def prolific() -> Iterator[Target]:
    """A server on trial by a model that makes as many pictures as it is asked for."""
    with in_process(emulator(), "z-image-turbo-lora") as opened:
        yield opened


@pytest.fixture
def unsteered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """A server without a control plane, whose clock runs; it is polled more often than once a second."""
    sleep = clock.time.sleep
    hasty = SimpleNamespace(**{**vars(clock.time), "sleep": lambda seconds: sleep(seconds / 50)})
    monkeypatch.setattr(clock, "time", hasty)
    application = assemble(Settings(seed=7, log_format="off", duration=0.02))
    application.dispatcher.start()
    with in_process(application.wsgi) as opened:
        yield replace(opened, owner=replace(opened.owner, control=None), second=None)
    application.dispatcher.stop()


def ids(check: Check) -> str:
    return check.claim.id


def judge(check: Check, target: Target) -> Finding:
    finding, *laws = Runner(target, [check], LAWS).run()

    assert finding.verdict in {Verdict.HOLDS, Verdict.OBSERVED, Verdict.NOT_APPLICABLE}, finding
    assert [each for each in laws if each.verdict is Verdict.BROKEN] == []
    return finding


@pytest.mark.parametrize("check", TRIED, ids=ids)
def test_claim_holds(check: Check, target: Target) -> None:
    finding = judge(check, target)

    assert finding.claim.level in FIRM or finding.reason == OBSERVED[check.claim.id]


@pytest.mark.parametrize("check", keys.CHECKS, ids=ids)
def test_claim_holds_of_a_list_of_keys(check: Check, choosy: Target) -> None:
    judge(check, choosy)


@pytest.mark.parametrize("check", [pictures.count, claims.fetched_without_key], ids=ids)
def test_claim_holds_of_several_pictures(check: Check, prolific: Target) -> None:
    judge(check, prolific)


@pytest.mark.parametrize("check", UNSTEERED, ids=ids)
def test_claim_holds_where_the_clock_runs(check: Check, unsteered: Target) -> None:
    judge(check, unsteered)
