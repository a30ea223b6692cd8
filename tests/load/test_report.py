"""The report of a load run: the page and its pictures, read as text and looked at with a browser."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from eachlabs_mock.load import report
from eachlabs_mock.load.charts import CHARTS, draw_all, ticks
from eachlabs_mock.load.counters import Counters
from eachlabs_mock.load.metrics import Metrics, compute_metrics
from helpers.browser import Browser, browsing

HOSTILE = "<script>alert(1)</script>"


def found(price: str | None = "0.025") -> Metrics:
    """Return the figures of twenty seconds, in which a server says something hostile."""
    tally = Counters()
    for second in range(20):
        for name, number in (("request:poll", 9), ("answered", 6), ("created", 2), ("done", 1), ("came", 1)):
            tally.count(second, name, number)
        tally.count(second, f"refused:{HOSTILE}", 2)
        tally.count(second, f"error:poll: {HOSTILE}")
        tally.time(second, "poll", second + 1, 9)
    made = compute_metrics(tally, None if price is None else Decimal(price), 60)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("load") / "report"
    report.prepare(made)
    report.write(found(), {"users": 20}, f"20 users against {HOSTILE}", made)
    return made


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as running:
        yield running


def test_a_report_is_a_page_its_pictures_and_all_figures(folder: Path) -> None:
    assert sorted(each.name for each in folder.iterdir()) == [
        "cost.svg",
        "in_flight.svg",
        "latency.svg",
        "refusals.svg",
        "report.html",
        "report.json",
        "requests.svg",
        "throughput.svg",
    ]


def test_all_figures_are_there_for_programs(folder: Path) -> None:
    document = json.loads((folder / "report.json").read_bytes())

    assert document["asked"] == {"users": 20}
    assert document["found"]["requests"] == 180
    assert document["found"]["per_second"] == 6
    assert (document["found"]["spend"], document["found"]["spend_per_minute"]) == ("0.500", "1.500")
    assert document["found"]["latencies"]["poll"] == {"requests": 180, "p50": 10, "p95": 19, "p99": 20, "max": 20}
    assert len(document["found"]["lines"]["requests"]["achieved"]) == len(document["found"]["times"]) == 20


def test_what_a_server_says_is_text(folder: Path) -> None:
    assert "<script" not in (folder / "report.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (folder / "report.html").read_text()


@pytest.mark.parametrize("subject", [each.name for each in CHARTS])
def test_a_picture_has_no_script_and_points_nowhere(folder: Path, subject: str) -> None:
    text = (folder / f"{subject}.svg").read_text()

    picture = ET.fromstring(text)  # noqa: S314  # our own
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [each for each in picture.iter() if each.tag.endswith("}script")]
    assert not [name for each in picture.iter() for name in each.attrib if name.endswith("href")]
    assert text.count("http") == 1, "the namespace, and no other address"
    assert "@import" not in text
    assert "url(" not in text


def test_pictures_are_the_same_each_time() -> None:
    assert list(draw_all(found().times, found().lines)) == list(draw_all(found().times, found().lines))


def test_there_is_no_picture_of_what_is_not_known() -> None:
    names = [subject.name for subject, _ in draw_all(found(None).times, found(None).lines)]

    assert "cost" not in names
    assert "requests" in names


@pytest.mark.parametrize(
    ("last", "written"), [(0, [0]), (3, [0, 1, 2, 3]), (58, [0, 10, 20, 30, 40, 50]), (599, [0, 120, 240, 360, 480])]
)
def test_a_few_seconds_are_written_below_a_picture(last: int, written: list[int]) -> None:
    assert ticks(last) == written


def test_a_directory_that_cannot_be_written_to_is_noticed_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        report.prepare(tmp_path / "file" / "report")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1100])
def test_the_page_fits_asks_for_nothing_and_can_be_read(
    folder: Path, browser: Browser, width: int, scheme: str
) -> None:
    sight = browser.look(f"file://{folder / 'report.html'}", width=width, scheme=scheme)

    assert sight.width <= width
    assert sight.requests == ()
    assert sight.complaints == ()
    assert sight.contrast[0] >= 4.5, sight.contrast[1]
