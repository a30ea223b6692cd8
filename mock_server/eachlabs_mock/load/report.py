"""Writes the report of a load run to a directory: a page, its charts, and all metrics as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from eachlabs_mock.load.charts import Chart, draw_all
from eachlabs_mock.load.metrics import Metrics
from eachlabs_mock.load.text import headline, rows

PAGE, DATA = "report.html", "report.json"


def prepare(folder: Path) -> None:
    """Create *folder* and check, before the run, that a report can be written to it.

    :raises OSError: it cannot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_bytes(b"")


def write(metrics: Metrics, options: Mapping[str, object], sentence: str, folder: Path) -> None:
    """Write the report.

    :param options: the options of the run.
    :param sentence: the run in words.
    """
    charts = list(draw_all(metrics.times, metrics.lines))
    for chart, svg in charts:
        (folder / f"{chart.name}.svg").write_text(svg, encoding="utf-8")
    (folder / PAGE).write_text(page(metrics, sentence, charts), encoding="utf-8")
    document = {"asked": dict(options), "found": summary(metrics)}
    text = json.dumps(document, indent=1, default=str)  # amounts of money become strings
    (folder / DATA).write_text(text + "\n", encoding="utf-8")


def summary(metrics: Metrics) -> dict[str, object]:
    """Return all metrics, including the derived ones."""
    derived = {"per_second": metrics.per_second, "done_per_minute": metrics.done_per_minute}
    return {**asdict(metrics), **derived, "spend_per_minute": metrics.spend_per_minute}


def page(metrics: Metrics, sentence: str, charts: Sequence[tuple[Chart, str]]) -> str:
    """Return the page. It runs no script, loads nothing, and escapes all text from the server."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # --help does not need it

    environment = Environment(
        loader=PackageLoader("eachlabs_mock.load"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html")
    return template.render(headline=headline(metrics), sentence=sentence, rows=list(rows(metrics)), charts=charts)
