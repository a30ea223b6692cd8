"""The benchmark itself: its sums, parsers and writers on canned measurements, its servers on a small load."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGTERM

import pytest
from bench import procfs, wrk
from bench.baseline import canned_app
from bench.caller import CREATE_BODY, CREATE_PATH, INPUT, Caller, UnexpectedAnswerError
from bench.children import serving
from bench.command import main, write
from bench.machine import Machine, cpu_model
from bench.memory import measure_memory
from bench.pictures import ENCODERS, RATIOS, gradient_like, measure_images
from bench.reports import LEGEND, Report, as_json, as_markdown, as_text
from bench.rounds import create, poll_of, prepare
from bench.samples import BASELINE, FAILED, NO_LANE, OURS, Row, Sample, failures, rows
from click.testing import CliRunner
from conftest import LiveServer

from mock_server.images.picture import Picture, render
from mock_server.models.catalog import Catalog, shipped_models

pytestmark = pytest.mark.slow

HEADING = (
    "2026-02-05, Python 3.11.9, Abacus 9, 2 cores, load 0.5; medians of interleaved rounds: 3; seconds a load: 2\n\n"
)

SAMPLES = [
    Sample("poll", "requests/s", BASELINE, 1000),
    Sample("poll", "requests/s", OURS, 4000),
    Sample("poll", FAILED, OURS, 0),
    Sample("poll", "requests/s", OURS, 9000),
    Sample("poll", "requests/s", NO_LANE, 500),
    Sample("poll", "requests/s", OURS, 5000),
    Sample("image", "ms", OURS, 12.34),
    Sample("image", "ms", BASELINE, 4.0),
]


def report(samples: list[Sample]) -> Report:
    return Report(Machine("2026-02-05", "3.11.9", "Abacus 9", 2, 0.5), 3, 2, rows(samples))


# sums


def test_samples_of_one_measure_and_unit_make_one_row_in_the_order_of_their_firsts() -> None:
    found = [(row.measure, row.unit) for row in rows(SAMPLES)]

    assert found == [("poll", "requests/s"), ("poll", FAILED), ("image", "ms")]


def test_median_and_not_the_mean_speaks_for_a_subject() -> None:
    assert rows(SAMPLES)[0].median(OURS) == 5000


def test_ratio_is_the_multiple_of_the_baseline() -> None:
    row = rows(SAMPLES)[0]

    assert (row.ratio(OURS), row.ratio(NO_LANE), row.ratio(BASELINE)) == (5.0, 0.5, 1.0)


@pytest.mark.parametrize("values", [{OURS: [3.0]}, {BASELINE: [3.0]}, {OURS: [3.0], BASELINE: [0.0]}])
def test_without_a_baseline_above_zero_there_is_no_ratio(values: dict[str, list[float]]) -> None:
    assert Row("poll", "ms", values).ratio(OURS) is None


def test_failed_requests_are_told_by_load_and_subject() -> None:
    found = rows([*SAMPLES, Sample("create", FAILED, OURS, 3), Sample("create", FAILED, OURS, 4)])

    assert failures(found) == ["create, ours: 7 requests failed"]


# writers


def test_table_is_aligned_and_leaves_out_failures_that_did_not_happen() -> None:
    assert as_text(report(SAMPLES)) == (
        f"{HEADING}"
        "measure  unit         ours  baseline  ratio  no lane  ratio\n"
        "poll     requests/s  5,000     1,000   5.00      500   0.50\n"
        "image    ms           12.3      4.00   3.08        -      -\n"
        f"\n{LEGEND}"
    )


def test_failures_that_happened_are_a_line_of_the_table() -> None:
    text = as_text(report([Sample("poll", FAILED, OURS, 3)]))

    assert "poll     failed  3.00         -      -        -      -\n" in text


def test_markdown_is_a_table_with_figures_to_the_right() -> None:
    assert as_markdown(report(SAMPLES)) == (
        f"{HEADING}"
        "| measure | unit | ours | baseline | ratio | no lane | ratio |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| poll | requests/s | 5,000 | 1,000 | 5.00 | 500 | 0.50 |\n"
        "| image | ms | 12.3 | 4.00 | 3.08 | - | - |\n"
        f"\n{LEGEND}\n"
    )


def test_json_has_every_sample_unrounded() -> None:
    assert as_json(report(SAMPLES[:2])) == {
        "machine": {"date": "2026-02-05", "python": "3.11.9", "cpu": "Abacus 9", "cores": 2, "load": 0.5},
        "rounds": 3,
        "seconds": 2,
        "failures": [],
        "measures": [
            {
                "measure": "poll",
                "unit": "requests/s",
                "ours": {"median": 4000, "ratio": 4.0, "samples": [4000]},
                "baseline": {"median": 1000, "ratio": 1.0, "samples": [1000]},
            }
        ],
    }


def test_json_and_markdown_are_written_beside_each_other(tmp_path: Path) -> None:
    write(report(SAMPLES), tmp_path / "new" / "speed.json")

    assert json.loads((tmp_path / "new" / "speed.json").read_text())["rounds"] == 3
    assert (tmp_path / "new" / "speed.md").read_text() == as_markdown(report(SAMPLES))


# parsers

STAT = "4711 (a ) (b) S 815 4711 4711 0 -1 4194560 1 0 0 0 250 75 9 9 20 0 1 0 100 0 0\n"


def test_processor_time_is_read_behind_a_name_with_brackets() -> None:
    assert procfs.cpu_ticks(STAT) == 325


def test_parent_is_read_behind_a_name_with_brackets() -> None:
    assert procfs.parent(STAT) == 815


def test_proportional_set_size_is_neither_resident_nor_dirty_one() -> None:
    text = "5566 [rollup]\nRss:    9000 kB\nPss:    1234 kB\nPss_Dirty:    77 kB\nSwapPss:    5 kB\n"

    assert procfs.pss_kibibytes(text) == 1234


def test_process_that_hides_its_memory_counts_for_nothing() -> None:
    assert procfs.pss_kibibytes("") == 0


@pytest.mark.parametrize(("text", "model"), [("processor : 0\nmodel name\t: Abacus 9\n", "Abacus 9"), ("BogoMIPS", "")])
def test_name_of_the_processor_is_found_where_there_is_one(text: str, model: str) -> None:
    assert cpu_model(text) == model


def test_tree_holds_children_and_grandchildren() -> None:
    shell = "sleep 30 & echo $! && wait"
    with subprocess.Popen(["sh", "-c", f"({shell}); true"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        members = procfs.tree(process.pid)
        for pid in members:
            os.kill(pid, SIGTERM)

    assert members[0] == process.pid
    assert grandchild in members


PRINTED = """\
Running 2s test @ http://127.0.0.1:1
  1 threads and 32 connections
{"requests": 3000, "microseconds": 1500000, "p50": 900.0, "p99": 12500.0, "refused": 2, "broken": 1}
"""


def test_result_is_found_amid_what_wrk_prints() -> None:
    assert wrk.outcome(PRINTED) == wrk.Outcome(3000, 2000.0, 0.9, 12.5, 3)


@pytest.mark.parametrize("printed", ["unable to connect", PRINTED.replace("3000", "0")])
def test_load_without_any_answer_is_an_error(printed: str) -> None:
    with pytest.raises(wrk.WrkError, match="got no answers"):
        wrk.outcome(printed)


def test_wrk_that_ends_badly_is_an_error() -> None:
    with pytest.raises(wrk.WrkError, match="wrk ended with 1"):
        wrk.run(shutil.which("false") or "false", "http://127.0.0.1:9", create(), 1, 1)


# what is sent


def test_script_polls_every_prediction_in_turn() -> None:
    text = wrk.script(poll_of(["one", "two"]))

    assert 'ipairs({"/v1/prediction/one", "/v1/prediction/two"})' in text
    assert 'wrk.format("GET", path, headers, body)' in text
    assert '{["X-API-Key"] = "key-of-the-benchmark", ["Content-Type"] = "application/json"}, nil\n' in text


def test_script_creates_with_the_whole_body() -> None:
    assert json.dumps(CREATE_BODY) in wrk.script(create())


def test_body_of_the_creates_has_every_parameter_of_the_page() -> None:
    model = Catalog.load(shipped_models())["qwen-image"]

    assert sorted(INPUT) == sorted(model.resolved({"prompt": "x", "seed": 1}))


# the servers, for real


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_two_hundred_creates_and_their_polls_are_answered() -> None:
    with serving(OURS) as server, closing(Caller(server.url)) as caller:
        ids = prepare(caller, 200)

        assert len(ids) == 200
        assert procfs.pss_megabytes(server.pid) > 1
        assert procfs.cpu_microseconds(server.pid) > 0


def test_server_and_its_worker_are_gone_when_a_measurement_breaks_off() -> None:
    members = []
    with suppress(KeyboardInterrupt), serving(BASELINE) as server:
        members += procfs.tree(server.pid)
        raise KeyboardInterrupt

    assert len(members) > 1
    assert not any(map(is_running, members))


def test_answer_other_than_2xx_is_an_error(live_server: LiveServer) -> None:
    with closing(Caller(live_server.url)) as caller, pytest.raises(UnexpectedAnswerError, match="GET /nowhere: 404"):
        caller.get("/nowhere")


def test_memory_is_measured_of_ours_and_of_the_baseline() -> None:
    assert [(each.unit, each.subject) for each in measure_memory(20)] == [("MB", OURS), ("MB", BASELINE)]


def test_baseline_download_has_as_many_bytes_as_are_asked_for() -> None:
    answer = canned_app(keep=False).test_client().get("/outputs/4321.webp")

    assert (answer.status_code, len(answer.data)) == (200, 4321)


def test_baseline_answers_a_create_with_the_fields_of_ours() -> None:
    answer = canned_app(keep=True).test_client().post(CREATE_PATH, data=CREATE_BODY, content_type="application/json")

    assert sorted(answer.json or {}) == ["message", "predictionID", "status"]


# images


def test_every_format_and_ratio_is_measured_of_ours_and_of_the_baseline() -> None:
    found = {(each.measure, each.subject) for each in measure_images(times=1)}

    assert len(found) == len(ENCODERS) * len(RATIOS) * 2 == 12


@pytest.mark.parametrize(("extension", "mode"), [("webp", "RGB"), ("jpg", "RGB"), ("png", "P")])
def test_gradient_is_like_the_image_it_stands_beside(extension: str, mode: str) -> None:
    file = render(Picture("qwen-image", "Qwen Image", {"prompt": "x", "output_format": extension}, 1))

    assert (gradient_like(file).mode, gradient_like(file).size) == (mode, (1024, 1024))


# the command


def test_missing_wrk_is_told_with_the_package_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    result = CliRunner().invoke(main, [])

    assert result.exit_code == 2
    assert result.stderr == (
        "bench: wrk is not on PATH; it generates the load. On Debian and Ubuntu: apt-get install wrk\n"
    )


def test_directory_runs_as_a_program() -> None:
    result = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("bench")), "--help"], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "--rounds" in result.stdout
