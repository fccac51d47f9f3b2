"""Reports: drafted from released figures, marked where a figure has moved since, and drafted anew in the marked blocks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import orjson

from services.publisher import desk_drafts
from services.publisher.bureau import FIGURES_RESTATED, BureauContext
from services.publisher.desk_drafts import CARRIED
from services.publisher.domain.checks import Check, CheckName, Result, count_results, to_json
from services.publisher.domain.desk_form import compose_form
from services.publisher.domain.drafting import State
from services.publisher.domain.form import Form
from services.publisher.domain.report_figures import Block, ReportFigures, ReportKind
from services.publisher.domain.report_periods import months_of, period_before, year_before
from services.publisher.domain.report_text import compose_advice, compose_blocks, compose_title
from services.publisher.kinds import KINDS, Kind, find_kind
from services.publisher.kinds.fields import Values
from services.publisher.kinds.report_fields import FIGURES, MOVED, SUBJECT, read_figures, subject_name
from services.publisher.releasing import ContentChanged, SeenVersion, lock_as_seen
from services.publisher.report_figures import ReportRefused, ReportRequest, gather
from services.publisher.store import operators, versions
from services.publisher.store import report_figures as stored
from services.publisher.store.desk import fetch_versions
from services.publisher.store.versions import Version
from shared.contracts import PublicItem
from shared.reference import industries
from shared.rules import Rules
from shared.stream import UnitOfWork

ITEM_KINDS: Mapping[ReportKind, tuple[str, str | None]] = {
    **dict.fromkeys((ReportKind.MONTH, ReportKind.QUARTER, ReportKind.HALF, ReportKind.YEAR), ("analysis_report", "period")),
    ReportKind.SPECIAL: ("analysis_report", "special"),
    ReportKind.INDUSTRY: ("analysis_report", "industry"),
    ReportKind.OPERATOR: ("analysis_report", "operator"),
    ReportKind.EMERGING: ("analysis_report", "emerging"),
    ReportKind.QUALITY: ("quality_analysis", None),
}
"""The kind of item that a report is, and its `report_kind` there."""

REPORTING = tuple(name for name, kind in KINDS.items() if any(each.name == FIGURES for each in kind.fields))
"""The kinds of items that have figures."""


@dataclass(frozen=True, slots=True)
class DraftedReport:
    """A drafted report: its item, its form and its figures."""

    item_id: str
    form: Form
    figures: ReportFigures


async def draft(uow: UnitOfWork, bureau: BureauContext, person: str, request: ReportRequest) -> DraftedReport:
    """Draft a report of a person, or of the program. Raises `ReportRefused`, `NaturalKeyTaken`."""
    checked = request.checked()
    item_kind, report_kind = ITEM_KINDS[checked.kind]
    by = bureau.rule_book.of_month(months_of(checked.period)[-1]).success_denominator(item_kind)
    figures = await gather(uow.connection, bureau.rules(uow.now), by, bureau.zone, checked)
    kind = KINDS[item_kind]
    form = compose_form(kind, _content(kind, report_kind, figures, await _name(uow.connection, checked)), None, None)
    return DraftedReport(await desk_drafts.create(uow, bureau, person, kind, form), form, figures)


def request_of(figures: ReportFigures) -> ReportRequest:
    """Return the request that figures answer."""
    return ReportRequest(figures.kind, figures.period, figures.subject)


async def find_moved(
    connection: asyncpg.Connection, bureau: BureauContext, form: Form | PublicItem, rules: Rules
) -> tuple[ReportFigures, tuple[Block, ...]] | None:
    """Return the figures that a report would have now and the blocks in which they differ; None where it has none."""
    figures = read_figures(form.content)
    if figures is None:
        return None
    try:
        current = await gather(connection, rules, figures.success_denominator, bureau.zone, request_of(figures))
    except ReportRefused:
        # What was public of its operator is withdrawn, or a figure is on its way: nothing can be drafted anew yet.
        return figures, ()
    # What a rate is shown from was a rule of that day.
    current = current.model_copy(update={"minimum": figures.minimum, "list_minimum": figures.list_minimum})
    return current, current.moved_from(figures)


async def redraft(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion) -> tuple[Block, ...]:
    """Draft the marked blocks of a report at work anew, with the figures of now; the others stay as they were written.

    Raises `ContentChanged`, `NothingChanged` and what editing raises.
    """
    (version,) = await lock_as_seen(uow, [seen], *desk_drafts.EDITABLE)
    kind, form, moved = await _redrafted(uow, bureau, version)
    await desk_drafts.edit(uow, bureau, person, seen, kind, form, keeps=False)
    return moved


async def restate(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str, number: int) -> tuple[Block, ...]:
    """Draft a corrected version of a public report, whose marked blocks have the figures of now.

    `number` is the public version that the person had before them. Raises `ContentChanged`, `NothingChanged`.
    """
    public = next((v for v in await fetch_versions(uow.connection, item_id) if v.state is State.RELEASED), None)
    if public is None or public.version != number:
        raise ContentChanged
    kind, form, moved = await _redrafted(uow, bureau, public)
    reason = bureau.rules(uow.now).restatements[FIGURES_RESTATED].zh
    await desk_drafts.correct(uow, bureau, person, item_id, number, kind, form, (FIGURES_RESTATED, reason), keeps=False)
    return moved


async def mark_moved(uow: UnitOfWork, bureau: BureauContext, periods: Collection[str]) -> None:
    """Let reports at work fail a check while a figure that they say is another by now; `periods` are those that changed."""
    item_ids = await stored.fetch_open_reports(uow.connection, REPORTING)
    for version in await versions.lock_open_versions(uow.connection, item_ids) if item_ids else ():
        figures = read_figures(version.form.content)
        if figures is None or _periods_of(figures).isdisjoint(periods):
            continue
        found = await find_moved(uow.connection, bureau, version.form, bureau.rules(uow.now))
        await _set_moved(uow.connection, version, found[1] if found else ())


async def _set_moved(connection: asyncpg.Connection, version: Version, moved: Sequence[Block]) -> None:
    others = [check for check in version.checks if check.finding != MOVED]
    checks = [*others, *([moved_check(version.form.kind or "", moved)] if moved else [])]
    if checks != list(version.checks):
        failing, warning = count_results(checks)
        await stored.set_checks(
            connection, version.item_id, version.version, orjson.dumps(to_json(checks)).decode(), failing, warning
        )


def moved_check(kind: str, moved: Sequence[Block]) -> Check:
    """Return the check that a report fails whose figures have moved."""
    return Check(CheckName.KIND, Result.FAIL, MOVED, {"kind": kind, "blocks": [block.value for block in moved], CARRIED: True})


def moved_blocks(version: Version) -> tuple[str, ...]:
    """Return the blocks of a version at work whose figures have moved, as its checks say."""
    return next((tuple(check.detail["blocks"]) for check in version.checks if check.finding == MOVED), ())


def _periods_of(figures: ReportFigures) -> set[str]:
    compared = {figures.period, period_before(figures.period), year_before(figures.period)}
    return compared | {each.month for each in figures.months}


async def _redrafted(uow: UnitOfWork, bureau: BureauContext, version: Version) -> tuple[Kind, Form, tuple[Block, ...]]:
    kind = find_kind(version.form.kind)
    found = await find_moved(uow.connection, bureau, version.form, bureau.rules(uow.now))
    if kind is None or found is None or not found[1]:
        raise desk_drafts.NothingChanged
    figures, moved = found
    content = dict(version.form.content or {})
    drafted = compose_blocks(figures, subject_name(figures, content))
    content |= {FIGURES: figures.model_dump_json(), **{block.value: drafted.get(block) for block in moved}}
    return kind, compose_form(kind, content, version.form.operator, version.form.region), moved


def _content(kind: Kind, report_kind: str | None, figures: ReportFigures, subject: str) -> Values:
    blocks = compose_blocks(figures, subject)
    filled: dict[str, str | int | None] = {
        "report_kind": report_kind,
        "covers": figures.period,
        "headline": compose_title(figures, subject),
        SUBJECT: subject or None,
        FIGURES: figures.model_dump_json(),
        **{block.value: text for block, text in blocks.items()},
        "advice": compose_advice(figures),
    }
    return {each.name: filled.get(each.name) for each in kind.fields}


async def _name(connection: asyncpg.Connection, request: ReportRequest) -> str:
    """Return the name of what a report is about."""
    match request.kind:
        case ReportKind.INDUSTRY:
            return industries()[request.subject].zh
        case ReportKind.OPERATOR:
            operator = await operators.fetch_operator(connection, request.subject)
            return operator.name if operator else request.subject
        case _:
            return request.subject
