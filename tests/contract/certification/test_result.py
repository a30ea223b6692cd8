"""What is concluded about programs: each expectation on traffic that meets it and on traffic that does not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eachlabs_contract.certification import expectations as expect
from eachlabs_contract.certification.certificate import Certificate, Grade, grade, worst_grade
from eachlabs_contract.certification.observation import Observation
from eachlabs_contract.certification.result import Result, inapplicable, judged, judged_habit
from eachlabs_contract.certification.trial import Cost, Expectation, Trial
from eachlabs_contract.certification.trials import BASELINE, TRIALS, relevance
from eachlabs_contract.certification.trials.habits import HABITS
from eachlabs_contract.spec.claim import Level
from eachlabs_contract.spec.lifecycle import Status
from eachlabs_contract.verdict import Verdict, Violation
from helpers.certified import ONE, TWO, certificate, create, fetch, good, hung, observed, prediction, read, webhook

TRIAL = {each.id: each for each in TRIALS}


def result(level: Level = Level.MUST, cost: Cost | None = None, *, counts: bool = True) -> Result:
    """Return a result; with a *cost*, one that falls short of something that has it."""
    expectation = Expectation("It does.", lambda _: "", cost or Cost.NEITHER)
    trial = Trial("flow.made-up", "Made up", "Nothing.", (expectation,), level)
    if not counts:
        return inapplicable(trial, "made up")
    if cost is None:
        return Result(trial, Verdict.HOLDS)
    return Result(
        trial,
        Verdict.BROKEN,
        (Violation("it does not", expected=expectation.sentence, cost=expectation.cost, during=trial.id),),
    )


def told(expectation: Expectation, seen: Observation) -> str:
    return expectation.judge(seen)


# Expectations


@pytest.mark.parametrize(
    ("expectation", "seen", "instead"),
    [
        (
            expect.ENDS,
            hung(),
            "it was still running after 60 s (--time-limit) and was killed",
        ),
        (expect.SUCCEEDS, good(run={"exit_code": 3}), "it ended with exit code 3 and no output"),
        (
            expect.SUCCEEDS,
            good(run={"exit_code": -9}),
            "it ended with exit code -9 (killed by signal 9) and no output",
        ),
        (expect.FAILS, good(), "it ended with exit code 0"),
        (
            expect.ADMITS,
            observed(create(), predictions=[prediction()], needed=1),
            "it ended with exit code 0, but never received 1 of 1 result",
        ),
        (
            expect.COLLECTS,
            observed(create(), predictions=[prediction()], needed=1),
            "it never collected 1 of 1 paid result: 0.025 USD",
        ),
        (expect.DELIVERS, observed(create(status=500), needed=2), "it never made 2 of 2 predictions"),
        (
            expect.NO_MORE,
            observed(create(), create(TWO), predictions=[prediction(), prediction(TWO)], needed=1),
            "it made 2 predictions, 1 needed: 0.025 USD too much",
        ),
        (
            expect.CALLS,
            observed(),
            "it sent no request to the API; does it read EACHLABS_BASE_URL and EACHLABS_API_KEY?",
        ),
        (expect.MAKES, observed(create(status=400)), "it made no prediction"),
        (
            expect.ASKS_ONCE,
            observed(create(status=400), create(status=400, at=5), needed=1),
            "it repeated the refused create 1 time",
        ),
        (
            expect.SHOWS_REFUSAL,
            observed(create(status=400, said={"message": "Bad", "details": "Too wide"}), run={"output": "oops"}),
            "its output does not contain the reason of the refusal: 'Too wide'",
        ),
        (
            expect.SPEAKS_OF_LIMITS,
            observed(run={"output": "gave up"}),
            "its output mentions neither a limit nor 429",
        ),
        (expect.FETCHES, observed(predictions=[prediction()], needed=1), "it never downloaded 1 output"),
        (expect.shows("The kiln"), observed(), "its output does not contain 'The kiln'"),
        (
            expect.NO_KEY_IN_OUTPUT,
            observed(run={"printed_key": True}),
            "its output contained the key (masked here)",
        ),
    ],
)
def test_violation_is_told(expectation: Expectation, seen: Observation, instead: str) -> None:
    assert told(expectation, seen) == instead


@pytest.mark.parametrize(
    ("expectation", "seen"),
    [
        (expect.ENDS, good()),
        (expect.SUCCEEDS, good()),
        (expect.SUCCEEDS, hung()),
        (expect.FAILS, good(run={"exit_code": 1})),
        (expect.FAILS, hung()),
        (expect.ADMITS, good(needed=1)),
        (expect.ADMITS, observed(create(), predictions=[prediction()], needed=1, run={"exit_code": 1})),
        (expect.COLLECTS, good(needed=1)),
        (expect.DELIVERS, good(needed=1)),
        (expect.NO_MORE, good(needed=1)),
        (expect.CALLS, good()),
        (expect.MAKES, good()),
        (expect.MAKES, observed()),
        (expect.ASKS_ONCE, observed(create(status=400), needed=1)),
        (
            expect.SHOWS_REFUSAL,
            observed(create(status=400, said={"message": "a: b", "details": ""}), run={"output": "A b!"}),
        ),
        (expect.SHOWS_REFUSAL, observed(create(status=400, said=["no", "words"]))),
        (expect.SPEAKS_OF_LIMITS, observed(run={"output": "HTTP 429"})),
        (expect.FETCHES, observed(predictions=[prediction(fetched=True)], needed=1)),
        (expect.shows("The kiln went out"), observed(run={"output": '{"m":"the KILN\nwent  out"}'})),
        (expect.NO_KEY_IN_OUTPUT, good()),
        (expect.STAYS_UNDER_LIMIT, good()),
    ],
)
def test_expectation_that_is_met_says_nothing(expectation: Expectation, seen: Observation) -> None:
    assert told(expectation, seen) == ""


@given(st.sampled_from(TRIALS), st.sampled_from([good(needed=1), hung(needed=1), observed(needed=1), observed()]))
def test_every_trial_can_be_judged_on_any_traffic(trial: Trial, seen: Observation) -> None:
    assert judged(trial, seen).verdict in {Verdict.HOLDS, Verdict.BROKEN}


# Money


def test_result_that_a_poll_told_is_collected() -> None:
    assert good(needed=1).payments.uncollected == 0


def test_result_that_a_webhook_told_is_collected() -> None:
    seen = observed(create(), webhook(at=2600), predictions=[prediction()], needed=1)

    assert seen.payments.uncollected == 0


def test_result_whose_webhook_was_not_taken_is_not_collected() -> None:
    seen = observed(create(), webhook(at=2600, answered=500), predictions=[prediction()], needed=1)

    assert seen.payments.uncollected == 1


def test_who_downloads_elsewhere_has_not_collected_before_the_download() -> None:
    assert good(needed=1, downloads=True).payments.uncollected == 1


def test_prediction_that_failed_costs_nothing() -> None:
    seen = observed(create(), predictions=[prediction(status=Status.ERROR)], needed=1)

    assert (seen.payments.paid, seen.payments.lost) == (0, Decimal(0))


def test_what_no_program_could_have_saved_is_no_loss() -> None:
    seen = observed(create(status=500), predictions=[prediction()], needed=1, inevitable=1)

    assert (seen.payments.uncollected, seen.payments.lost) == (1, Decimal(0))


def test_prediction_too_many_is_lost_although_it_was_collected() -> None:
    events = (create(), create(TWO, at=1), read(at=3000), read(TWO, at=3001))

    seen = observed(*events, predictions=[prediction(), prediction(TWO)], needed=1)

    assert seen.payments.lost == Decimal("0.025")


# The pace of polls


def test_one_poll_a_second_of_one_prediction_fits() -> None:
    polls = [read(at=1000 * second, status_word="processing") for second in range(1, 16)]

    assert expect.requests_in_first_minute(observed(create(), *polls)) == 16 + 45


def test_one_poll_a_second_of_two_predictions_does_not() -> None:
    polls = [read(each, at=1000 * second, status_word="processing") for second in range(1, 16) for each in (ONE, TWO)]
    seen = observed(create(), create(TWO), *polls)

    assert told(expect.STAYS_UNDER_LIMIT, seen) == (
        "at its pace it makes 122 requests in the first minute (100 allowed)"
    )


def test_prediction_that_is_followed_no_more_is_not_polled_on() -> None:
    first = [read(at=100 * step, status_word="processing") for step in range(1, 10)]
    second = [read(TWO, at=1000 * second, status_word="processing") for second in range(2, 16)]

    assert expect.requests_in_first_minute(observed(*first, *second)) == 9 + 14 + 45


def test_whole_minutes_are_counted_and_not_guessed() -> None:
    polls = [read(at=2000 * step, status_word="processing") for step in range(40)]

    assert expect.requests_in_first_minute(observed(*polls)) == 30


def test_who_asks_for_nothing_has_no_pace() -> None:
    assert expect.requests_in_first_minute(observed()) == 0


def test_refusal_for_too_many_requests_is_named() -> None:
    seen = observed(create(), read(status=429, at=1000))

    assert "was refused, after more than 100 requests within a minute" in told(expect.STAYS_UNDER_LIMIT, seen)


# What says nothing about a program


@pytest.mark.parametrize(
    ("reason", "seen", "said"),
    [
        (relevance.polling, observed(create()), "the program does not poll"),
        (relevance.polling, good(), ""),
        (relevance.downloading, good(), "the program downloads no output"),
        (relevance.downloading, observed(predictions=[prediction(fetched=True)]), ""),
        (relevance.receiving, good(), "the program uses no webhook_url"),
        (relevance.receiving, observed(create(hook="http://127.0.0.1:9/hook")), ""),
        (relevance.queueing, good(), "the program never has more than one prediction in flight"),
        (relevance.queueing, observed(predictions=[prediction(), prediction(TWO)]), ""),
    ],
)
def test_relevance(reason: object, seen: Observation, said: str) -> None:
    assert callable(reason)
    assert reason(seen) == said


def test_predictions_one_after_the_other_need_no_queue() -> None:
    later = prediction(TWO, created_at=prediction().ends_at)

    assert relevance.queueing(observed(predictions=[prediction(), later])) != ""


# Verdicts


def test_trial_in_which_nothing_could_go_wrong_is_not_counted() -> None:
    seen = good(needed=1, faults={"rate_limited": 0})

    assert (
        judged(TRIAL["limits.poll"], seen).reason
        == "the fault 'rate_limited' was never triggered: the program made no matching request"
    )


def test_program_that_ended_badly_before_anything_went_wrong_is_judged() -> None:
    seen = good(needed=1, faults={"rate_limited": 0}, run={"exit_code": 1})

    assert judged(TRIAL["limits.poll"], seen).verdict is Verdict.BROKEN


def test_habit_is_judged_over_all_runs() -> None:
    runs = {"flow.happy": good(), "limits.poll": observed(create(), fetch(keys=("X-API-Key",)))}

    assert [each.during for each in judged_habit(HABITS[0], runs).violations] == ["limits.poll"]


def test_habit_of_who_sends_nothing_is_not_counted() -> None:
    assert not judged_habit(HABITS[0], {"flow.happy": observed()}).counts


def test_habits_do_not_include_ending() -> None:
    assert judged_habit(HABITS[0], {"transport.hang": hung()}).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("habit", "seen"),
    [
        ("hygiene.key", observed(read(at=1, keys=("query",)))),
        ("hygiene.key", observed(create(), run={"printed_key": True})),
        ("hygiene.creates", observed(create(status=500), create(at=5), predictions=[prediction()], needed=1)),
        ("hygiene.silence", observed(create(), read(at=3000), read(at=4000), predictions=[prediction()])),
        ("hygiene.user-agent", observed(create(agent=""))),
    ],
)
def test_bad_habit_is_seen(habit: str, seen: Observation) -> None:
    row = next(each for each in HABITS if each.id == habit)

    assert judged_habit(row, {"flow.happy": seen}).verdict is Verdict.BROKEN


# Grades


@pytest.mark.parametrize(
    ("results", "earned"),
    [
        ([result()], Grade.A),
        ([result(), result(Level.SHOULD, Cost.NEITHER)], Grade.B),
        ([result(), *[result(Level.SHOULD)] * 4, result(Level.SHOULD, Cost.MONEY)], Grade.A),
        ([result(), *[result(Level.SHOULD)] * 3, result(Level.SHOULD, Cost.NEITHER)], Grade.B),
        ([result(), result(cost=Cost.NEITHER)], Grade.C),
        ([result(), result(cost=Cost.MONEY)], Grade.F),
        ([result(), result(cost=Cost.HANG)], Grade.F),
        ([result(), result(cost=Cost.WORK)], Grade.F),
        ([result(cost=Cost.NEITHER), result(Level.SHOULD, Cost.MONEY)], Grade.F),
        ([result(), result(counts=False)], Grade.A),
    ],
)
def test_grade(results: list[Result], earned: Grade) -> None:
    assert grade(results) is earned


RESULTS = st.lists(
    st.builds(
        result, st.sampled_from([Level.MUST, Level.SHOULD]), st.none() | st.sampled_from(Cost), counts=st.booleans()
    )
)


@given(RESULTS)
def test_what_does_not_apply_changes_no_grade(results: list[Result]) -> None:
    assert grade([*results, result(counts=False)]) is grade(results)


@given(RESULTS, st.sampled_from(Cost))
def test_another_broken_must_never_helps(results: list[Result], cost: Cost) -> None:
    assert grade(results).is_at_least(grade([*results, result(cost=cost)]))


def test_certificate_tells_every_complaint_with_what_it_costs() -> None:
    assert certificate().complaints[0] == (
        "transport.hang: The program ends before the time limit. Instead: "
        "it was still running after 60 s (--time-limit) and was killed [a hang]"
    )


def test_certificate_says_over_how_much_it_was_earned() -> None:
    assert certificate().basis == "3 of 4 trials and 4 of 4 habits"


def test_certificate_adds_up_the_money() -> None:
    assert certificate().money == (
        "4 predictions made, 0 more than needed; 4 paid, 1 never collected: 0.025 USD of 0.10 USD wasted"
    )


def test_certificate_says_how_to_try_a_trial_again() -> None:
    hang = next(each for each in certificate().results if each.trial.id == "transport.hang")

    assert certificate().again(hang) == "eachlabs-contract certify --trial transport.hang -- python mine.py"


def test_certificate_of_a_function_is_tried_again_in_python() -> None:
    one = Certificate("order", "", (judged(BASELINE, good()),))

    assert one.again(one.results[0]) == "certify(order, trials=['flow.happy'])"


def test_habit_is_tried_again_where_it_was_broken() -> None:
    silence = next(each for each in certificate().habits if each.trial.id == "hygiene.silence")

    assert certificate().again(silence) == "eachlabs-contract certify --trial flow.happy -- python mine.py"


def test_worst_grade_speaks_for_several_programs() -> None:
    fine = Certificate("fine", "fine", (judged(BASELINE, good()),))

    assert (fine.grade, worst_grade((fine, certificate(), fine))) == (Grade.A, Grade.F)


def test_every_grade_has_a_meaning() -> None:
    assert all(each.meaning for each in Grade)
