"""The command `eachlabs-contract`: what it says, what it ends with, and what it makes of bad input."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from werkzeug import Request, Response

from eachlabs_contract.checks.check import Check, check
from eachlabs_contract.checks.session import Session
from eachlabs_contract.cli import check as commands
from eachlabs_contract.cli import group
from eachlabs_contract.laws.law import Law
from eachlabs_contract.reports import explanation
from eachlabs_contract.runner import catalogue
from eachlabs_contract.runner.runner import Runner
from eachlabs_contract.spec.claim import Group
from eachlabs_contract.targets.open import in_process
from eachlabs_contract.verdict import Finding
from helpers.judged import emulator
from helpers.serving import answering, serving

ONE = "envelope.missing-key"


def ran(*arguments: str, **environment: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1", **environment}).invoke(group.main, arguments)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(emulator()) as url:
        yield url


def keyless(request: Request) -> Response:
    """A prediction API that asks nobody for a key."""
    code = 404 if request.method == "GET" else 400
    return Response(json.dumps({"status": "error", "message": "no", "details": "such"}), code)


# check


def test_kept_claim_ends_with_0(url: str) -> None:
    result = ran("check", url, "--check", ONE)

    assert result.exit_code == 0, result.output
    assert f"holds           {ONE}  MUST    A request without a key is answered 401." in result.stdout
    assert f"1 claim about {url}: 1 holds." in result.stdout
    assert "Exit code 0: every tested claim holds." in result.stdout


def test_broken_claim_ends_with_1_and_is_told() -> None:
    with serving(answering(keyless)) as url:
        result = ran("check", url, "--check", ONE, "--seed", "7")

    lines = [each.split(maxsplit=1) for each in result.stdout.splitlines() if each]
    told = {word: rest for word, *rest in lines}
    assert result.exit_code == 1
    assert told["expected"] == ["401, since no key was sent"]
    assert told["got"][0].startswith("400 ")
    assert told["rerun"] == [f"eachlabs-contract check {url} --check {ONE} --seed 7"]


def test_must_that_cannot_be_tried_ends_with_3(url: str) -> None:
    result = ran("check", url, "--check", "limits.slots", "--control", "off")

    assert result.exit_code == 3
    assert "Exit code 3: a MUST was not tested." in result.stdout


def test_v1_and_environment_are_as_good(url: str) -> None:
    result = ran("check", "--check", ONE, EACHLABS_BASE_URL=f"{url}/v1", EACHLABS_API_KEY="mine")

    assert result.exit_code == 0


def test_command_to_try_again_names_what_is_unusual() -> None:
    with serving(answering(keyless)) as url:
        result = ran("check", url, "--check", ONE, "--control", "off", "--model", "z-image-turbo-lora")

    again = f"eachlabs-contract check {url} --control off --model z-image-turbo-lora --check {ONE} --seed 0"
    assert again in result.stdout


def test_worlds_are_left_as_the_start_made_them() -> None:
    app = emulator()
    with serving(app) as url:
        ran("check", url, "--check", "limits.slots")

    with in_process(app) as target:
        assert target.owner.control is not None
        settings = target.owner.control.call("GET", "/settings")
    assert settings == {**settings, "rate_limit": "100/60", "max_in_flight": 10}


@pytest.mark.slow
def test_group_and_id_are_both_tried(url: str) -> None:
    result = ran("check", url, "--group", "races", "--check", ONE)

    tried = {line.split()[1].partition(".")[0] for line in result.stdout.splitlines() if line.startswith("holds")}
    assert tried == {"races", "envelope"}


def test_reports_are_written(url: str, tmp_path: Path) -> None:
    ran("check", url, "--check", ONE, "--report", str(tmp_path / "report"))

    said = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [each["verdict"] for each in said["claims"]] == ["holds"]
    assert said["claims"][0]["method"] == "Sends a create and a read without any key."
    assert (tmp_path / "report" / "claims" / f"{ONE}.html").exists()


def test_interrupted_run_says_what_it_found(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    findings = Runner.finding
    left: list[bool] = []

    def interrupted(self: Runner, test: Check | Law) -> Finding:
        if test.claim.id != ONE:
            raise KeyboardInterrupt
        return findings(self, test)

    monkeypatch.setattr(Runner, "finding", interrupted)
    monkeypatch.setattr(Runner, "leave", lambda _self: left.append(True))
    result = ran("check", url, "--check", ONE, "--group", "races", "--report", str(tmp_path))

    assert result.exit_code == 130
    assert "Interrupted after 1 of 6 claims; no reports were written." in result.stdout
    assert f"1 claim about {url}: 1 holds." in result.stdout
    assert "Exit code" not in result.stdout
    assert left == [True]


# Bad input


def refused(*arguments: str) -> str:
    result = ran("check", *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--check", "envelope.missing-keys"],
            "Error: unknown claim 'envelope.missing-keys'; did you mean envelope.missing-key",
        ),
        (["--check", "zzz"], "Error: unknown claim 'zzz'; see eachlabs-contract list"),
        (["--group", "limit"], "Error: unknown group 'limit'; did you mean limits?"),
        (["--group", "zzz"], "Error: unknown group 'zzz'; known: parameters, envelope, "),
        (["--model", "qwen"], "Error: unknown model 'qwen'; known models: "),
    ],
)
def test_unknown_name_is_refused_with_advice(url: str, arguments: list[str], line: str) -> None:
    assert refused(url, *arguments).startswith(line)


def test_address_that_is_none_is_refused() -> None:
    assert refused("127.0.0.1:8780").endswith("is not an http or https address; did you mean http://127.0.0.1:8780?")


def test_wrong_key_is_refused() -> None:
    with serving(emulator(api_key=("mine",))) as url:
        assert refused(url, "--api-key", "yours") == f"Error: the server at {url} refuses the given key (401)"


def test_report_that_cannot_be_written_is_refused_before_the_run(url: str, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "claims").write_text("in the way")

    assert "File exists" in refused(url, "--check", ONE, "--report", str(tmp_path / "report"))


@pytest.mark.parametrize("library", ["schemathesis", "eachlabs_contract.cli.check"])
def test_missing_library_is_named(url: str, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    assert refused(url).endswith(": run pip install '.[contract]' in a checkout, or install the wheel with [contract]")


def test_unknown_command_is_refused() -> None:
    assert "No such command 'chek'" in ran("chek").stderr


def test_help_names_every_command() -> None:
    said = ran("--help").stdout

    assert [line.split()[0] for line in said.partition("Commands:\n")[2].splitlines()] == [*group.COMMANDS]


def test_run_interrupted_before_it_began_ends_with_130(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "over_http", interrupted)

    assert ran("check", url).exit_code == 130


# list, explain, help


def test_command_runs_as_a_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["eachlabs-contract", "list", "--group", "laws"])

    with pytest.raises(SystemExit) as ended:
        group.main()

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("laws.")


def test_list_has_a_line_for_each_claim() -> None:
    lines = ran("list").stdout.splitlines()

    assert [each.split()[0] for each in lines] == [each.claim.id for each in catalogue.TESTS]


def test_list_of_a_group_has_that_group_only() -> None:
    lines = ran("list", "--group", "laws").stdout.splitlines()

    assert {each.partition(".")[0] for each in lines} == {"laws"}


@pytest.mark.parametrize("arguments", [["list"], ["explain", "shape.keys"], ["explain", ONE]])
def test_claims_are_told_without_the_machinery_that_tries_them(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from eachlabs_contract.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(*{each.partition('.')[0] for each in sys.modules}, file=sys.stderr)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)

    heavy = {"PIL", "flask", "hypothesis", "jinja2", "requests", "schemathesis", "urllib3", "werkzeug", "yaml"}
    assert heavy & set(ended.stderr.split()) == set()


def test_help_says_what_each_exit_code_means() -> None:
    said = " ".join(ran("check", "--help").stdout.split())

    assert "0 every tested claim holds; 1 a claim is broken; 2 usage error; 3 a MUST" in said


def test_explanation_has_all_there_is_to_know() -> None:
    said = ran("explain", ONE).stdout

    assert said.startswith(f"{ONE}: A request without a key is answered 401.\n")
    for line in (
        "  Level             MUST",
        '  Source            page, "Authentication"',
        "  Test method       Sends a create and a read without any key.",
        "  Needs             only the API and a key",
        "  Costs             no paid execution",
        "  Example           curl -X POST http://127.0.0.1:8780/v1/prediction/",
        "  Expected          401, since no key was sent",
    ):
        assert line in said


def test_explanation_says_what_a_check_costs() -> None:
    assert "  Costs             at most 6 paid executions, 0.150 USD\n" in ran("explain", "outputs.aspect-ratio").stdout


def test_law_needs_nothing_of_its_own() -> None:
    said = ran("explain", catalogue.LAWS[0].claim.id).stdout

    assert "  Needs             nothing: it examines the exchanges of all other checks\n" in said


def test_check_that_asks_nothing_has_no_example() -> None:
    @check("envelope.idle", "Nothing is asked.", source="here")
    def idle(_session: Session) -> None:
        """Asks nothing."""

    assert [name for name, _ in explanation.explain_claim(idle)][-1] == "Costs"


def test_example_and_expectation_belong_together() -> None:
    said = ran("explain", "parameters.any-text-accepted").stdout

    assert '"prompt": "  a lighthouse  "' in said
    assert '  Expected          200, since prompt is "  a lighthouse  ", spaces around it\n' in said


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("parameters.lower-bound-accepted", "200, since num_inference_steps is 1, the documented minimum"),
        ("parameters.refusal-body", "the error body: status, message and details, since prompt is null"),
        ("parameters.boolean-number-refused", "400, since seed is true, a boolean where an integer is documented"),
        (
            "limits.refusal",
            "429 and the documented error body (status, message, details), since 100 requests have passed",
        ),
        ("outputs.length", "Content-Length: 35, as with GET"),
        ("outputs.seed-matters", "a picture other than that of seed 7"),
    ],
)
def test_expectation_is_the_promise_whatever_a_made_up_server_answers(identity: str, expected: str) -> None:
    assert f"  Expected          {expected}" in ran("explain", identity).stdout


def test_unknown_claim_is_not_explained() -> None:
    result = ran("explain", "envelope.missing")

    assert result.exit_code == 2
    assert "did you mean envelope.missing-key" in result.stderr


@pytest.mark.parametrize("group", Group)
def test_a_claim_of_each_group_is_explained(group: Group) -> None:
    first = next(each.claim.id for each in catalogue.TESTS if each.claim.group is group)

    said = ran("explain", first).stdout

    assert [line.split()[0] for line in said.splitlines()[2:7]] == ["Level", "Source", "Test", "Needs", "Costs"]
    assert "\n  Example  " in said


@pytest.mark.parametrize("each", catalogue.TESTS, ids=lambda each: each.claim.id)
def test_every_claim_says_how_it_is_tested(each: Check | Law) -> None:
    assert each.method.endswith(".")
    assert each.claim.sentence.endswith(".")
    assert each.claim.source


def test_ids_are_unique() -> None:
    assert len({each.claim.id for each in catalogue.TESTS}) == len(catalogue.TESTS)
