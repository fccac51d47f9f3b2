"""Chart specifications as ECharts options, in the colours, markers and dashes of the look.

Colours are custom properties: ECharts hands unknown colour words through to the SVG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.charts.labels import short_forms, value_text
from shared.charts.marks import MARKS, colour
from shared.charts.scale import PERCENT, Scale, value_scale
from shared.charts.spec import Bars, Series, Spec, Trend, Value
from shared.web.formats import Formats, change_texts

FONT = 13
INK, INK_2, PAGE, GRID, AXIS = "var(--c-ink)", "var(--c-ink-2)", "var(--c-page)", "var(--ch-grid)", "var(--ch-axis)"
# Width of one Latin digit and of one Han character at 13 px, for room that ECharts cannot measure without a canvas.
DIGIT, HAN = 7.5, 13
# Labels of months need this much room; fewer are written when there is less.
TICK_ROOM = 44
BAR_ROW = 34


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of one drawing in user units."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DrawingRequest:
    """The input of the drawing script: the option, and the labels of the value axis by value."""

    frame: Frame
    option: dict[str, Any]
    labels: dict[str, str]


def frames(spec: Spec) -> tuple[Frame, Frame]:
    """Return the sizes of the wide and the narrow drawing."""
    if isinstance(spec, Bars):
        height = 34 + BAR_ROW * len(spec.names) * max(1, len(spec.series) * 2 // 3)
        return Frame(580 if spec.half else 760, height), Frame(358, height)
    return (Frame(580, 330) if spec.half else Frame(760, 280)), Frame(358, 250)


def drawing_request(spec: Spec, frame: Frame, formats: Formats) -> DrawingRequest:
    """Return what to draw of `spec` in `frame`."""
    scale = PERCENT if spec.percent else value_scale(_max_value(spec.series))
    labels = {_label_key(tick): f"{tick:g}%" if spec.percent else formats.brief(int(tick)) for tick in scale.ticks}
    parts = (
        _trend_option(spec, frame, scale, labels, formats) if isinstance(spec, Trend) else _bars_option(spec, scale, formats)
    )
    option = {"animation": False, "textStyle": {"fontFamily": "sans-serif", "fontSize": FONT}, **parts}
    return DrawingRequest(frame, option, labels)


def _trend_option(spec: Trend, frame: Frame, scale: Scale, labels: dict[str, str], formats: Formats) -> dict[str, Any]:
    left = 14 + DIGIT * max(len(label) for label in labels.values())
    lines = [_line_series(series, place, spec) for place, series in enumerate(spec.series)]
    return {
        "grid": {"left": max(left, 44), "right": 20, "top": 40 if spec.restated else 26, "bottom": 34, **_NO_OUTER_BOUNDS},
        "xAxis": _category_axis(spec.ticks, room=(frame.width - left - 20) / max(len(spec.ticks) - 1, 1)),
        "yAxis": _value_axis(scale),
        "series": [*lines, *_unfinished_points(spec), *_restated_points(spec, formats)],
    }


def _bars_option(spec: Bars, scale: Scale, formats: Formats) -> dict[str, Any]:
    left = 12 + HAN * max(len(name) for name in spec.names)
    names = {
        "type": "category",
        "data": list(spec.names),
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": AXIS}},
        "axisLabel": {"fontSize": FONT, "color": INK_2, "interval": 0},
    }
    return {
        "aria": {"enabled": len(spec.series) > 1, "label": {"enabled": False}, "decal": {"show": len(spec.series) > 1}},
        "grid": {"left": left, "right": 64, "top": 4, "bottom": 30, **_NO_OUTER_BOUNDS},
        "xAxis": _value_axis(scale),
        "yAxis": names,
        "series": [_bar_series(series, place, spec, formats) for place, series in enumerate(spec.series)],
    }


# The margins are set here; ECharts 6 would widen them for labels it measures as too wide.
_NO_OUTER_BOUNDS = {"outerBoundsMode": "none"}


def _category_axis(ticks: tuple[str, ...], room: float) -> dict[str, Any]:
    every = max(1, -(-TICK_ROOM // max(int(room), 1)))
    last = len(ticks) - 1
    return {
        "type": "category",
        "boundaryGap": False,
        # Counted back from the last one, so that the newest period always has its label.
        "data": [tick if (last - index) % every == 0 else "" for index, tick in enumerate(ticks)],
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": AXIS, "cap": "butt"}},
        "axisLabel": {"fontSize": FONT, "color": INK_2, "interval": 0, "hideOverlap": False, "margin": 10},
    }


def _value_axis(scale: Scale) -> dict[str, Any]:
    return {
        "type": "value",
        "min": 0,
        "max": scale.top,
        "interval": scale.step,
        "splitLine": {"lineStyle": {"color": GRID}},
        "axisLabel": {"fontSize": FONT, "color": INK_2},
    }


def _line_series(series: Series, place: int, spec: Trend) -> dict[str, Any]:
    mark = MARKS[place]
    heights = [_height(spec, value) for value in series.values]
    values = [*heights[:-1], None] if spec.unfinished else heights
    return {
        "type": "line",
        "data": values,
        "symbol": mark.symbol,
        "symbolSize": 7,
        "showAllSymbol": True,
        "silent": True,
        "clip": False,
        "lineStyle": {
            "width": 2.5,
            "color": colour(series, place),
            "join": "round",
            "type": list(mark.dash) if mark.dash else "solid",
        },
        "itemStyle": {"color": colour(series, place)},
    }


def _unfinished_points(spec: Trend) -> list[dict[str, Any]]:
    if not spec.unfinished:
        return []
    last = len(spec.ticks) - 1
    return [
        _hollow_symbol(colour(series, place), [last, _height(spec, series.values[last])], "circle", 8)
        for place, series in enumerate(spec.series)
        if series.values[last] is not None
    ]


def _restated_points(spec: Trend, formats: Formats) -> list[dict[str, Any]]:
    points = []
    for one in spec.restated:
        series = spec.series[one.series]
        now = series.values[one.index]
        if now is None:
            continue
        diamond = _hollow_symbol(colour(series, one.series), [one.index, _height(spec, now)], "diamond", [12, 14])
        label = "→".join(change_texts(one.previous, now, short_forms(spec, formats)))
        position = "top" if one.index < len(spec.ticks) - 1 else "left"
        diamond["label"] = {"show": True, "position": position, "formatter": label, "color": INK, "fontSize": FONT,
                            "fontWeight": 600, "opacity": 1}  # fmt: skip
        points.append(diamond | {"symbolOffset": [0, -15]})
    return points


def _hollow_symbol(stroke: str, point: list[float | None], symbol: str, size: int | list[int]) -> dict[str, Any]:
    style = {"color": PAGE, "borderColor": stroke, "borderWidth": 2, "opacity": 1}
    return {"type": "scatter", "silent": True, "clip": False, "data": [point], "symbol": symbol, "symbolSize": size,
            "itemStyle": style}  # fmt: skip


def _bar_series(series: Series, place: int, spec: Bars, formats: Formats) -> dict[str, Any]:
    data = [
        None
        if value is None
        else {"value": _height(spec, value), "label": {"formatter": value_text(value, short_forms(spec, formats))}}
        for value in series.values
    ]
    label = {"show": True, "position": "right", "color": INK, "fontSize": FONT}
    return {"type": "bar", "data": data, "silent": True, "barMaxWidth": 16, "label": label,
            "itemStyle": {"color": colour(series, place)}}  # fmt: skip


def _height(spec: Spec, value: Value | None) -> float | None:
    """Return a value in the units of its axis; a binary fraction is exact enough for a place in a drawing."""
    return None if value is None else float(100 * value if spec.percent else value)


def _max_value(series: tuple[Series, ...]) -> float:
    return float(max((value for one in series for value in one.values if value is not None), default=0))


def _label_key(tick: float) -> str:
    # JavaScript writes a whole number without a point: the key of 20.0 is "20".
    return str(int(tick)) if tick == int(tick) else str(tick)
