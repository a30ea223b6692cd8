"""Draws the lines of a load run as SVG charts that are self-contained: no scripts, nothing to load."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any
from xml.etree.ElementTree import Element

from eachlabs_mock.load.metrics import Line

WIDTH, HEIGHT = 460, 310

FONT = "system-ui, sans-serif"
COLOURS = ("#3b7ff2", "#e8590c", "#2f9e44", "#9c36b5", "#c92a2a", "#0b7285")
PAPER = "#ffffff"

NARROW = 40
"""Total length up to which the names of all lines fit in one row of the legend."""

DARK = """inline:
@media (prefers-color-scheme: dark) {
  ID, ID .graph > .background, ID .plot > .background { fill: #1d2024; background-color: #1d2024; }
  ID .title, ID .axis text, ID .axis text.major, ID .legends .legend text { fill: #e6e8eb; }
  ID .axis .line, ID .axis .major.line { stroke: #7d848d; }
  ID .axis .guide.line, ID .axis .guide.line.major { stroke: #474d54; }
}
"""
"""The style sheet of a chart; ID stands for its CSS selector."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The subject of a chart.

    :param unit: of its values.
    """

    name: str
    title: str
    unit: str


CHARTS = (
    Chart("requests", "Answered and refused requests", "per second"),
    Chart("throughput", "Predictions", "per minute"),
    Chart("latency", "Latency of requests", "ms"),
    Chart("refusals", "Refused requests (429)", "per second"),
    Chart("in_flight", "Predictions in flight", "and users"),
    Chart("cost", "Cost", "USD per minute"),
)

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "background": PAPER,
        "plot_background": PAPER,
        "foreground": "#30343a",
        "foreground_strong": "#16181b",
        "foreground_subtle": "#a6abb2",
        "guide_stroke_color": "#c4c8cd",
        "major_guide_stroke_color": "#c4c8cd",
        "colors": COLOURS,
        "stroke_opacity": "1",
        "stroke_width": "2",
        "font_family": FONT,
        "title_font_size": 18,
        "label_font_size": 15,
        "major_label_font_size": 15,
        "legend_font_size": 16,
        "transition": "0s",
    }
)

OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "width": WIDTH,
        "height": HEIGHT,
        "js": [],  # otherwise the chart would load a script from the network
        "disable_xml_declaration": True,
        "show_dots": False,
        "show_x_guides": False,
        "range": (0, None),
        "legend_at_bottom": True,
        "truncate_legend": -1,
        "margin": 10,
        "max_scale": 7,
    }
)


def draw_all(times: Sequence[int], lines: Mapping[str, Mapping[str, Line]]) -> Iterator[tuple[Chart, str]]:
    """Yield each chart with data, as SVG without an XML declaration."""
    for chart in CHARTS:
        if lines[chart.name]:
            yield chart, draw(chart, times, lines[chart.name])


def draw(chart: Chart, times: Sequence[int], lines: Mapping[str, Line]) -> str:
    """Return one chart as SVG.

    :param times: seconds since the start of the run, one for each point of every line.
    """
    pygal = _pygal()
    plot = pygal.XY(
        style=pygal.style.Style(**STYLE),
        css=["file://style.css", "file://graph.css", DARK.replace("ID", f"#chart-{chart.name}")],  # all are inlined
        title=f"{chart.title}, {chart.unit}",
        x_value_formatter=lambda second: f"{second:g} s",
        value_formatter=lambda number: f"{number:,g}",
        x_labels=ticks(times[-1]),
        legend_at_bottom_columns=len(lines) if sum(map(len, lines)) < NARROW else 1,
        **OPTIONS,
    )
    plot.uuid = chart.name  # a random one would change the output of every run
    plot.add_xml_filter(_without_scripts)
    for name, points in lines.items():
        plot.add(name, list(zip(times, points, strict=True)))
    return str(plot.render())


def _pygal() -> ModuleType:
    """Return the drawing library, which belongs to the extra `load`."""
    import pygal  # noqa: PLC0415  # an optional dependency

    # Remove its import hook for plugins: Python no longer supports the hook and warns about it.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]
    module: ModuleType = pygal
    return module


def ticks(last: int) -> list[int]:
    """Return the labels, in seconds, of a time axis that ends at *last*; at most seven up to 12 minutes."""
    step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120) if last <= 6 * step), 300)
    return list(range(0, last + 1, step))


def _without_scripts(root: Element) -> Element:
    """Remove the elements that only scripts use, and the comments, which contain the date."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "script" or not isinstance(child.tag, str):  # a comment has a function for a tag
                parent.remove(child)
    return root
