"""What commands report of a run holds no key: on the terminal, in files, in the documents for other programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.recognisable_key import KEY, shows_a_key

PROGRAM = """
import os, urllib.request
url, key = os.environ["EACHLABS_BASE_URL"], os.environ["EACHLABS_API_KEY"]
body = b'{"model": "qwen-image", "input": {"prompt": "a kite"}}'
headers = {"X-API-Key": key, "Content-Type": "application/json"}
made = urllib.request.urlopen(urllib.request.Request(f"{url}/prediction/?k={key}", body, headers)).read()
"""


def ran(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_exec_reports_a_run_without_its_key() -> None:
    run = ran("eachlabs_mock", "exec", "--", sys.executable, "-c", PROGRAM, EACHLABS_MOCK_API_KEY=KEY)

    assert run.returncode == 0, run.stderr
    assert "1 request, 1 prediction" in run.stderr
    assert shows_a_key(run.stdout + run.stderr) == []


@pytest.mark.slow
def test_load_reports_a_run_without_its_key(tmp_path: Path) -> None:
    flags = ["--users", "2", "--run-time", "2s", "--one-key", "--report", str(tmp_path / "report"), "--speed", "20"]

    run = ran("eachlabs_mock", "load", *flags, EACHLABS_API_KEY=KEY)

    assert run.returncode == 0, run.stderr
    written = [each.read_text() for each in (tmp_path / "report").iterdir()]
    assert len(written) > 2
    assert shows_a_key("".join([run.stdout, run.stderr, *written])) == []


@pytest.mark.slow
def test_a_certificate_holds_no_key_though_the_program_prints_its_own(tmp_path: Path) -> None:
    noted, folder = tmp_path / "key", tmp_path / "report"
    program = PROGRAM + f"print('my key is', key); open({str(noted)!r}, 'w').write(key)"
    command = ["certify", "--trial", "flow.happy", "--report", str(folder), "--", sys.executable, "-c", program]

    run = ran("eachlabs_contract", *command)

    written = [each.read_text() for each in folder.rglob("*") if each.is_file()]
    assert len(noted.read_text()) > 8
    assert len(written) > 2
    assert noted.read_text() not in "".join([run.stdout, run.stderr, *written])
