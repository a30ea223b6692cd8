import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from defects.mutant_reasons import Account, Mutant, Reason, read_reasons
from defects.mutants import REASONS, RESULTS, _change, _clear
from defects.trial import OBSERVED, TRIED
from eachlabs_contract.spec.claim import Level

LIVES = Mutant("eachlabs_mock.core.limits.x_slot_wait__mutmut_4", "survived", "- return 0\n+ return 1")
METHOD = Mutant(
    "eachlabs_mock.webhooks.dispatcher.xǁWebhookDispatcherǁ_attempt__mutmut_12",
    "no tests",
    "- again = due\n+ again = None",
)
KILLED = Mutant("eachlabs_mock.core.limits.x_slot_wait__mutmut_5", "killed", "- return 0\n+ return 2")
UNTRIED = Mutant("eachlabs_mock.core.limits.x_slot_wait__mutmut_6", "not checked", "- return 0\n+ return 3")
SLOTS = Reason("It makes no difference.", ("eachlabs_mock.core.limits.*",), r"^\+ return 1$", 1)
NONE = Reason("Nothing is like that.", ("eachlabs_mock.other.*",), "", 2)


@pytest.mark.parametrize(
    ("mutant", "function"),
    [
        (LIVES, "eachlabs_mock.core.limits.slot_wait"),
        (METHOD, "eachlabs_mock.webhooks.dispatcher.WebhookDispatcher._attempt"),
    ],
)
def test_mutant_is_known_by_its_function_not_by_its_number(mutant: Mutant, function: str) -> None:
    assert mutant.function == function


def test_module_of_a_method_is_without_its_class() -> None:
    assert METHOD.module == "eachlabs_mock.webhooks.dispatcher"


def test_name_that_is_none_of_mutmut_s_is_said_so() -> None:
    with pytest.raises(AssertionError, match="'elsewhere'"):
        _ = Mutant("elsewhere", "survived").function


@pytest.mark.parametrize(
    ("functions", "change", "covers"),
    [
        ("eachlabs_mock.core.limits.slot_wait", "", True),
        ("eachlabs_mock.*", r"^- return 0", True),
        ("eachlabs_mock.*", r"return 7", False),
        ("eachlabs_mock.core.planner.*", "", False),
    ],
)
def test_reason_covers_what_it_names_by_function_and_change(functions: str, change: str, *, covers: bool) -> None:
    assert Reason("why", (functions,), change, 1).covers(LIVES) is covers


def test_mutant_that_lives_without_a_reason_is_named_with_its_change() -> None:
    account = Account((LIVES, KILLED), ())

    assert account.unexplained == [LIVES]
    assert not account.is_settled
    assert "\n".join(account.lines()).endswith(
        f"not explained (survived): {LIVES.name}\n    - return 0\n    + return 1"
    )


def test_mutant_that_no_test_reaches_wants_a_reason_as_well() -> None:
    assert Account((METHOD,), ()).unexplained == [METHOD]


@pytest.mark.parametrize("mutant", [KILLED, UNTRIED])
def test_mutant_that_does_not_live_wants_no_reason(mutant: Mutant) -> None:
    assert Account((mutant,), ()).is_settled


def test_reason_settles_what_it_covers() -> None:
    assert Account((LIVES, KILLED), (SLOTS,)).is_settled


def test_reason_that_covers_more_than_was_read_settles_nothing() -> None:
    account = Account((LIVES, LIVES), (SLOTS,))

    assert account.overstretched == [(SLOTS, 2)]
    assert not account.is_settled
    assert f"covers 2, and 1 were read: {SLOTS.why}" in "\n".join(account.lines())


def test_mutant_is_put_down_to_the_first_reason_only() -> None:
    account = Account((LIVES,), (SLOTS, Reason("Again.", ("*",), "", 1)))

    assert [covered for _, covered in account.idle] == [0]


def test_reason_that_covers_nothing_any_more_is_named_and_does_no_harm() -> None:
    account = Account((LIVES,), (SLOTS, NONE))

    assert account.idle == [(NONE, 0)]
    assert account.is_settled
    assert "covers nothing and covered 2: Nothing is like that." in "\n".join(account.lines())


def test_no_reason_is_called_idle_before_all_were_tried() -> None:
    assert Account((LIVES, UNTRIED), (SLOTS, NONE)).idle == []


def test_table_counts_by_module() -> None:
    _, limits, webhooks, total, explained = Account((LIVES, KILLED, UNTRIED, METHOD), (SLOTS,))._table()

    assert limits.split() == ["eachlabs_mock.core.limits", "1", "1", "0", "1"]
    assert webhooks.split() == ["eachlabs_mock.webhooks.dispatcher", "0", "0", "1", "0"]
    assert total.split() == ["all", "1", "1", "1", "1"]
    assert explained == "1 of 2 that live are explained"


def test_time_out_counts_as_killed() -> None:
    slow = Mutant("eachlabs_mock.core.limits.x_slot_wait__mutmut_7", "timeout")

    assert Account((slow,), ()).alive == []


def test_change_is_what_a_diff_takes_away_and_puts_there() -> None:
    diff = "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n def f():\n-    return 1\n+    return 2"

    assert _change(diff) == "- return 1\n+ return 2"


def test_reasons_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text('[[reason]]\nwhy = "So it is."\nfunctions = ["a.*"]\ncount = 3\n')

    assert read_reasons(file) == (Reason("So it is.", ("a.*",), "", 3),)


@pytest.mark.parametrize("reason", read_reasons(REASONS), ids=lambda each: each.why[:40])
def test_each_reason_is_a_sentence_about_some_mutants(reason: Reason) -> None:
    assert reason.why.endswith(".")
    assert reason.functions
    assert reason.count > 0


@pytest.mark.parametrize(("keep", "left"), [(RESULTS, ["limits.py.meta"]), (frozenset(), [])])
def test_copies_of_our_files_are_made_anew_and_results_are_kept_if_wanted(
    tmp_path: Path, keep: frozenset[str], left: list[str]
) -> None:
    for name in ("limits.py", "limits.py.meta", "mutmut-stats.json"):
        (tmp_path / name).write_text("{}")

    _clear(tmp_path, keep)

    assert [each.name for each in tmp_path.iterdir()] == left


def test_each_choice_on_trial_is_known() -> None:
    assert {each.claim.id for each in TRIED if each.claim.level is Level.CHOICE} == OBSERVED.keys()


def mutated_functions() -> Iterator[str]:
    """Yield the functions and methods of the modules that mutants are made of, with their modules and classes."""
    root = Path(__file__).parents[2]
    for file in tomllib.loads((root / "pyproject.toml").read_text())["tool"]["mutmut"]["only_mutate"]:
        module = file.removeprefix("mock_server/").removesuffix(".py").replace("/", ".")
        for node in ast.parse((root / file).read_text()).body:
            owner = f".{node.name}" if isinstance(node, ast.ClassDef) else ""
            for function in node.body if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(function, ast.FunctionDef):
                    yield f"{module}{owner}.{function.name}"


def test_each_reason_names_functions_that_exist() -> None:
    functions = list(mutated_functions())
    patterns = [pattern for reason in read_reasons(REASONS) for pattern in reason.functions]

    assert [each for each in patterns if not any(fnmatchcase(name, each) for name in functions)] == []
