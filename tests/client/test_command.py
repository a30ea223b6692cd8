"""`eachlabs-client`: what it sends, saves, prints and exits with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from eachlabs_client.__main__ import main
from helpers.client_fakes import (
    BASE,
    CREATED,
    DONE,
    FAILED,
    ID,
    KEY,
    OUTPUT,
    PNG,
    REFUSED,
    RUNNING,
    FakeApi,
    Reply,
    connection_refused,
)

IMAGE = Reply(200, PNG, {"Content-Type": "image/png"})
Run = Callable[..., Result]


@pytest.fixture
def run(api: FakeApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command in an empty directory, with *api* behind every new session."""
    monkeypatch.setattr(requests.Session, "get_adapter", lambda _self, url: api)  # noqa: ARG005
    monkeypatch.setenv("EACHLABS_BASE_URL", BASE)
    monkeypatch.setenv("EACHLABS_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments], obj=api.clock)


def sent_input(api: FakeApi) -> Any:
    return json.loads(api.sent[0].request.body or b"")["input"]


# generate


def test_prompt_becomes_a_file_whose_path_is_all_of_standard_output(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, RUNNING), Reply(200, DONE), IMAGE]

    result = run("generate", "a lighthouse", "--out", "image.png")

    assert (result.exit_code, result.stdout) == (0, "image.png\n")
    assert result.stderr == f"created {ID}\nprocessing … 1 s, 1 poll\nsuccess … 3 s, 2 polls\n"
    assert Path("image.png").read_bytes() == PNG


def test_model_and_webhook_are_sent(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE), IMAGE]

    run("generate", "x", "--out", "image", "--model", "flux-2-pro", "--webhook-url", "http://me.test/")

    assert json.loads(api.sent[0].request.body or b"") == {
        "model": "flux-2-pro",
        "input": {"prompt": "x"},
        "webhook_url": "http://me.test/",
    }


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("guidance=3.5", "guidance", 3.5),
        ("seed=7", "seed", 7),
        ("go_fast=false", "go_fast", False),
        ("aspect_ratio=1:1", "aspect_ratio", "1:1"),
        ("loras=[1, 2]", "loras", [1, 2]),
        ("note=a=b", "note", "a=b"),
        ("note=", "note", ""),
        ("note=NaN", "note", "NaN"),
        ('seed="7"', "seed", "7"),
        ("output_format=png", "output_format", "png"),
    ],
)
def test_settings_are_json_where_they_parse_and_text_elsewhere(
    setting: str, name: str, value: Any, run: Run, api: FakeApi
) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE), IMAGE]

    run("generate", "x", "--out", "image.webp", "--set", setting)

    assert sent_input(api)[name] == value


@pytest.mark.parametrize(
    ("name", "model", "asked"),
    [
        ("a.webp", "qwen-image", "webp"),
        ("a.png", "qwen-image", "png"),
        ("a.jpg", "qwen-image", "jpg"),
        ("a.jpeg", "qwen-image", "jpg"),
        ("a.JPG", "qwen-image", "jpg"),
        ("a.jpg", "flux-2-pro", "jpeg"),
        ("a.jpeg", "flux-2-pro", "jpeg"),
        ("a.gif", "qwen-image", None),
        ("a", "qwen-image", None),
    ],
)
def test_suffix_asks_for_the_format_in_the_models_spelling(
    name: str, model: str, asked: str | None, run: Run, api: FakeApi
) -> None:
    api.script = [Reply(200, CREATED), Reply(200, DONE), IMAGE]

    run("generate", "x", "--out", name, "--model", model)

    assert sent_input(api).get("output_format") == asked


def test_several_outputs_are_numbered(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, CREATED), Reply(200, {**DONE, "output": [OUTPUT, OUTPUT]}), IMAGE, IMAGE]

    result = run("generate", "x", "--out", "image.png")

    assert (result.exit_code, result.stdout) == (0, "image-1.png\nimage-2.png\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--set", "guidance"], "'guidance' does not have the form NAME=VALUE"),
        (["--set", "=1"], "'=1' does not have the form NAME=VALUE"),
        (["--set", "prompt=y"], "the prompt is already set"),
        (["--out", "nowhere/image.png"], "there is no directory nowhere"),
        (["--deadline", "0"], "0.0 is not in the range"),
        (["--deadline", "soon"], "'soon' is not a valid float"),
        (["--base-url", "api.test"], "EACHLABS_BASE_URL"),
        (["--api-key", "a b"], "printable ASCII"),
    ],
)
def test_wrong_usage_is_code_2_before_anything_is_sent(
    arguments: list[str], complaint: str, run: Run, api: FakeApi
) -> None:
    result = run("generate", "x", "--out", "image.png", *arguments)

    assert (result.exit_code, api.sent) == (2, [])
    assert complaint in " ".join(result.stderr.split())


def test_missing_key_is_code_2_and_names_the_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EACHLABS_API_KEY")

    result = run("generate", "x", "--out", "image.png")

    assert (result.exit_code, result.stderr) == (
        2,
        "eachlabs-client: no API key: set the variable EACHLABS_API_KEY or pass api_key.\n",
    )


def test_existing_file_is_refused_before_anything_is_paid_for(run: Run, api: FakeApi) -> None:
    Path("image.png").write_bytes(b"old")

    result = run("generate", "x", "--out", "image.png")

    assert (result.exit_code, api.sent, Path("image.png").read_bytes()) == (2, [], b"old")
    assert "image.png exists; --force overwrites it" in result.stderr


def test_force_overwrites(run: Run, api: FakeApi) -> None:
    Path("image.png").write_bytes(b"old")
    api.script = [Reply(200, CREATED), Reply(200, DONE), IMAGE]

    result = run("generate", "x", "--out", "image.png", "--force")

    assert (result.exit_code, Path("image.png").read_bytes()) == (0, PNG)


def test_existing_numbered_file_is_kept_and_the_prediction_is_not_lost(run: Run, api: FakeApi) -> None:
    Path("image-2.png").write_bytes(b"old")
    api.script = [Reply(200, CREATED), Reply(200, {**DONE, "output": [OUTPUT, OUTPUT]})]

    result = run("generate", "x", "--out", "image.png")

    assert (result.exit_code, Path("image-2.png").read_bytes()) == (1, b"old")
    assert "image-2.png exists" in result.stderr
    assert f"eachlabs-client get {ID} --out FILE" in result.stderr


LATER = f"Get it later with: eachlabs-client get {ID} --out FILE"
LONGER = "Allow a longer deadline."
UNHARMED = "The prediction is not affected; downloading its output again is free."
LISTENS = "Check the base URL (EACHLABS_BASE_URL) and that a server is running there."
NOBODY = "None: Failed to establish a new connection"
CHARGED = "The prediction may have been created and charged; check this before you try again."


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (
            [Reply(400, REFUSED)],
            "No: Because [HTTP 400]. Correct the request before sending it again.",
        ),
        ([Reply(401, REFUSED)], "No: Because [HTTP 401]. Check the API key (EACHLABS_API_KEY)."),
        ([Reply(500, REFUSED)], f"No: Because [HTTP 500]. {CHARGED}"),
        ([Reply(200, FAILED)], f"It failed: The reason. {CHARGED}"),
        (
            [connection_refused()],
            f"cannot connect to {BASE}/prediction/; nothing was sent: {NOBODY}. {LISTENS}",
        ),
        (
            [Reply(200, CREATED), Reply(200, FAILED)],
            "It failed: The reason. A new attempt is a new prediction and is charged separately.",
        ),
        ([Reply(200, CREATED), Reply(500, REFUSED)], f"No: Because [HTTP 500]. {LATER}"),
        (
            [Reply(200, CREATED), Reply(401, REFUSED)],
            "No: Because [HTTP 401]. Check the API key (EACHLABS_API_KEY).",
        ),
        (
            [Reply(200, CREATED), Reply(200, {"status": "success"})],
            f"the prediction succeeded, but has no output. {UNHARMED} {LATER}",
        ),
        (
            [Reply(200, CREATED), Reply(200, RUNNING)],
            f"prediction {ID} was still processing when the deadline of 299 s was reached. {LONGER} {LATER}",
        ),
        (
            [Reply(400, {"status": "error", "message": "a\x1b[2J\nb", "details": "c\r\td"})],
            "a [2J b: c d [HTTP 400]. Correct the request before sending it again.",
        ),
    ],
)
def test_failure_is_one_line_that_says_what_to_do_and_code_1(
    script: list[Any], line: str, run: Run, api: FakeApi
) -> None:
    api.script = script

    result = run("generate", "x", "--out", "image.png", "--deadline", "299")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == f"eachlabs-client: {line}"
    assert "Traceback" not in result.output
    assert not Path("image.png").exists()


@pytest.mark.parametrize("body", [{"status": "error", "message": KEY, "details": KEY}, {"error": f"bad key {KEY}"}])
def test_key_is_not_printed(body: Any, run: Run, api: FakeApi) -> None:
    api.script = [Reply(401, body)]

    result = run("generate", "x", "--out", "image.png")

    assert KEY not in result.output


def test_no_server_steers_the_terminal(run: Run, api: FakeApi) -> None:
    actions = "\x1b[2J\x07\r\x9b31m\u202e"
    done = {**DONE, "predictionID": actions, "message": actions, "output": f"http://files.test/{actions}"}
    api.script = [Reply(200, {**CREATED, "predictionID": actions}), Reply(200, done), Reply(404)]

    result = run("generate", "x", "--out", "image.png")
    api.script = [Reply(200, done)]
    shown = run("get", ID)

    assert result.exit_code == 1
    assert [each for each in result.output + shown.output if not (each.isprintable() or each == "\n")] == []
    assert json.loads(shown.stdout)["message"] == actions


def test_create_and_wait_share_the_deadline(run: Run, api: FakeApi) -> None:
    api.script = [Reply(429, REFUSED, {"Retry-After": "20"}), Reply(200, CREATED), Reply(200, RUNNING)]
    start = api.clock.at

    run("generate", "x", "--out", "image.png", "--deadline", "30")

    assert api.sent[-1].at == start + 29.5


@pytest.mark.parametrize(
    ("script", "advice"), [([KeyboardInterrupt], CHARGED), ([Reply(200, CREATED), KeyboardInterrupt], LATER)]
)
def test_interrupt_is_code_130_and_loses_nothing_paid_for(
    script: list[Any], advice: str, run: Run, api: FakeApi
) -> None:
    api.script = script

    result = run("generate", "x", "--out", "image.png")

    assert result.exit_code == 130
    assert result.stderr.endswith(f"eachlabs-client: interrupted. {advice}\n")


# get


def test_get_prints_the_state_as_json(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, DONE)]

    result = run("get", ID)

    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "id": ID,
        "status": "success",
        "output": [OUTPUT],
        "message": "",
        "details": "",
        "predict_time": 2.5,
    }


def test_get_of_a_running_prediction_is_code_0(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING)]

    result = run("get", ID)

    assert (result.exit_code, json.loads(result.stdout)["status"], len(api.sent)) == (0, "processing", 1)


def test_get_of_a_failed_prediction_is_code_1_and_prints_both(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, FAILED)]

    result = run("get", ID)

    assert (result.exit_code, json.loads(result.stdout)["status"]) == (1, "error")
    assert "It failed: The reason" in result.stderr


def test_get_of_an_unknown_prediction_is_code_1(run: Run, api: FakeApi) -> None:
    api.script = [Reply(404, REFUSED)]

    result = run("get", ID)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Check the id or the model" in result.stderr


def test_get_with_out_waits_and_saves(run: Run, api: FakeApi) -> None:
    api.script = [Reply(200, RUNNING), Reply(200, DONE), IMAGE]

    result = run("get", ID, "--out", "image.png")

    assert (result.exit_code, result.stdout, Path("image.png").read_bytes()) == (0, "image.png\n", PNG)


def test_get_with_out_refuses_an_existing_file(run: Run, api: FakeApi) -> None:
    Path("image.png").write_bytes(b"old")

    result = run("get", ID, "--out", "image.png")

    assert (result.exit_code, api.sent) == (2, [])


# help


def test_help_tells_the_exit_codes(run: Run) -> None:
    result = run("--help")

    assert "Exit codes: 0 success; 1 refusal" in " ".join(result.output.split())
