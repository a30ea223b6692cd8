"""Draws the lines of a run as SVG: each picture stands by itself, runs no script and asks for nothing."""

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
"""Letters that the names of all lines may have together to stand in one row."""

DARK = """inline:
@media (prefers-color-scheme: dark) {
  ID, ID .graph > .background, ID .plot > .background { fill: #1d2024; background-color: #1d2024; }
  ID .title, ID .axis text, ID .axis text.major, ID .legends .legend text { fill: #e6e8eb; }
  ID .axis .line, ID .axis .major.line { stroke: #7d848d; }
  ID .axis .guide.line, ID .axis .guide.line.major { stroke: #474d54; }
}
"""
"""A style sheet for a picture, in which ID stands for what selects it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture shows.

    :param unit: of its numbers.
    """

    name: str
    title: str
    unit: str


SUBJECTS = (
    Subject("requests", "Achieved against refused", "per second"),
    Subject("throughput", "Predictions", "per minute"),
    Subject("latency", "Latency of requests", "ms"),
    Subject("refusals", "429s", "per second"),
    Subject("in_flight", "Predictions in flight", "and users"),
    Subject("cost", "Cost", "USD per minute"),
)

LOOKS: Mapping[str, Any] = MappingProxyType(
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

SHAPE: Mapping[str, Any] = MappingProxyType(
    {
        "width": WIDTH,
        "height": HEIGHT,
        "js": [],  # otherwise the picture would ask for a script, from the network
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


def pictures(times: Sequence[int], lines: Mapping[str, Mapping[str, Line]]) -> Iterator[tuple[Subject, str]]:
    """Yield each picture that there is something to draw for, as SVG without an XML declaration."""
    for subject in SUBJECTS:
        if lines[subject.name]:
            yield subject, draw(subject, times, lines[subject.name])


def draw(subject: Subject, times: Sequence[int], lines: Mapping[str, Line]) -> str:
    """Return one picture.

    :param times: seconds since the beginning, one for each point of every line.
    """
    pygal = _pygal()
    chart = pygal.XY(
        style=pygal.style.Style(**LOOKS),
        css=["file://style.css", "file://graph.css", DARK.replace("ID", f"#chart-{subject.name}")],  # all go into it
        title=f"{subject.title}, {subject.unit}",
        x_value_formatter=lambda second: f"{second:g} s",
        value_formatter=lambda number: f"{number:,g}",
        x_labels=ticks(times[-1]),
        legend_at_bottom_columns=len(lines) if sum(map(len, lines)) < NARROW else 1,
        **SHAPE,
    )
    chart.uuid = subject.name  # otherwise the picture would be another one each time
    chart.add_xml_filter(_without_scripts)
    for name, points in lines.items():
        chart.add(name, list(zip(times, points, strict=True)))
    return str(chart.render())


def _pygal() -> ModuleType:
    """Return the library that draws; it is part of an extra."""
    import pygal  # noqa: PLC0415  # the same

    # It leaves a hook behind that lets `import` find its plugins, in a form that Python knows no more and warns of.
    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]
    module: ModuleType = pygal
    return module


def ticks(last: int) -> list[int]:
    """Return the seconds to write below a picture whose last point is at the second *last*: seven at most."""
    step = next((each for each in (1, 2, 5, 10, 15, 30, 60, 120) if last <= 6 * each), 300)
    return list(range(0, last + 1, step))


def _without_scripts(root: Element) -> Element:
    """Drop what only scripts would use, and the comments, which tell the day."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "script" or not isinstance(child.tag, str):  # a comment has a function for a tag
                parent.remove(child)
    return root
