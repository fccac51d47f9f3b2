"""The cost of a report by the number of complaints held, drawn as SVG, and its table as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from deploy.bench.growth import Size
from deploy.supervisor import SERVICES
from shared import web
from shared.charts.chart import Chart, Table
from shared.charts.drawing import SVG
from shared.charts.renderer import ChartRenderer
from shared.charts.spec import Label, Series, Trend
from shared.web.formats import Formats

NAME = "growth"
FORMATS = Formats("en", ZoneInfo("UTC"))
# As the pages' style sheet sets them; a picture by itself has none.
STYLE = "text{font:13px sans-serif}.t-strong{font-weight:600}"


LEGEND_HEIGHT = 30
LEGEND_STEP = 170
TOKENS = Path(web.__file__).parent / "static" / "tokens.css"
VARIABLE = re.compile(r"var\((--[\w-]+)\)")


class NotDrawn(RuntimeError):
    """The chart could not be drawn."""


def write(sizes: Sequence[Size], folder: Path) -> Path:
    """Write the plot and its table into a folder, made where it is missing, and return the plot's path."""
    renderer = ChartRenderer()
    try:
        chart = renderer.draw_sync(_spec(sizes), FORMATS)
    finally:
        renderer.close()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.md").write_text(_markdown(chart.table), encoding="utf-8")
    plot = folder / f"{NAME}.svg"
    plot.write_text(_standalone(chart), encoding="utf-8")
    return plot


def _spec(sizes: Sequence[Size]) -> Trend:
    """Return the lines: all processes, the services, PostgreSQL, Kafka."""
    services = tuple(sum(_cpu_us(size, name) for name in SERVICES) for size in sizes)
    engines = {name: tuple(_cpu_us(size, name) for size in sizes) for name in ("PostgreSQL", "Kafka")}
    every = tuple(round(size.middle.cpu_us, 1) for size in sizes)
    heads = tuple(FORMATS.count(size.complaints) for size in sizes)
    return Trend(
        title="Processor time of a report, µs",
        note="Median of the windows; half of the reports revise complaints drawn from all that are held.",
        row_head="Complaints held",
        ticks=heads,
        rows=heads,
        series=(
            Series("all processes", every),
            Series("the four services", tuple(round(each, 1) for each in services)),
            *(Series(name, values) for name, values in engines.items()),
        ),
    )


def _cpu_us(size: Size, process: str) -> float:
    return round(size.middle.cpu_s[process] / size.middle.reports * 1e6, 1)


def _markdown(table: Table) -> str:
    rows = [table.header, ("---",) * len(table.header), *table.rows]
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def _standalone(chart: Chart) -> str:
    """Return the drawing as a picture by itself, with its legend above it and the colours of the pages."""
    drawing = chart.wide
    if drawing is None:
        raise NotDrawn
    width, height = drawing.width, drawing.height + LEGEND_HEIGHT
    legend = "".join(_legend_entry(name, sign, place * LEGEND_STEP) for place, (name, sign) in enumerate(chart.legend))
    svg = (
        f'<svg xmlns="{SVG}" viewBox="0 {-LEGEND_HEIGHT} {width} {height}" role="img" aria-label="{escape(chart.title)}">'
        f'<style>{STYLE}</style><rect y="{-LEGEND_HEIGHT}" width="{width}" height="{height}" fill="white"/>'
        f"{legend}{drawing.content}</svg>\n"
    )
    tokens = TOKENS.read_text(encoding="utf-8")
    return VARIABLE.sub(lambda variable: _value(tokens, variable[1]), svg)


def _legend_entry(name: Label, sign: Markup, left: int) -> str:
    placed = str(sign).replace("<svg ", f'<svg x="{left}" y="{8 - LEGEND_HEIGHT}" width="26" height="12" ', 1)
    return f'{placed}<text x="{left + 32}" y="{18 - LEGEND_HEIGHT}" fill="var(--c-ink-2)">{escape(name)}</text>'


def _value(tokens: str, name: str) -> str:
    """Return a custom property as the pages have it in the light, which stands first."""
    found = re.search(rf"{re.escape(name)}:\s*([^;]+);", tokens)
    if found is None:
        raise NotDrawn
    return found[1]
