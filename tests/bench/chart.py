"""Draws the comparison: requests a second of every server, for each of the two calls, as bars in one SVG."""

from collections.abc import Sequence

from bench.rounds import measure
from bench.samples import Table
from bench.subjects import LIMIT
from eachlabs_mock.load.charts import OPTIONS, STYLE, _pygal, _without_scripts

LOADS = ("poll", "create")
CONNECTIONS = 32
WIDTH = 820
_BAR = 46
"""Height of one server's bars."""
_MARGIN = 130


def drawn(table: Table) -> str:
    """Return the picture as SVG, which runs no script and asks for nothing. nginx, far off, is told in its title."""
    measured = table.row(measure(LOADS[0], CONNECTIONS), "requests/s").values
    names = [each for each in measured if each not in LIMIT]
    pygal = _pygal()
    chart = pygal.HorizontalBar(
        style=pygal.style.Style(**{**STYLE, "value_font_size": 13, "value_colors": ("#16181b",) * len(LOADS)}),
        title=_title(table),
        print_values=True,
        formatter=lambda value: f"{value:,.0f}",
        x_labels=names[::-1],  # it draws from the bottom up
        **{**OPTIONS, "width": WIDTH, "height": _MARGIN + _BAR * len(names)},
    )
    chart.uuid = "bench"  # otherwise the picture would be another one each time
    chart.add_xml_filter(_without_scripts)
    for load in LOADS:
        chart.add(f"{load}s a second", _speeds(table, load, names)[::-1])
    text: str = chart.render(is_unicode=True)
    return text


def _speeds(table: Table, load: str, names: Sequence[str]) -> list[float | None]:
    return [table.median(measure(load, CONNECTIONS), "requests/s", name) for name in names]


def _title(table: Table) -> str:
    limits = (table.median(measure("poll", CONNECTIONS), "requests/s", name) for name in LIMIT)
    limit = next((value for value in limits if value), None)
    title = f"Requests a second at {CONNECTIONS} connections"
    return title if limit is None else f"{title} (nginx: {limit:,.0f})"
