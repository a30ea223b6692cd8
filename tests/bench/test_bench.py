"""The benchmark itself: its sums, parsers and writers on canned measurements, its servers on a small load."""

import json
import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGTERM

import pytest
from click.testing import CliRunner

from bench import beside, peers, procfs, wrk
from bench.baseline import canned_app
from bench.beside import CALLS
from bench.caller import Caller, UnexpectedAnswerError
from bench.calls import CREATE_BODY, CREATE_PATH, INPUT, Calls
from bench.chart import drawn
from bench.checking import measure_check
from bench.children import NotReadyError, free_port, serving
from bench.command import main, write
from bench.machine import Machine, cpu_model
from bench.memory import measure_memory
from bench.pictures import ENCODERS, PILLOW, RATIOS, gradient_like, measure_images
from bench.receiving import receiving
from bench.reports import LEGEND, Report, as_json, as_markdown, as_text
from bench.rounds import create, measure_round, mixed, poll_of, predictions
from bench.samples import FAILED, Row, Sample, table
from bench.subjects import AIMOCK, BASELINE, KEEPING, NGINX, OURS, SUBJECTS, WIREMOCK, Subject
from bench.targets import targets
from eachlabs_mock.images.picture import Picture, render
from eachlabs_mock.models import Catalog, shipped_models
from helpers.live_server import LiveServer
from helpers.tools import need, need_file

pytestmark = pytest.mark.slow

HEADING = (
    "`make bench`, 2026-02-05, Python 3.11.9, Abacus 9, 2 cores, load 0.5 before;"
    " medians of interleaved rounds: 3; seconds a load: 2."
)
POLL, CREATE = "poll, 32 connections", "create, 32 connections"

SAMPLES = [
    Sample(POLL, "requests/s", OURS, 4000),
    Sample(POLL, FAILED, OURS, 0),
    Sample(POLL, "requests/s", OURS, 9000),
    Sample(POLL, "requests/s", OURS, 5000),
    Sample(POLL, "requests/s", NGINX, 50_000),
    Sample(POLL, "requests/s", WIREMOCK, 1000),
    Sample(POLL, "requests/s", AIMOCK, 2000),
    Sample(POLL, "p99 ms", OURS, 3.5),
    Sample(POLL, "p99 ms", WIREMOCK, 3.0),
    Sample(POLL, "CPU us/request", OURS, 61.0),
    Sample("start-up", "ms", OURS, 500.0),
    Sample("image, webp 16:9", "CPU ms", OURS, 12.34),
    Sample("image, webp 16:9", "CPU ms", PILLOW, 4.0),
]


def report(samples: list[Sample]) -> Report:
    return Report(Machine("2026-02-05", "3.11.9", "Abacus 9", 2, 0.5), 3, 2, table(samples))


# sums


def test_samples_of_one_measure_and_unit_make_one_row_in_the_order_of_their_firsts() -> None:
    found = [(row.measure, row.unit) for row in table(SAMPLES[:7]).rows]

    assert found == [(POLL, "requests/s"), (POLL, FAILED)]


def test_median_and_not_the_mean_speaks_for_a_subject() -> None:
    assert table(SAMPLES).median(POLL, "requests/s", OURS) == 5000


def test_ratio_is_the_multiple_of_the_others_median() -> None:
    assert table(SAMPLES).row(POLL, "requests/s").ratio(OURS, WIREMOCK) == 5.0


@pytest.mark.parametrize("values", [{OURS: [3.0]}, {BASELINE: [3.0]}, {OURS: [3.0], BASELINE: [0.0]}])
def test_without_another_above_zero_there_is_no_ratio(values: dict[str, list[float]]) -> None:
    assert Row("poll", "ms", values).ratio(OURS, BASELINE) is None


def test_failed_requests_are_told_by_load_and_subject() -> None:
    found = table([*SAMPLES, Sample(CREATE, FAILED, OURS, 3), Sample(CREATE, FAILED, OURS, 4)])

    assert found.failures == [f"{CREATE}, ours: 7 requests failed"]


def test_targets_are_judged_by_the_figures_of_the_run() -> None:
    judged = {each.wanted: (each.measured, each.is_met) for each in targets(table(SAMPLES))}

    assert judged["poll: 2.5 times WireMock, no journal"] == ("5.00 times", True)
    assert judged["poll: 5 times aimock, its own jobs"] == ("2.50 times", False)
    assert judged["poll: p99 under 10 ms"] == ("3.5 ms", True)
    assert judged["poll: p99 below every peer's (best: WireMock, no journal, 3.0 ms)"] == ("3.5 ms", False)
    assert judged["poll: at most 60 us of server CPU"] == ("61.0 us", False)
    assert judged["ready in under 500 ms"] == ("500.0 ms", True)
    assert judged["create: p99 under 10 ms"] == ("-", None)


# writers


def test_tables_are_aligned_and_say_how_many_times_ours_is_another() -> None:
    text = as_text(report(SAMPLES))

    assert text.startswith(f"{HEADING}\n\nWhat was wanted\n")
    assert text.endswith(f"\n\n{LEGEND}")
    assert "\nAt 32 connections\nserver                poll/s  ours is  p99 ms  CPU us  create/s  ours is " in text
    assert "\nours                   5,000        -    3.50    61.0         -        - " in text
    assert "\nnginx                 50,000        -       -       -         -        - " in text
    assert "\nWireMock, no journal   1,000   5.00 x    3.00       -         -        - " in text


def test_what_has_just_started_has_a_table_of_its_own() -> None:
    text = as_text(report([Sample(f"{POLL}, just started", "requests/s", OURS, 7000)]))

    assert "\nAt 32 connections, just started\nserver  poll/s  ours is " in text
    assert "\nours     7,000 " in text


def test_what_was_not_measured_has_no_table() -> None:
    text = as_text(report([Sample("start-up", "ms", OURS, 5)]))

    assert "Start and memory\nserver  first answer, ms  MB at start  MB after the loads\n" in text
    assert "connection" not in text.removesuffix(LEGEND)


def test_markdown_has_figures_to_the_right() -> None:
    assert (
        "**Images, rendered anew**\n\n"
        "| image | CPU ms | Pillow's encoder alone | ours is |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| image, webp 16:9 | 12.3 | 4.00 | 3.08 x |\n"
    ) in as_markdown(report(SAMPLES))


def test_json_has_every_sample_unrounded_and_every_target() -> None:
    document = as_json(report(SAMPLES))

    assert document["measures"][0]["subjects"][OURS] == {"median": 5000, "ours_is": 1.0, "samples": [4000, 9000, 5000]}
    assert {"wanted": "poll: p99 under 10 ms", "measured": "3.5 ms", "is_met": True} in document["targets"]
    assert document["machine"]["cpu"] == "Abacus 9"
    assert (document["rounds"], document["seconds"], document["failures"]) == (3, 2, [])


def test_picture_has_a_bar_for_each_server_and_tells_of_the_machines_limit() -> None:
    picture = drawn(table(SAMPLES))

    assert "Requests a second at 32 connections (nginx: 50,000)" in picture
    assert ">5,000<" in picture
    assert "Pillow" not in picture
    assert "<script" not in picture


def test_everything_is_written_into_one_directory(tmp_path: Path) -> None:
    write(report(SAMPLES), tmp_path / "new" / "run")

    assert sorted(each.name for each in (tmp_path / "new/run").iterdir()) == [
        "bench.json",
        "bench.md",
        "bench.svg",
        "bench.txt",
    ]
    assert json.loads((tmp_path / "new/run/bench.json").read_text())["rounds"] == 3
    assert (tmp_path / "new/run/bench.md").read_text() == as_markdown(report(SAMPLES))


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
        wrk.run(shutil.which("false") or "false", "http://127.0.0.1:9", create(Calls()), 1, 1)


# what is sent


def test_script_polls_every_prediction_in_turn() -> None:
    text = wrk.script(poll_of(["one", "two"], Calls()))

    assert 'ipairs({"/v1/prediction/one", "/v1/prediction/two"})' in text
    assert 'wrk.format("GET", path, headers)' in text
    assert '{["X-API-Key"] = "key-of-the-benchmark", ["Content-Type"] = "application/json"}\n' in text


def test_script_creates_with_the_whole_body() -> None:
    assert json.dumps(CREATE_BODY) in wrk.script(create(Calls()))


def test_script_of_a_life_names_the_receiver_and_polls_what_it_made() -> None:
    text = wrk.script(
        mixed("http://127.0.0.1:9/hook", Calls("/jobs", "/jobs/{}/status", '{"webhook_url": ""}', {}, "jid"))
    )

    assert json.dumps('{"webhook_url": "http://127.0.0.1:9/hook"}') in text
    assert 'local before, behind = "/jobs/", "/status"' in text
    assert '"jid": ?"([^"]+)"' in text


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
    with serving(OURS, SUBJECTS[OURS]) as server:
        ids = predictions(server, 200)

        assert len(ids) == 200
        assert procfs.pss_megabytes(server.pid) > 1
        assert procfs.cpu_microseconds(server.pid) > 0


def test_server_and_its_worker_are_gone_when_a_measurement_breaks_off() -> None:
    members = []
    with suppress(KeyboardInterrupt), serving(BASELINE, SUBJECTS[BASELINE]) as server:
        members += procfs.tree(server.pid)
        raise KeyboardInterrupt

    assert len(members) > 1
    assert not any(map(is_running, members))


def test_answer_other_than_2xx_is_an_error(live_server: LiveServer) -> None:
    with (
        closing(Caller(live_server.url, Calls())) as caller,
        pytest.raises(UnexpectedAnswerError, match="GET /nowhere: 404"),
    ):
        caller.get("/nowhere")


def test_memory_is_measured_of_ours_and_of_the_baseline() -> None:
    assert [(each.unit, each.subject) for each in measure_memory(20)] == [("MB", OURS), ("MB", KEEPING)]


def test_server_that_ends_at_once_is_an_error() -> None:
    with pytest.raises(NotReadyError, match="'dud' was not ready"), serving("dud", Subject(lambda *_: ["false"])):
        pytest.fail("it was ready")


def test_receiver_counts_what_it_was_sent_however_it_is_cut() -> None:
    call = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    with receiving() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), 10) as caller:
            caller.sendall(call + call[:20])
            caller.sendall(call[20:])
            answers = b""
            while answers.count(b"200 OK") < 2:
                answers += caller.recv(4096)

        assert receiver.close() == 2


def test_check_of_the_contract_is_timed_and_its_requests_counted() -> None:
    seconds, requests = measure_check("--check", "parameters.lower-bound-accepted")

    assert (seconds.unit, requests.unit) == ("s", "requests")
    assert seconds.value > 0
    assert requests.value > 0


@pytest.mark.parametrize("name", SUBJECTS)
def test_server_answers_both_calls(name: str) -> None:
    for each in SUBJECTS[name].needs:
        if each in peers.PACKAGES:
            need(each, f"apt-get install {peers.PACKAGES[each]}")
        else:
            need_file(peers.NPM / "node_modules" / each, peers.BY_NPM)

    with serving(name, SUBJECTS[name]) as server, closing(Caller(server.url, server.calls)) as caller:
        made = caller.create() if server.calls.id_field else "11111111-2222-4333-8444-555555555555"

        assert "status" in caller.read(made)


def test_round_measures_every_load_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    program = need("wrk", "apt-get install wrk")
    monkeypatch.setattr("bench.rounds.WARM_UP", 1)

    found = table(measure_round(0, [OURS], 1, program))

    assert not found.failures
    assert [row.measure for row in found.rows if row.unit == "p99 ms"] == [
        "create, 32 connections, just started",
        "poll, 32 connections, just started",
        "poll, 1 connection",
        "poll, 32 connections",
        "poll, 256 connections",
        "create, 1 connection",
        "create, 32 connections",
        "create, 256 connections",
        "life cycle, 32 connections",
    ]
    assert (found.median("life cycle, 32 connections", "webhooks/s", OURS) or 0) > 0


def test_polls_are_counted_beside_what_is_dear(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need("wrk", "apt-get install wrk")
    few = {"FILLING": 1, "SECONDS": 1, "CALLERS": (1,), "CALLS": {"the ledger": CALLS["the ledger"]}}
    for name, value in few.items():
        monkeypatch.setattr(beside, name, value)

    beside.main()

    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["beside", "1:", "polls/s", "p99", "ms"]
    assert [line[:24].rstrip() for line in lines] == ["nothing", "the ledger"]
    assert all(float(line[24:40].replace(",", "")) > 0 for line in lines)


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        ((), ""),
        (("python3",), ""),
        (("nginx",), "nginx missing: apt-get install nginx-light"),
        (("java", "wiremock"), "java, wiremock missing: npm ci --ignore-scripts --prefix fixtures/peers"),
    ],
)
def test_what_a_server_lacks_is_told_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tools: tuple[str, ...], told: str
) -> None:
    python = tmp_path / "python3"
    python.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(peers, "NPM", tmp_path)

    assert peers.missing(*tools) == told


def test_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        assert listener.getsockname()[1] > 0


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


def test_unknown_server_is_told_with_the_known_ones() -> None:
    result = CliRunner().invoke(main, ["--only", "apache"])

    assert result.exit_code == 2
    assert "there is no server 'apache'; these are: ours, no lane, nginx, WireMock, no journal," in result.stderr


def test_directory_runs_as_a_program() -> None:
    result = subprocess.run(
        [sys.executable, str(Path(__file__).parent), "--help"], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "--rounds" in result.stdout
