"""The harness sees every defect that is planted, by the very claim that it breaks; and anybody may have one served."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from defects.catalogue import DEFECTS, Defect, defect
from defects.faulty import main
from eachlabs_contract.verdict import Verdict, exit_code
from eachlabs_mock.app import assemble
from eachlabs_mock.settings.server import Settings
from helpers.judged import judged

TESTS = Path(__file__).parents[1]
KEY = {"X-API-Key": "key-of-a-test"}


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Any]]:
    """The ready line of a server with the defect P07."""
    command = [sys.executable, "-m", "defects.faulty", "P07", "--port", "0"]
    with subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize("planted", DEFECTS, ids=lambda each: each.id)
def test_a_defect_breaks_its_claim(planted: Defect) -> None:
    app = planted.plant(assemble(Settings(seed=7, log_format="off")))

    findings = judged(planted.claim, app=app)

    assert findings[planted.claim].verdict is Verdict.BROKEN, planted.title
    assert exit_code(findings.values()) == 1


def test_there_are_sixty_defects() -> None:
    assert len({each.id for each in DEFECTS}) == len({each.title for each in DEFECTS}) == 60


def test_a_defect_is_found_in_any_case() -> None:
    assert defect("p07").title == "num_inference_steps: 0 passes"


def test_an_unknown_defect_is_refused_in_one_line_that_lists_those_there_are() -> None:
    result = CliRunner().invoke(main, ["P99"])

    assert result.exit_code == 2
    assert result.output.startswith("faulty: there is no defect 'P99'; these there are: P01 P02")
    assert result.output.count("\n") == 1


def test_a_defect_is_served_over_http(served: dict[str, Any]) -> None:
    body = {"model": "qwen-image", "input": {"prompt": "a red bicycle", "num_inference_steps": 0}}

    answer = requests.post(f"{served['base_url']}/prediction/", json=body, headers=KEY, timeout=10)

    assert (served["event"], answer.status_code) == ("ready", 200)


def test_a_taken_port_is_refused(served: dict[str, Any]) -> None:
    result = CliRunner().invoke(main, ["P07", "--port", str(served["port"])])

    assert result.exit_code == 2
    assert "in use" in result.output
