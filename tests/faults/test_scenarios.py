"""Scenario files: the built-in ones work, and invalid ones are refused with file and place."""

import tomllib
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner

from eachlabs_mock.__main__ import main
from eachlabs_mock.cli.validate import schema_text
from eachlabs_mock.faults.scenario import Scenario, ScenarioError, load_scenario, scenario_schema, shipped_scenarios
from eachlabs_mock.resources import shipped
from eachlabs_mock.settings.server import Settings
from helpers.armed import HOOK, take
from helpers.harness import Api
from helpers.owner import Owner

SHIPPED = shipped_scenarios()

BROKEN = {
    "no TOML": ("rules = [", "not valid TOML"),
    "unknown key": ("rulez = []", "rulez: unknown key; the keys are: description, settings, rules"),
    "description": ("description = 3", "description: must be a string"),
    "settings": ("settings = 3", "settings: must be a table"),
    "rules": ("rules = {}", "rules: must be tables, each written [[rules]]"),
    "unknown fault": ('[[rules]]\nfault = "stukc"', "rule 1, fault: unknown fault 'stukc'; did you mean stuck?"),
    "no fault": ('[[rules]]\nfault = "fail"\n[[rules]]\nrate = 1', "rule 2, fault: a rule must be an object"),
    "no table": ("rules = [1]", "rule 1, fault: a rule must be an object"),
    "wrong key": ('[[rules]]\nfault = "fail"\nmesage = "x"', 'rule 1, mesage: fail: mesage: received "x"'),
    "impossible rate": ('[[rules]]\nfault = "fail"\nrate = 1.5', "rule 1, rate: fail: rate: received 1.5"),
    "no number": ('[[rules]]\nfault = "fail"\nrate = nan', "rule 1, rate:"),
    "endless": ('[[rules]]\nfault = "fail"\nafter = inf', "rule 1, after:"),
    "a date": ('[[rules]]\nfault = "fail"\nmessage = 2026-02-05', "rule 1, message: fail: message: must be a string"),
    "elsewhere": ('[[rules]]\nfault = "fail"\nroute = "read"', "rule 1, route:"),
    "never": ('[[rules]]\nfault = "fail"\nafter = 2\nuntil = 1', "rule 1, until:"),
    "twice": ('[[rules]]\nfault = "fail"\nid = "a"\n[[rules]]\nfault = "slow"\nid = "a"', "rules: 2 rules have"),
    "unknown setting": ("[settings]\nspeed = 3", "settings.speed: 'speed' is not a setting of a world"),
    "bad setting": ('[settings]\nrate_limit = "x"', "settings.rate_limit: rate_limit: 'x' is neither N/SECONDS"),
}
REFUSED_BY_SCHEMA = set(BROKEN) - {"no TOML", "never", "twice", "bad setting", "a date", "no number", "endless"}


def written(directory: Path, text: str | bytes) -> str:
    file = directory / "mine.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_plays(name: str) -> None:
    owner = Owner(scenario=name, wire_faults=True)
    rules = load_scenario(name).rules
    for each in range(4):
        made = owner.create(webhook_url=HOOK, prompt=f"kite {each}")
        assert made.status_code in {200, 429, 500, 502}
    owner.ask("POST", "/clock/advance", {"seconds": 60})
    for each in owner.ask("GET", "/predictions")["predictions"]:
        owner.read(each["id"])

    shown = owner.ask("GET", "/faults")["faults"]
    assert [each["fault"] for each in shown] == [each.fault.name for each in rules]
    assert any(each["matches"] for each in shown) or name == "broken-outputs"


def test_a_scenario_is_played_in_every_world_and_again_after_a_reset() -> None:
    owner = Owner(scenario="lost-answers")

    def armed(key: str) -> int:
        return len(owner.ask("GET", "/faults", key=key)["faults"])

    first = armed("a"), armed("b")
    owner.ask("POST", "/reset?scope=faults", key="a")
    disarmed = armed("a")
    owner.ask("POST", "/reset", key="a")

    assert (first, disarmed, armed("a")) == ((1, 1), 0, 1)


def test_a_scenario_sets_worlds_otherwise_than_the_flags(tmp_path: Path) -> None:
    file = written(tmp_path, '[settings]\nmax_in_flight = 1\nduration = "7"\n')
    owner = Owner(scenario=file, max_in_flight=5)

    assert owner.ask("GET", "/settings")["max_in_flight"] == 1
    assert owner.ask("GET", "/settings")["duration"] == 7


def test_without_a_scenario_nothing_fails() -> None:
    assert load_scenario("") == Scenario()


@pytest.mark.parametrize("case", BROKEN)
def test_an_invalid_file_is_refused_with_its_name_and_the_place(case: str, tmp_path: Path) -> None:
    text, told = BROKEN[case]
    file = written(tmp_path, text)

    with pytest.raises(ScenarioError) as refused:
        load_scenario(file)

    assert str(refused.value).startswith(f"{file}: {told}")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_utf_8_is_refused_with_the_place_in_it(tmp_path: Path) -> None:
    file = written(tmp_path, b'description = "\xff"')

    with pytest.raises(ScenarioError, match=r"mine\.toml: not valid TOML: .* position 15"):
        load_scenario(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, "")

    def denied(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    with pytest.raises(ScenarioError, match="cannot read the file: Permission denied"):
        load_scenario(file)


@pytest.mark.parametrize(
    ("name", "advice"), [("nope", "the built-in scenarios are: bad-day"), ("bad-dya", "did you mean bad-day?")]
)
def test_an_unknown_scenario_is_refused_with_the_built_in_ones(name: str, advice: str) -> None:
    with pytest.raises(ScenarioError, match="no such file or built-in scenario") as refused:
        load_scenario(name)

    assert advice in str(refused.value)


def test_a_scenario_with_wire_faults_is_refused_without_their_flag() -> None:
    with pytest.raises(ScenarioError, match="--wire-faults"):
        load_scenario("broken-wire", Settings())


def test_the_schema_is_published_beside_the_scenarios() -> None:
    assert (shipped("scenarios") / "scenario.schema.json").read_text("utf-8") == schema_text()


def test_the_schema_is_printed_by_a_flag() -> None:
    assert CliRunner().invoke(main, ["validate", "--schema"]).output == schema_text()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_accepts_the_built_in_scenarios(name: str) -> None:
    jsonschema_rs.validator_for(scenario_schema()).validate(tomllib.loads(SHIPPED[name].read_text("utf-8")))


@pytest.mark.parametrize("case", sorted(REFUSED_BY_SCHEMA))
def test_the_schema_refuses_what_the_emulator_refuses(case: str) -> None:
    assert not jsonschema_rs.validator_for(scenario_schema()).is_valid(tomllib.loads(BROKEN[case][0]))


def test_validate_reports_each_file_and_fails_if_one_is_invalid(tmp_path: Path) -> None:
    file = written(tmp_path, BROKEN["impossible rate"][0])

    good = CliRunner().invoke(main, ["validate", "crowded", "broken-wire"])
    bad = CliRunner().invoke(main, ["validate", "crowded", file, "nope"])

    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout.startswith("crowded: 3 rules: The service is crowded")
    assert bad.exit_code == 2
    assert [line.split(": ")[:2] for line in bad.stderr.splitlines()] == [
        ["eachlabs-mock", file],
        ["eachlabs-mock", "nope"],
    ]


@pytest.mark.parametrize(("flags", "told"), [(["nope"], "built-in scenario"), (["broken-wire"], "--wire-faults")])
def test_a_server_with_an_invalid_scenario_does_not_start(flags: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--scenario", *flags])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("eachlabs-mock: ")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_rule_of_outputs_strikes_downloads() -> None:
    api = Api(scenario="broken-outputs")
    made = api.created()
    api.advance(3)

    seen = {take(api, "output", made).status_code for _ in range(20)}

    assert seen == {200, 404}
