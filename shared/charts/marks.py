"""Markers and dashes that distinguish series without colour: one pair a place, in the chart and in the legend."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from shared.charts.spec import Series


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of one place: an ECharts symbol, a dash pattern and the same sign as a path around (13, 6)."""

    symbol: str
    dash: tuple[int, ...]
    path: str


MARKS = (
    Mark("circle", (), "M16.5 6a3.5 3.5 0 1 1-7 0a3.5 3.5 0 1 1 7 0Z"),
    Mark("rect", (6, 4), "M9.5 2.5h7v7h-7Z"),
    Mark("triangle", (2, 3), "M13 2l4 8h-8Z"),
    Mark("diamond", (10, 4, 2, 4), "M13 1.5l4.5 4.5-4.5 4.5-4.5-4.5Z"),
)


def colour(series: Series, place: int) -> str:
    """Return the colour of a series as the custom property of the tokens, so that screens get theirs."""
    return f"var(--ch-{series.colour or place + 1})"


def line_sign(series: Series, place: int) -> Markup:
    """Return the legend's sign of a line."""
    mark = MARKS[place]
    dash = Markup(' stroke-dasharray="{}"').format(" ".join(map(str, mark.dash))) if mark.dash else ""
    return Markup(
        '<svg viewBox="0 0 26 12" aria-hidden="true"><path d="M0 6H26" stroke="{colour}" stroke-width="2.5"{dash}/>'
        '<path d="{path}" fill="{colour}"/></svg>'
    ).format(colour=colour(series, place), dash=dash, path=mark.path)


def bar_sign(series: Series, place: int) -> Markup:
    """Return the legend's sign of a kind of bar."""
    return Markup('<svg viewBox="0 0 26 12" aria-hidden="true"><rect width="26" height="12" fill="{}"/></svg>').format(
        colour(series, place)
    )


UNFINISHED_SIGN = Markup(
    '<svg viewBox="0 0 26 12" aria-hidden="true">'
    '<circle cx="13" cy="6" r="4" fill="none" stroke="var(--ch-1)" stroke-width="2"/></svg>'
)
RESTATED_SIGN = Markup(
    '<svg viewBox="0 0 26 12" aria-hidden="true">'
    '<path d="M13 0l6 6-6 6-6-6z" fill="none" stroke="var(--ch-1)" stroke-width="2"/></svg>'
)
