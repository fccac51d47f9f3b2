"""A chart ready for a page: two drawings, the table of their data, a sentence for screen readers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from shared.charts.drawing import Drawing
from shared.charts.labels import exact_forms, value_text
from shared.charts.marks import RESTATED_SIGN, UNFINISHED_SIGN, bar_sign, line_sign
from shared.charts.spec import Bars, Label, Series, Spec, Trend
from shared.web.formats import Formats, change_texts
from shared.web.i18n import Text, _


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart, exact; the first column heads the row."""

    header: tuple[Label, ...]
    rows: tuple[tuple[Label, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart. Without drawings (the renderer failed) the page shows the table alone."""

    title: Label
    note: Label
    legend: tuple[tuple[Label, Markup], ...]
    table: Table
    summary: tuple[Label, ...]
    wide: Drawing | None
    narrow: Drawing | None


def build_chart(spec: Spec, wide: Drawing | None, narrow: Drawing | None, formats: Formats) -> Chart:
    """Return the chart of `spec` with its drawings."""
    return Chart(
        title=spec.title,
        note=spec.note,
        legend=_legend(spec),
        table=_table(spec, formats),
        summary=_summary(spec, formats),
        wide=wide,
        narrow=narrow,
    )


def _legend(spec: Spec) -> tuple[tuple[Label, Markup], ...]:
    if isinstance(spec, Bars):
        signs = [(one.name, bar_sign(one, place)) for place, one in enumerate(spec.series)]
        return tuple(signs) if len(signs) > 1 else ()
    lines = [(one.name, line_sign(one, place)) for place, one in enumerate(spec.series)]
    marks: list[tuple[Label, Markup]] = []
    if spec.unfinished:
        marks.append((_("当月未满"), UNFINISHED_SIGN))
    if spec.restated:
        marks.append((_("已重算"), RESTATED_SIGN))
    return (*lines, *marks)


def _table(spec: Spec, formats: Formats) -> Table:
    heads = spec.rows if isinstance(spec, Trend) else spec.names
    rows = [
        (_row_head(spec, index), *(_cell(spec, index, place, formats) for place in range(len(spec.series))))
        for index in range(len(heads))
    ]
    return Table((spec.row_head, *(one.name for one in spec.series)), tuple(rows))


def _row_head(spec: Spec, index: int) -> Label:
    if isinstance(spec, Bars):
        return spec.names[index]
    if spec.unfinished and index == len(spec.rows) - 1:
        return _("%(period)s（未满）", period=spec.rows[index])
    return spec.rows[index]


def _cell(spec: Spec, index: int, place: int, formats: Formats) -> Label:
    value, forms = spec.series[place].values[index], exact_forms(spec, formats)
    for one in spec.restated if isinstance(spec, Trend) else ():
        if (one.index, one.series) == (index, place) and value is not None:
            before, after = change_texts(one.previous, value, forms)
            return _("%(value)s（原%(was)s）", value=after, was=before)
    return value_text(value, forms)


def _summary(spec: Spec, formats: Formats) -> tuple[Label, ...]:
    return tuple(_summary_sentence(one, spec, formats) for one in spec.series)


def _summary_sentence(series: Series, spec: Spec, formats: Formats) -> Text:
    heads = spec.rows if isinstance(spec, Trend) else spec.names
    known = [(value, head) for value, head in zip(series.values, heads, strict=True) if value is not None]
    if isinstance(spec, Trend) and spec.unfinished:
        known = known[:-1] or known
    if not known:
        return _("%(name)s没有数据。", name=series.name)
    highest, lowest = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    forms = exact_forms(spec, formats)
    return _(
        "%(name)s最高%(high)s（%(high_at)s），最低%(low)s（%(low_at)s）。",
        name=series.name,
        high=value_text(highest[0], forms),
        high_at=highest[1],
        low=value_text(lowest[0], forms),
        low_at=lowest[1],
    )
