"""The model page's own samples run against the emulator as a user would run them: with nothing changed but the host.

Its misprints are mended: one in Python (`true`), two in Go (an untyped map, a missing comma). The prompt is ours.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from helpers.tools import need, need_file

SAMPLES = Path(__file__).parents[2] / "fixtures" / "samples"
REAL_BASE = "https://api.eachlabs.ai/v1"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class LiveServer(Protocol):
    url: str
    base_url: str


@pytest.fixture
def sample(live_server: LiveServer, tmp_path: Path) -> "Sample":
    return Sample(live_server, tmp_path)


class Sample:
    """Copies of the samples that call the emulator."""

    def __init__(self, server: LiveServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def copy(self, name: str, **placeholders: str) -> Path:
        text = (SAMPLES / name).read_text(encoding="utf-8").replace(REAL_BASE, self.server.base_url)
        for placeholder, value in placeholders.items():
            text = text.replace("{{" + placeholder + "}}", value)
        copy = self.folder / name
        copy.write_text(text, encoding="utf-8")
        return copy

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        # A proxy of the developer's own must not come between a sample and this machine.
        environment = os.environ | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def assert_finished(self, run: subprocess.CompletedProcess[str]) -> None:
        """Assert that *run* printed what the page's samples print at a good end; they end with 0 at a bad one, too."""
        outputs = re.escape(f"{self.server.url}/outputs/")
        assert re.fullmatch(
            rf"Prediction created: ({ID})\nOutput URL: {outputs}\1\.webp\nProcessing time: [0-9.]+s\n", run.stdout
        ), run.stdout + run.stderr


def test_curl_samples_create_and_get_the_output(sample: Sample) -> None:
    need("curl", "apt-get install curl")
    created = json.loads(sample.run(["sh", str(sample.copy("curl-create.sh"))]).stdout)
    prediction_id = created["predictionID"]
    sample.copy("curl-get.sh", PREDICTION_ID=prediction_id)

    answers = (json.loads(sample.run(["sh", "-c", "sleep 0.2; sh curl-get.sh"]).stdout) for _ in range(20))

    done = next(answer for answer in answers if answer["status"] != "processing")
    assert done["output"] == f"{sample.server.url}/outputs/{prediction_id}.webp"


def test_python_sample_gets_its_output(sample: Sample) -> None:
    sample.assert_finished(sample.run([sys.executable, str(sample.copy("page.py"))]))


@pytest.mark.slow
def test_axios_sample_gets_its_output(sample: Sample) -> None:
    node = need("node", "apt-get install nodejs npm")
    modules = need_file(SAMPLES / "node_modules", "npm ci --omit=dev --ignore-scripts --prefix fixtures/samples")
    (sample.folder / "node_modules").symlink_to(modules, target_is_directory=True)

    sample.assert_finished(sample.run([node, str(sample.copy("page.mjs"))]))


@pytest.mark.slow
def test_go_sample_gets_its_output(sample: Sample) -> None:
    go = need("go", "apt-get install golang-go")

    sample.assert_finished(sample.run([go, "run", str(sample.copy("page.go"))]))


def test_client_that_waits_for_id_in_the_create_answer_fails(sample: Sample) -> None:
    run = sample.run([sys.executable, str(sample.copy("waits_for_id.py"))])

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.endswith("KeyError: 'id'\n")


@pytest.mark.parametrize("name", ["curl-create.sh", "curl-get.sh", "page.py", "page.mjs", "page.go", "waits_for_id.py"])
def test_no_copy_of_a_sample_can_reach_the_paid_service(sample: Sample, name: str) -> None:
    assert "eachlabs.ai" not in sample.copy(name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("require_all", "verdict"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_missing_program_skips_and_fails_where_all_must_run(
    monkeypatch: pytest.MonkeyPatch, require_all: str, verdict: type[Exception]
) -> None:
    monkeypatch.setenv("REQUIRE_ALL_TOOLS", require_all)

    with pytest.raises(verdict, match="no-such-program is not on PATH; to run this test: make it"):
        need("no-such-program", "make it")


def test_missing_file_names_what_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("REQUIRE_ALL_TOOLS", raising=False)

    with pytest.raises(pytest.skip.Exception, match="modules is not there; to run this test: fetch them"):
        need_file(tmp_path / "modules", "fetch them")
