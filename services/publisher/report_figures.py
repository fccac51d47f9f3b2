"""Takes the figures of a report: of closed periods only, and of operators what is public of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from services.publisher.domain.report_figures import MonthCount, Numbers, ReportFigures, ReportKind, Row, by_complaints, roll_up
from services.publisher.domain.report_periods import NoPeriod, months_of, months_until, period_before, period_kind, year_before
from services.publisher.domain.small_cells import HiddenCells
from services.publisher.store import closings
from services.publisher.store import report_figures as stored
from services.publisher.store.report_figures import SubjectFigure
from services.publisher.store.small_cells import fetch_hidden_cells
from shared.clock import local_day
from shared.contracts import PeriodKind, SubjectKind
from shared.errors import PermanentError
from shared.identifiers import canonical_uscc
from shared.rates import SuccessDenominator
from shared.reference import categories, industries, regions
from shared.rules import Rules
from shared.web.i18n import Text, _

PERIODS: Mapping[ReportKind, PeriodKind] = {
    ReportKind.MONTH: PeriodKind.MONTH,
    ReportKind.QUARTER: PeriodKind.QUARTER,
    ReportKind.HALF: PeriodKind.HALF,
    ReportKind.YEAR: PeriodKind.YEAR,
    ReportKind.QUALITY: PeriodKind.HALF,
}
"""Of which length the period of a report has to be, where it is not of any."""

# More rows than these say nothing that a reader takes in.
MAX_ROWS, MAX_OPERATORS, MAX_SUBJECT = 12, 60, 40
TREND_MONTHS = 12
_SPACES = re.compile(r"\s+")
_SUBJECTS = (SubjectKind.ALL, SubjectKind.REGION, SubjectKind.INDUSTRY, SubjectKind.CATEGORY)


class ReportRefused(PermanentError):
    """A report cannot be drafted: `code`, and why in words."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class ReportRequest(NamedTuple):
    """The report that is asked for. `subject`: an industry or operator by its code, a special time by its name."""

    kind: ReportKind
    period: str
    subject: str = ""

    def checked(self) -> ReportRequest:
        """Return the request in its one form. Raises `ReportRefused`."""
        period, subject = self.period.strip().upper(), _SPACES.sub("", self.subject)
        try:
            found = period_kind(period)
        except NoPeriod:
            raise ReportRefused("no_period", _("请填写时段，例如2026-10、2026-Q3、2026-H1、2026")) from None
        if found is not PERIODS.get(self.kind, found):
            raise ReportRefused("other_period", _("时段与报告类别不符"))
        return ReportRequest(self.kind, period, self._checked_subject(subject))

    def _checked_subject(self, subject: str) -> str:
        match self.kind:
            case ReportKind.INDUSTRY:
                if subject not in industries():
                    raise ReportRefused("no_industry", _("请填写行业代码，例如F5273"))
                return subject
            case ReportKind.OPERATOR:
                code = canonical_uscc(subject)
                if code is None:
                    raise ReportRefused("no_operator", _("请填写经营者的统一社会信用代码"))
                return code
            case ReportKind.SPECIAL:
                if not subject or len(subject) > MAX_SUBJECT:
                    raise ReportRefused("no_subject", _("请填写专题名称，例如国庆"))
                return subject
            case _:
                return ""


class _Settings(NamedTuple):
    """What the rules say of a report's figures, by the names that they have there."""

    minimum: int
    list_minimum: int
    success_denominator: SuccessDenominator


async def gather(
    connection: asyncpg.Connection, rules: Rules, by: SuccessDenominator, zone: ZoneInfo, request: ReportRequest
) -> ReportFigures:
    """Return the figures of a checked request; `by` is what its success rates are a share of.

    Raises `ReportRefused` for a period that is not closed or has no data.
    """
    months = months_of(request.period)
    still_open = await stored.fetch_open_months(connection, months)
    if still_open:
        raise ReportRefused("not_closed", _("%(months)s还没有完成统计", months="、".join(still_open)))
    settings = _Settings(rules.rates.card_minimum, rules.rates.list_minimum, by)
    if request.kind is ReportKind.OPERATOR:
        return await _of_operator(connection, request, settings, await _closed_on(connection, zone))
    hidden = await _hidden_cells(connection, request.period, rules.rates.small_cell)
    return await _of_city(connection, request, settings, zone, hidden)


_Hidden = Mapping[SubjectKind, HiddenCells]


async def _hidden_cells(connection: asyncpg.Connection, period: str, least: int) -> _Hidden:
    """Return what is not shown of the months of a report, of those compared with and of its trend."""
    months = {month for each in _compared(period) for month in months_of(each)} | set(months_until(period, TREND_MONTHS))
    return {
        kind: await fetch_hidden_cells(connection, kind, sorted(months), least)
        for kind in (SubjectKind.REGION, SubjectKind.INDUSTRY, SubjectKind.CATEGORY)
    }


async def _of_city(
    connection: asyncpg.Connection, request: ReportRequest, settings: _Settings, zone: ZoneInfo, hidden: _Hidden
) -> ReportFigures:
    """Return the figures of the whole city, or of an industry in it."""
    months, compared = months_of(request.period), _compared(request.period)
    trend = months_until(request.period, TREND_MONTHS)
    by = settings.success_denominator
    found = await stored.fetch_figures(connection, sorted({*compared, *months, *trend}), _SUBJECTS, by)
    is_industry = request.kind is ReportKind.INDUSTRY
    own = {
        each.period: each
        for each in found
        if (
            each.subject == request.subject and each.kind is SubjectKind.INDUSTRY
            if is_industry
            else each.kind is SubjectKind.ALL
        )
    }
    if request.period not in own:
        raise ReportRefused("no_data", _("这个时段没有统计数据"))
    if sum(own[month].numbers.complaints for month in months if month in own) != own[request.period].numbers.complaints:
        raise ReportRefused("incomplete", _("统计数据还没有到齐，请稍后再试"))
    if is_industry:
        own = {
            period: each
            for period, each in own.items()
            if request.subject not in hidden[SubjectKind.INDUSTRY].within(months_of(period))
        }
        if request.period not in own:
            raise ReportRefused("small_cell", _("这个行业在这个时段的投诉件数不能列出，不能起草报告"))
    largest = await stored.fetch_operator_sums(
        connection,
        months,
        industry=request.subject if is_industry else None,
        least=settings.list_minimum,
        limit=MAX_OPERATORS,
    )
    parts = {} if is_industry else _parts(found, compared, hidden)
    return ReportFigures(
        kind=request.kind,
        period=request.period,
        subject=request.subject,
        as_of=_latest(found, zone),
        **settings._asdict(),
        total=_row(request.subject if is_industry else "", [own.get(period) for period in compared]),
        months=tuple(MonthCount(month=month, complaints=own[month].numbers.complaints) for month in trend if month in own),
        operators=tuple(Row(subject=each.name, now=each.numbers.counted_by(by)) for each in largest),
        **parts,
    )


def _parts(found: Sequence[SubjectFigure], compared: Sequence[str], hidden: _Hidden) -> dict[str, tuple[Row, ...]]:
    """Return the rows of regions, industries and categories; a hidden number is as one of which nothing is known."""
    by_kind: dict[SubjectKind, dict[str, dict[str, SubjectFigure]]] = {}
    for each in found:
        if each.period in compared:
            by_kind.setdefault(each.kind, {}).setdefault(each.subject, {})[each.period] = each
    rows = {
        kind: [_row(subject, [figures.get(period) for period in compared]) for subject, figures in subjects.items()]
        for kind, subjects in by_kind.items()
    }
    parents = {code: category.parent or "" for code, category in categories().items()}
    rows[SubjectKind.CATEGORY] = roll_up(rows.get(SubjectKind.CATEGORY, []), parents)
    rows = {
        kind: [_without_hidden(row, compared, hidden[kind]) for row in of_kind]
        for kind, of_kind in rows.items()
        if kind in hidden
    }
    places = {code: place for place, code in enumerate(regions())}
    return {
        "regions": tuple(
            sorted(
                (row for row in rows.get(SubjectKind.REGION, []) if row.now.complaints),
                key=lambda row: (places.get(row.subject, len(places)), row.subject),
            )[:MAX_ROWS]
        ),
        "industries": by_complaints(rows.get(SubjectKind.INDUSTRY, []))[:MAX_ROWS],
        "categories": by_complaints(rows.get(SubjectKind.CATEGORY, []))[:MAX_ROWS],
    }


def _without_hidden(row: Row, compared: Sequence[str], hidden: HiddenCells) -> Row:
    """Return a row without its hidden numbers; one whose present number is hidden has none, and is listed nowhere."""
    now, before, earlier = (row.subject in hidden.within(months_of(period)) for period in compared)
    return Row(
        subject=row.subject,
        now=Numbers() if now else row.now,
        before=None if before else row.before,
        year_before=None if earlier else row.year_before,
    )


async def _of_operator(
    connection: asyncpg.Connection, request: ReportRequest, settings: _Settings, as_of: date
) -> ReportFigures:
    """Return the figures of an operator from its public months; what is not public of it is not reported either."""
    sums = []
    for period in _compared(request.period):
        found = await stored.fetch_operator_sums(connection, months_of(period), key=request.subject, limit=1)
        sums.append(found[0].numbers.counted_by(settings.success_denominator) if found else None)
    if sums[0] is None:
        raise ReportRefused("no_data", _("这个时段没有公示过该经营者的投诉"))
    months = await stored.fetch_operator_months(connection, request.subject, months_until(request.period, TREND_MONTHS))
    return ReportFigures(
        kind=request.kind,
        period=request.period,
        subject=request.subject,
        as_of=as_of,
        **settings._asdict(),
        total=Row(subject=request.subject, now=sums[0], before=sums[1], year_before=sums[2]),
        months=tuple(months),
    )


async def _closed_on(connection: asyncpg.Connection, zone: ZoneInfo) -> date:
    closed_at = await closings.last_close(connection)
    if closed_at is None:
        raise ReportRefused("no_data", _("这个时段没有统计数据"))
    return local_day(closed_at, zone)


def _compared(period: str) -> tuple[str, str, str]:
    return period, period_before(period), year_before(period)


def _row(subject: str, figures: Iterable[SubjectFigure | None]) -> Row:
    now, before, earlier = (None if each is None else each.numbers for each in figures)
    return Row(subject=subject, now=now or Numbers(), before=before, year_before=earlier)


def _latest(found: Iterable[SubjectFigure], zone: ZoneInfo) -> date:
    return local_day(max(each.as_of for each in found), zone)
