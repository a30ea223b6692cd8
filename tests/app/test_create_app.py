"""`create_app()` is what a Flask programmer expects: a `flask.Flask`, without a server of ours."""

import os
import subprocess
import sys
from pathlib import Path

import flask
import pytest

import eachlabs_mock
from eachlabs_mock import Settings, create_app, patched
from helpers.harness import KEY
from helpers.receivers import receiving

CREATE = {"model": "qwen-image", "input": {"prompt": "a red bicycle"}, "webhook_url": ""}
HEADERS = {"X-API-Key": KEY}
BIN = Path(sys.executable).parent

pytest_plugins = ["pytester"]


def test_it_needs_no_argument_and_returns_a_flask_application() -> None:
    assert isinstance(create_app(), flask.Flask)


def test_its_test_client_creates_and_reads() -> None:
    client = create_app(log_format="off", progress="immediate").test_client()

    made = client.post("/v1/prediction/", json=CREATE, headers=HEADERS).get_json()["predictionID"]

    assert client.get(f"/v1/prediction/{made}", headers=HEADERS).get_json()["status"] == "success"


def test_a_setting_may_be_a_text_as_on_the_command_line() -> None:
    app = create_app(rate_limit="2/60", log_format="off")

    statuses = [app.test_client().get("/v1/prediction/none", headers=HEADERS).status_code for _ in range(3)]

    assert statuses == [404, 404, 429]


@pytest.mark.parametrize(
    ("settings", "kind", "text"),
    [
        ({"durations": 2}, TypeError, "unknown setting 'durations'; did you mean duration?"),
        ({"rate_limit": "often"}, ValueError, "rate_limit"),
    ],
)
def test_a_wrong_setting_is_an_error_that_says_what_is_right(
    settings: dict[str, object], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as caught:
        create_app(**settings)

    assert text in str(caught.value)


def test_the_parts_are_in_its_extensions() -> None:
    app = create_app(seed=7, log_format="off")

    assert app.extensions["eachlabs_mock"].emulator.seed == 7


def test_the_fast_lane_stands_inside_wsgi_app() -> None:
    with_lane, without = create_app(log_format="off"), create_app(log_format="off", lane=False)

    assert type(with_lane.wsgi_app).__name__ == "Lane"
    assert with_lane.test_client().get("/v1/nothing").data == without.test_client().get("/v1/nothing").data


def test_it_sends_webhooks_under_any_wsgi_server() -> None:
    app = create_app(duration=0.01, log_format="off")
    with receiving() as receiver:
        app.test_client().post("/v1/prediction/", json={**CREATE, "webhook_url": receiver.url}, headers=HEADERS)

        assert receiver.next()["status"] == "succeeded"


def test_it_is_ready_before_and_after_its_first_webhook() -> None:
    app = create_app(duration=0.01, log_format="off")
    before = app.test_client().get("/__mock/health/ready").status_code

    app.test_client().post("/v1/prediction/", json={**CREATE, "webhook_url": "http://127.0.0.1:9/"}, headers=HEADERS)

    assert (before, app.test_client().get("/__mock/health/ready").status_code) == (200, 200)


@pytest.mark.parametrize("name", ["eachlabs_mock", "eachlabs_mock:create_app(duration=0.1)"])
def test_the_flask_command_finds_it(name: str, tmp_path: Path) -> None:
    command = [str(BIN / "flask"), "--app", name, "routes"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "/v1/prediction/<prediction_id>" in run.stdout


def test_the_package_offers_its_three_names_and_no_other() -> None:
    assert eachlabs_mock.__all__ == ["Settings", "__version__", "create_app", "patched"]
    assert (Settings().port, callable(patched)) == (8780, True)
    with pytest.raises(AttributeError, match="has no attribute 'creat_app'"):
        eachlabs_mock.creat_app  # noqa: B018


@pytest.mark.parametrize(
    ("folder", "command"), [("mock_server", "serve"), ("contract", "check"), ("client", "generate")]
)
def test_each_folder_of_a_checkout_runs_its_command(folder: str, command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": ""}
    run = subprocess.run(
        [sys.executable, "-m", folder, "--help"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert command in run.stdout


def test_it_is_importable_beside_the_fixture_of_its_name(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import eachlabs_mock as emulator

        def test_both(eachlabs_mock):
            assert emulator.__version__
            assert eachlabs_mock.clock.mode == "manual"
        """
    )

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
