"""The runner: each claim is tried once, a server that stumbles is tried again, and `check` returns a report."""

import pytest

import eachlabs_contract
from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.history.events import Episode
from eachlabs_contract.laws.law import Judgement, Law
from eachlabs_contract.runner import UnknownNameError, catalogue, runner
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.targets.open import Access, in_process, over_http
from eachlabs_contract.verdict import InconclusiveError, Verdict, Violation
from helpers.judged import emulator
from helpers.serving import serving

ONE = "envelope.missing-key"


def never(_episode: Episode) -> Judgement:
    """Finds fault with everything."""
    return Judgement(1, Violation("something", _episode.events[:1], expected="nothing"))


NEVER = Law(catalogue.LAWS[0].claim, never)


def test_law_alone_is_judged_by_all_that_the_checks_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CHECKS", (catalogue.find_test(ONE), catalogue.find_test("envelope.malformed-json")))
    with in_process(emulator()) as target:
        finding = Runner(target).finding(NEVER)

    assert (finding.verdict, finding.during) == (Verdict.BROKEN, ONE)


def test_claim_is_put_to_the_test_once() -> None:
    drives: list[int] = []

    @check("envelope.once", "Once.", source="here")
    def once(session: Session) -> None:
        drives.append(session.seed)
        session.promise(True, "nothing", session.read("1"))

    with in_process(emulator()) as target:
        subject = Runner(target, [once], seed=5)
        assert [subject.finding(once), subject.finding(NEVER)] == [subject.finding(once), subject.finding(NEVER)]

    assert drives == [5]


def test_check_that_trips_does_not_take_the_run_with_it() -> None:
    @check("envelope.trips", "It trips.", source="here")
    def trips(session: Session) -> None:
        session.read("1").document["no such field"]

    with in_process(emulator()) as target:
        finding = Runner(target, [trips]).finding(trips)

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason.startswith("error in the check: KeyError('no such field') (trips, line ")


def shaky(times: int) -> Check:
    """Return a check that a server's mishaps keep from concluding so many times."""
    left = iter(range(times))

    @check("envelope.shaky", "Shaky.", source="here")
    def drive(session: Session) -> None:
        if next(left, None) is not None:
            session.disturbed = True
            raise InconclusiveError("there was nothing to look at")
        session.promise(True, "nothing", session.read("1"))

    return drive


@pytest.mark.parametrize("times", [0, 1, 5])
def test_check_that_mishaps_keep_from_concluding_is_tried_again(times: int) -> None:
    with in_process(emulator()) as target:
        assert Runner(target).finding(shaky(times)).verdict is Verdict.HOLDS


def test_check_that_never_concludes_is_given_up() -> None:
    with in_process(emulator()) as target:
        finding = Runner(target).finding(shaky(6))

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason == "transient server failures in all 6 attempts; the last one: there was nothing to look at"


def test_check_is_tried_less_often_where_creates_may_cost() -> None:
    with serving(emulator()) as url, over_http(url, Access(control="off")) as target:
        finding = Runner(target).finding(shaky(3))

    assert finding.reason == "transient server failures in all 3 attempts; the last one: there was nothing to look at"


def test_server_that_is_gone_leaves_claims_untried() -> None:
    with serving(emulator()) as url:
        opened = over_http(url)
        target = opened.__enter__()
    subject = Runner(target)

    finding = subject.finding(catalogue.find_test(ONE))
    subject.leave()
    opened.__exit__(None, None, None)

    assert finding.verdict is Verdict.NOT_EXERCISED
    assert finding.reason.startswith("cannot prepare a fresh world: ")


def test_application_of_ones_own_is_checked() -> None:
    report = eachlabs_contract.check(emulator(), ids=[ONE], seed=3)

    assert [each.verdict for each in report.findings] == [Verdict.HOLDS]
    assert (report.exit_code, report.run.seed, report.requests) == (0, 3, 2)


def test_server_is_checked_at_its_address() -> None:
    with serving(emulator()) as url:
        report = eachlabs_contract.check(f"{url}/v1", ids=[ONE], access=Access(api_key="mine"))

    assert [each.verdict for each in report.findings] == [Verdict.HOLDS]
    assert report.run.again(report.findings[0]) == f"eachlabs-contract check {url}/v1 --check {ONE} --seed 0"


def test_unknown_claim_is_not_checked() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean envelope\.missing-key"):
        eachlabs_contract.check(emulator(), ids=["envelope.missing"])
