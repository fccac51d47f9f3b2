"""The tables and charts of a report, from its figures, in the words of a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.publisher.domain.report_figures import Block, ReportFigures, Row
from services.publisher.domain.report_periods import period_before, year_before
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.reference_names import category_name
from services.publisher.web.success import LABELS, success_by
from shared.charts.chart import Chart, Table
from shared.charts.renderer import ChartRenderer
from shared.charts.spec import Bars, Label, Series, Spec, Trend
from shared.rates import SuccessDenominator, percentage
from shared.web.formats import MISSING
from shared.web.i18n import _
from shared.web.periods import month_name, period_name

CHARTED_ROWS = 8
MEASURES = (
    ("complaints", _("投诉（件）")),
    ("accepted", _("受理（件）")),
    ("resolved", _("解决（件）")),
    ("mediations", _("调解（件）")),
    ("mediation_successes", _("调解成功（件）")),
)


def report_tables(figures: ReportFigures, presenter: FormPresenter) -> dict[str, Table]:
    """Return the table of each block that has figures, by the field of its text."""
    parts = {
        Block.REGIONS: (_("地区"), figures.regions, presenter.region),
        Block.INDUSTRIES: (_("行业"), figures.industries, presenter.industry),
        Block.CONCENTRATED: (_("问题"), figures.categories, lambda code: category_name(code, presenter.language)),
    }
    tables = {block.value: _parts_table(figures, presenter, *part) for block, part in parts.items() if part[1]}
    return {Block.OVERVIEW.value: _overview_table(figures, presenter), **tables}


async def report_charts(figures: ReportFigures, presenter: FormPresenter, renderer: ChartRenderer) -> dict[str, list[Chart]]:
    """Return the charts of each block, by the field of its text."""
    return {
        name: [await renderer.draw(spec, presenter.formats) for spec in specs]
        for name, specs in chart_specs(figures, presenter).items()
    }


def chart_specs(figures: ReportFigures, presenter: FormPresenter) -> dict[str, list[Spec]]:
    """Return what is drawn for each block: the months, and the parts against the period before."""
    specs: dict[str, list[Spec]] = {}
    if len(figures.months) > 1:
        specs[Block.OVERVIEW.value] = [_trend(figures, presenter)]
    names: Mapping[Block, tuple[Sequence[Row], Callable[[str], str], Label]] = {
        Block.INDUSTRIES: (figures.industries, presenter.industry, _("行业")),
        Block.CONCENTRATED: (figures.categories, lambda code: category_name(code, presenter.language), _("问题")),
    }
    for block, (rows, name, head) in names.items():
        if len(rows) > 1:
            specs[block.value] = [_bars(figures, presenter, rows[:CHARTED_ROWS], name, head)]
    return specs


def _trend(figures: ReportFigures, presenter: FormPresenter) -> Trend:
    return Trend(
        title=_("近%(count)s个月投诉量", count=len(figures.months)),
        note=_("件，按收到日期"),
        row_head=_("月份"),
        ticks=tuple(month_name(each.month, presenter.language) for each in figures.months),
        rows=tuple(each.month for each in figures.months),
        series=(Series(_("投诉"), tuple(float(each.complaints) for each in figures.months)),),
    )


def _bars(
    figures: ReportFigures, presenter: FormPresenter, rows: Sequence[Row], name: Callable[[str], str], head: Label
) -> Bars:
    now, before = (period_name(period, presenter.language) for period in (figures.period, period_before(figures.period)))
    series = [Series(now, tuple(float(row.now.complaints) for row in rows))]
    if all(row.before is not None for row in rows):
        series.append(Series(before, tuple(float(row.before.complaints) for row in rows if row.before), colour=6))
    return Bars(
        title=_("投诉量"), note=_("件，按收到日期"), row_head=head, names=tuple(name(row.subject) for row in rows),
        series=tuple(series),
    )  # fmt: skip


def _overview_table(figures: ReportFigures, presenter: FormPresenter) -> Table:
    total, formats = figures.total, presenter.formats
    columns = [total.now, total.before, total.year_before]
    by = figures.success_denominator
    closed = [("closed", _("办结（件）"))] if by is SuccessDenominator.CLOSED else []
    rows: list[tuple[Label, ...]] = [
        (label, *(formats.count(getattr(each, name, None)) for each in columns)) for name, label in (*MEASURES, *closed)
    ]
    resolved = ((each.resolved, each.accepted) if each else (0, 0) for each in columns)
    rows.append((_("解决率"), *(_rate(*counts, figures.minimum) for counts in resolved)))
    successes = (success_by(each, by) for each in columns)
    rows.append((LABELS[by], *(_rate(each.part, each.whole or 0, figures.minimum) for each in successes)))
    return Table((_("指标"), *_periods(figures, presenter)), tuple(rows))


def _parts_table(
    figures: ReportFigures, presenter: FormPresenter, head: Label, rows: Sequence[Row], name: Callable[[str], str]
) -> Table:
    whole, count = figures.total.now.complaints, presenter.formats.count
    return Table(
        (head, *_periods(figures, presenter), _("占比")),
        tuple(
            (
                name(row.subject),
                *(MISSING if each is None else count(each.complaints) for each in (row.now, row.before, row.year_before)),
                MISSING if whole < figures.minimum else f"{percentage(row.now.complaints, whole)}%",
            )
            for row in rows
        ),
    )


def _periods(figures: ReportFigures, presenter: FormPresenter) -> tuple[Label, ...]:
    periods = (figures.period, period_before(figures.period), year_before(figures.period))
    return tuple(period_name(period, presenter.language) for period in periods)


def _rate(part: int, whole: int, minimum: int) -> str:
    return MISSING if whole < max(minimum, 1) else f"{percentage(part, whole)}%"
