"""The pytest plugin: one test for each claim, over HTTP and in process, told as plainly as on the terminal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eachlabs_contract.runner import catalogue
from helpers.judged import emulator
from helpers.serving import serving

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

TESTS = str(Path(__file__).parents[1])
APPS = """
import json
from helpers.judged import emulator
from werkzeug import Request, Response


app = emulator()

def make():
    return emulator(api_key=("contract-harness", "contract-harness-second"))

def raising():
    raise RuntimeError("no database")

@Request.application
def broken(request):
    code = 404 if request.method == "GET" else 400
    return Response(json.dumps({"status": "error", "message": "no", "details": "such"}), code)
"""


@dataclass(frozen=True)
class Ran:
    code: int
    output: str

    @property
    def last(self) -> str:
        return self.output.splitlines()[-1]


Run = Callable[..., Ran]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Runs pytest as somebody else would: in a directory with tests and applications of their own."""
    pytester.makepyfile(apps=APPS, test_own="def test_own(): pass")
    pytester.makeini(f"[pytest]\npythonpath = {TESTS}")

    def run(*arguments: str) -> Ran:
        without = ("no:cacheprovider", "no:randomly", "no:schemathesis", "no:xdist")
        plugins = [word for each in (*without, "eachlabs_contract.pytest_plugin") for word in ("-p", each)]
        done = pytester.runpytest_inprocess(*plugins, *arguments)
        return Ran(done.ret, done.stdout.str() + done.stderr.str())

    return run


@pytest.fixture
def url() -> Iterator[str]:
    with serving(emulator()) as url:
        yield url


def test_each_claim_is_a_test(run: Run) -> None:
    ran = run("--contract-url", "http://127.0.0.1:1", "--collect-only", "-q")

    assert [line for line in ran.output.splitlines() if line.startswith("contract::")] == [
        f"contract::{each.claim.id}" for each in catalogue.TESTS
    ]


def test_plugin_does_nothing_unasked(run: Run) -> None:
    assert "1 passed" in run().last


def test_server_is_held_to_the_claims_alone(run: Run, url: str) -> None:
    ran = run("--contract-url", url, "--contract-check", "envelope.missing-key")

    assert ran.code == 0, ran.output
    assert "1 passed" in ran.last


def test_own_tests_run_too_where_they_are_named(run: Run, url: str) -> None:
    ran = run("test_own.py", "--contract-url", url, "--contract-check", "envelope.missing-key")

    assert "2 passed" in ran.last


def test_claims_are_chosen_by_name(run: Run, url: str) -> None:
    ran = run("--contract-url", url, "--contract-group", "envelope", "-k", "missing-key")

    assert "1 passed" in ran.last


def test_what_the_server_does_where_the_page_is_silent_is_listed(run: Run, url: str) -> None:
    ran = run("--contract-url", url, "--contract-check", "envelope.bearer")

    assert "where the page says nothing" in ran.output
    assert "\nenvelope.bearer: a bearer token is accepted\n" in ran.output


def test_claim_that_cannot_be_tried_is_skipped_with_the_reason(run: Run, url: str) -> None:
    ran = run("--contract-url", url, "--contract-control", "off", "--contract-check", "limits.slots", "-rs")

    assert "1 skipped" in ran.last
    assert "limits that can be switched on and off (a control plane)" in ran.output


def test_own_application_is_held_to_the_claims(run: Run) -> None:
    ran = run(
        "--contract-app", "apps:app", "--contract-check", "envelope.missing-key", "--contract-check", "laws.one-output"
    )

    assert ran.code == 1, ran.output
    assert "1 failed, 1 passed" in ran.last
    assert "This was not tested: no event tested it" in ran.output


def test_application_may_be_made_on_the_spot(run: Run) -> None:
    assert "1 passed" in run("--contract-app", "apps:make()", "--contract-check", "envelope.bad-key").last


def test_application_that_cannot_be_made_shows_why(run: Run) -> None:
    ran = run("--contract-app", "apps:raising()", "--contract-check", "envelope.bad-key")

    assert ran.code == 1
    assert "RuntimeError: no database" in ran.output


def test_broken_claim_is_told_as_on_the_terminal(run: Run) -> None:
    ran = run("--contract-app", "apps:broken", "--contract-check", "envelope.missing-key", "--contract-seed", "4")

    assert ran.code == 1
    assert "claim     A request without a key is answered 401.\n" in ran.output
    assert "expected  401, since no key was sent\n" in ran.output
    assert (
        "rerun     pytest -p eachlabs_contract.pytest_plugin --contract-app apps:broken"
        " --contract-check envelope.missing-key --contract-seed 4\n"
    ) in ran.output
    assert "Traceback" not in ran.output


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--contract-url", "http://127.0.0.1:1"], 2, "no server answers at http://127.0.0.1:1: "),
        (["--contract-url", "x"], 2, "'x' is not an http or https address"),
        (["--contract-app", "apps:ap"], 2, "--contract-app apps:ap: module 'apps' has no attribute 'ap'"),
        (["--contract-app", "nowhere:app"], 2, "--contract-app nowhere:app: No module named 'nowhere'"),
        (["--contract-app", "apps:app", "--contract-model", "qwen"], 2, "unknown model 'qwen'"),
        (["--contract-app", "apps:app", "--contract-url", "http://127.0.0.1:1"], 4, "use either --contract-url or"),
        (["--contract-app", "apps:app", "--contract-group", "limit"], 4, "did you mean limits?"),
    ],
)
def test_bad_input_is_told_in_a_line(run: Run, arguments: list[str], code: int, line: str) -> None:
    ran = run(*arguments)

    assert ran.code == code, ran.output
    assert line in ran.output
    assert "Traceback" not in ran.output


def test_processes_of_xdist_have_worlds_of_their_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: set[str | None] = set()
    app = emulator()

    def watched(environ: dict[str, Any], start: Any) -> Any:
        keys.add(environ.get("HTTP_X_API_KEY"))
        return app(environ, start)

    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw7")
    with serving(watched) as url:
        ran = run("--contract-url", url, "--contract-check", "envelope.missing-key")

    assert ran.code == 0, ran.output
    assert keys == {None, "contract-harness-gw7", "contract-harness-second-gw7"}
