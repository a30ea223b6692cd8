"""Whatever a caller, a file or a server says is shown as text: no browser runs it, no terminal obeys it."""

import io
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from PIL import Image
from werkzeug.test import TestResponse

from eachlabs_mock.__main__ import main
from eachlabs_mock.console import printable
from eachlabs_mock.load.counters import Counters
from eachlabs_mock.load.metrics import compute_metrics
from eachlabs_mock.load.text import rows
from eachlabs_mock.models import shipped_models
from eachlabs_mock.webhooks.egress import Outcome
from helpers.harness import Api

SCRIPT = "<script>fetch('/__mock/reset', {method: 'POST'})</script><svg onload=alert(1)>&\"'-->]]>"

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

IMAGE_DESCRIPTION = 270


def finished(api: Api, **options: Any) -> TestResponse:
    """Return the answer to the download of what a create with *options* has made."""
    made = api.created(**options)
    api.advance(3)
    return api.get(f"/outputs/{made}.{options.get('output_format', 'webp')}", key=None)


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_an_output_that_a_prompt_makes_a_page_is_one_that_runs_nothing(extension: str) -> None:
    prompt = f"{SCRIPT} [mock:wrong_content_type; route=output]"

    answer = finished(Api(), prompt=prompt, output_format=extension)

    assert (answer.status_code, answer.content_type) == (200, "text/html")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert b"<script" not in answer.data
    assert b"<svg" not in answer.data


@pytest.mark.parametrize("extension", ["png", "jpg", "webp"])
def test_the_metadata_of_an_image_say_all_the_same_what_was_asked(extension: str) -> None:
    image = Image.open(io.BytesIO(finished(Api(), prompt=SCRIPT, output_format=extension).data))

    text = image.info["Description"] if extension == "png" else image.getexif()[IMAGE_DESCRIPTION]

    assert json.loads(text)["input"]["prompt"] == SCRIPT
    assert "<" not in text


@pytest.mark.parametrize("fault", ["truncate", "not_an_image", "expired", "empty_body", "http_error; body=html"])
def test_every_answer_below_outputs_is_inert_whatever_befalls_it(fault: str) -> None:
    answer = finished(Api(), prompt=f"x [mock:{fault}; route=output]")

    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/outputs/none.webp", "/outputs/", "/outputs/<script>", "/outputs/a/b"])
def test_a_refusal_below_outputs_is_inert_too(path: str) -> None:
    answer = Api().get(path)

    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", ["/__mock/version", "/__mock/state", "/__mock/nowhere", "/__mock/requests"])
def test_no_browser_guesses_what_the_control_plane_says(path: str) -> None:
    answer = Api().get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type.startswith("application/")


@pytest.mark.parametrize(
    "path", [f"/{SCRIPT}", f"/v1/{SCRIPT}", f"/v1/prediction/{SCRIPT}", f"/v1/model?slug={SCRIPT}"]
)
def test_what_a_refusal_quotes_is_json_and_no_page(path: str) -> None:
    answer = Api().get(path.replace("'", "").replace(" ", ""))

    assert answer.status_code == 404
    assert answer.content_type == "application/json"


def hostile_model(folder: Path) -> Path:
    """Write a model whose every text is markup, and return its folder."""
    model = orjson.loads((shipped_models() / "qwen-image.json").read_bytes())
    text = {"type": "string", "description": SCRIPT, "default": SCRIPT, "enum": [SCRIPT]}
    schema = {"type": "object", "properties": {"prompt": {"type": "string"}, SCRIPT: text}, "required": ["prompt"]}
    hostile = {**model, "slug": "hostile", "title": SCRIPT, "request_schema": schema}
    (folder / "hostile.json").write_bytes(orjson.dumps(hostile))
    return folder


def test_the_page_for_people_shows_the_texts_of_a_model_as_text(tmp_path: Path) -> None:
    answer = Api(models=(hostile_model(tmp_path),)).get("/v1/docs", headers={"Host": "a<script>b"})

    assert SCRIPT.partition(">")[0].replace("<", "&lt;") in answer.text
    assert not [each for each in ("<script", "<svg", "onload=alert(1)>") if each in answer.text]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


STEERING = "\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202e\u2028\x7f\x08"


def is_plain(text: str) -> bool:
    return all(each.isprintable() or each == "\n" for each in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a kite", "a kite"),
        ("\u00e9\u5b57\U0001f680", "\u00e9\u5b57\U0001f680"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\nb", "a\\nb"),
        ("\u202e", "\\u202e"),
        ("\ud800", "\\ud800"),
        ("\x9b1m", "\\x9b1m"),
    ],
)
def test_what_is_not_seen_is_escaped_and_the_rest_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_request_and_no_receiver_steers_the_terminal_that_shows_the_log(form: str) -> None:
    api = Api(log_format=form)
    api.receiver.outcome = Outcome(None, "", f"OSError: {STEERING}")
    api.created(webhook_url="http://127.0.0.1:9/hook")
    api.advance(3)

    api.get("/v1/\x1b[2J\x07\r\n\x9b31m")
    api.get("/v1/prediction/x", headers={"User-Agent": "\x1b[2J", "X-Request-Id": "\x1b[2J"})

    logged = api.log.getvalue()
    assert is_plain(logged)
    assert logged.count("\n") == 4


def toml(text: str) -> str:
    """Return *text* as TOML may write it: every character escaped."""
    return '"' + "".join(f"\\U{ord(each):08x}" for each in text) + '"'


@pytest.mark.parametrize(
    "content",
    [
        f"description = {toml(STEERING)}",
        f"{toml(STEERING)} = 1",
        f"[settings]\n{toml(STEERING)} = 1",
        f"[settings]\nprofile = {toml(STEERING)}",
        f"[[rules]]\nfault = {toml(STEERING)}",
        f'[[rules]]\nfault = "fail"\nmessage = 1\n{toml(STEERING)} = {toml(STEERING)}',
        f'[[rules]]\nfault = "fail"\nid = {toml(STEERING)}',
        "description = \x1b[2J",
    ],
)
def test_no_scenario_steers_the_terminal_of_who_checks_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content)

    result = CliRunner().invoke(main, ["validate", str(file)])

    assert result.exit_code in {0, 2}
    assert is_plain(result.output)
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [
        f"# {STEERING}\n## Model Information\n\n## Input Parameters\n\n### {STEERING}\n**Type:** {STEERING}\n",
        json.dumps({"slug": STEERING, "request_schema": {}}),
        json.dumps({"slug": "x", "request_schema": {}, STEERING: 1, "cost": STEERING}),
        json.dumps(
            {"slug": "x", "request_schema": {"properties": {STEERING: {"default": STEERING, "type": "integer"}}}}
        ),
        STEERING,
        "{" + STEERING,
    ],
)
def test_no_model_page_steers_the_terminal_of_who_imports_it(tmp_path: Path, content: str) -> None:
    source = tmp_path / "page.md"
    source.write_text(content, newline="")

    result = CliRunner().invoke(main, ["import-model", str(source), "-o", str(tmp_path / "out")])

    assert result.exit_code in {0, 2}, result.output
    assert is_plain(result.output)


def test_no_server_steers_the_terminal_of_who_loads_it() -> None:
    counters = Counters()
    for name in ("request:poll", f"refused:{STEERING}", f"error:poll: {STEERING}"):
        counters.count(0, name)
    found = compute_metrics(counters, None, 60)

    assert found is not None
    assert is_plain("".join(text for _, text in rows(found)))
