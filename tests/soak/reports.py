"""Writes a soak down: a table for people, JSON for programs, a picture."""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.machine import Machine
from eachlabs_mock.load.charts import OPTIONS, STYLE, _pygal, _without_scripts
from soak.slices import Slice, Summary

WIDTH, HEIGHT = 820, 320


def as_markdown(summary: Summary, machine: Machine) -> str:
    """Return the table that the README quotes."""
    minutes, last = summary.slices[-1].seconds / 60, summary.slices[-1]
    expected, received = summary.webhooks
    thirds = zip(("requests/s", "p50 ms", "p99 ms", "memory, MB"), *map(_third, summary.thirds), strict=True)
    table = "\n".join(f"| {' | '.join(each)} |" for each in thirds)
    return f"""\
`make soak`, {machine.date}, {machine.cpu}, {machine.cores} cores: {minutes:.0f} minutes at full speed,
32 connections, one create to nine polls.

| | first third | middle | last |
| --- | ---: | ---: | ---: |
{table}

{summary.requests:,} requests, {summary.failed} not answered 2xx. Beside them {summary.lives:,} lives were followed
from create to a picture that was opened, {summary.refusals:,} calls refused as they should be, and
{received:,} of {expected:,} webhooks received, each once.
At the end {last.threads} threads and {last.descriptors} descriptors. {_verdict(summary)}
"""


def _third(slices: Sequence[Slice]) -> list[str]:
    return [
        f"{median(each.per_second for each in slices):,.0f}",
        f"{median(each.p50_ms for each in slices):.2f}",
        f"{median(each.p99_ms for each in slices):.1f}",
        f"{median(each.memory_mb for each in slices):.0f}",
    ]


def _verdict(summary: Summary) -> str:
    return "Sound." if not summary.faults else "Not sound: " + "; ".join(summary.faults[:10])


def as_json(summary: Summary, machine: Machine) -> dict[str, Any]:
    """Return everything, unrounded."""
    return {**asdict(summary), "machine": asdict(machine), "faults": list(summary.faults)}


def drawn(summary: Summary) -> str:
    """Return a picture of memory and 99th percentile over the minutes."""
    pygal = _pygal()
    chart = pygal.XY(
        style=pygal.style.Style(**STYLE),
        title="Memory, and the 99th percentile of answers",
        x_title="minutes",
        **{**OPTIONS, "width": WIDTH, "height": HEIGHT},
    )
    chart.uuid = "soak"
    chart.add_xml_filter(_without_scripts)
    minutes = [each.seconds / 60 for each in summary.slices]
    chart.add("memory, MB", list(zip(minutes, (each.memory_mb for each in summary.slices), strict=True)))
    chart.add("p99, ms", list(zip(minutes, (each.p99_ms for each in summary.slices), strict=True)))
    return str(chart.render())
