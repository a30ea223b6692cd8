"""The soak itself: what it concludes from what it saw, and one short run of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.machine import Machine
from helpers.tools import need
from soak.command import main, write
from soak.reports import as_markdown, drawn
from soak.slices import Slice, Summary

MACHINE = Machine("2026-02-05", "3.11.9", "Abacus 9", 2, 0.5)
SLICE = Slice(10, 400_000, 40_000, 0.5, 4.0, 0, 200.0, 20, 40)
FLAT = (100, 150, 200, 210, 210, 210, 211, 212, 211)


def summary(*memory: float, requests: int = 400_000, **facts: Any) -> Summary:
    slices = [replace(SLICE, seconds=10 * n, memory_mb=each, requests=requests) for n, each in enumerate(memory, 1)]
    return replace(Summary(slices, lives=7, refusals=42, webhooks=(7, 7), errors=()), **facts)


def test_memory_that_stays_after_a_warm_up_is_sound() -> None:
    assert summary(*FLAT).faults == []


def test_memory_that_goes_on_growing_is_a_fault() -> None:
    assert summary(100, 150, 200, 210, 210, 210, 230, 240, 250).faults == ["memory grew by 30.0 MB, over 15.5"]


def test_memory_of_a_store_that_never_filled_is_not_judged() -> None:
    assert summary(100, 150, 200, 210, 210, 210, 230, 240, 250, requests=300_000).faults == []


@pytest.mark.parametrize("received", [6, 8])
def test_a_webhook_too_few_or_too_many_is_a_fault(received: int) -> None:
    assert summary(*FLAT, webhooks=(7, received)).faults == [f"{received} webhooks were received of 7"]


def test_what_was_not_answered_or_not_as_it_should_be_is_a_fault() -> None:
    slices = [replace(SLICE, failed=1)] * 3

    assert summary(*FLAT, slices=slices, errors=("HTTP 500",)).faults == [
        "3 requests at full speed were not answered 2xx",
        "HTTP 500",
    ]


def test_table_compares_the_thirds_and_tells_the_rest() -> None:
    text = as_markdown(summary(*FLAT), MACHINE)

    assert "| requests/s | 40,000 | 40,000 | 40,000 |\n" in text
    assert "| memory, MB | 150 | 210 | 211 |\n" in text
    assert "3,600,000 requests, 0 not answered 2xx." in text
    assert text.endswith("20 threads and 40 descriptors. Sound.\n")


def test_everything_is_written_into_one_directory(tmp_path: Path) -> None:
    write(summary(*FLAT), MACHINE, tmp_path / "new")

    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["soak.json", "soak.md", "soak.svg"]
    assert json.loads((tmp_path / "new/soak.json").read_text())["faults"] == []
    assert "<script" not in drawn(summary(*FLAT))


def test_without_wrk_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    result = CliRunner().invoke(main, [])

    assert (result.exit_code, result.stderr.split(";")[0]) == (2, "bench: wrk is not on PATH")


@pytest.mark.slow
def test_short_soak_finds_nothing_wrong(tmp_path: Path) -> None:
    need("wrk", "apt-get install wrk")

    result = CliRunner().invoke(main, ["--minutes", "0.1", "--slice", "2", "--out", str(tmp_path)])

    assert (result.exit_code, "Sound." in result.stdout) == (0, True), result.output
    found = json.loads((tmp_path / "soak.json").read_text())
    assert found["lives"] > 0
    assert found["refusals"] > 0
    assert found["webhooks"][0] == found["webhooks"][1] > 0
