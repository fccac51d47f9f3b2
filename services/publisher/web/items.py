"""Permanent addresses: an item with its versions, an operator with its months."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from services.publisher.domain.basic import Registration, denominator_of
from services.publisher.kinds import find_kind
from services.publisher.kinds.report_fields import read_figures
from services.publisher.projection import with_current_state
from services.publisher.reporting import find_moved
from services.publisher.store import gate, listing, operators, public_items, rulings, screens
from services.publisher.store.gate import ReleaseEntry
from services.publisher.web.charts import operator_trend
from services.publisher.web.dependencies import BureauDep, ChartsDep, PresenterDep, create_presenter, render
from services.publisher.web.overview import Overview, OverviewDep
from services.publisher.web.page_cache import BrieflyCachedRoute
from services.publisher.web.portal import not_found, project_for_today, public_entries
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.report_documents import report_document
from services.publisher.web.report_parts import report_charts, report_tables
from services.publisher.web.success import success_by
from shared.clock import now
from shared.contracts import Board, Decision, ItemState, PublicItem
from shared.rates import SUCCESSES, SuccessDenominator, share, sum_known
from shared.rules import Rules
from shared.web.documents import PressDep, answer_with_pdf
from shared.web.i18n import Text, _
from shared.web.languages import HTML_LANG
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep
from shared.web.vocabulary import word

MONTHS = 12
# How many of an operator's items its page lists.
MAX_ITEMS = 5
YEAR = timedelta(days=365)
WINDOWS = {"month": 1, "quarter": 3, "year": MONTHS}
router = APIRouter(include_in_schema=False, route_class=BrieflyCachedRoute)


@router.get("/items/{item_id}.pdf", response_class=Response)
async def item_document(request: Request, item_id: str, database: DatabaseDep, charts: ChartsDep, press: PressDep) -> Response:
    """Answer with an item as an official document; 404 for a kind that is none, 410 once it is withdrawn."""
    async with database.snapshot() as connection:
        row = await public_items.fetch_public_item(connection, item_id)
    kind = find_kind(row.item.kind) if row else None
    if row is None or (row.item.state is not ItemState.WITHDRAWN and not (kind and kind.is_document)):
        raise not_found()
    if row.item.state is ItemState.WITHDRAWN:
        raise HTTPException(HTTPStatus.GONE)
    pages = get_pages(request)
    presenter = create_presenter(pages, "zh")
    day = presenter.formats.day(row.item.released_at)
    document = await report_document(row.item, item_id, day, pages.site, presenter, charts)
    name = f"{row.item.title}（{item_id}）"
    return await answer_with_pdf(press, document, row.item.released_at, name, {"Content-Language": HTML_LANG["zh"]})


@router.get("/items/{item_id}")
async def item_page(
    request: Request, item_id: str, database: DatabaseDep, bureau: BureauDep, presenter: PresenterDep, charts: ChartsDep
) -> Response:
    """Show an item; a withdrawn one answers 410 with the reason and no content."""
    async with database.snapshot() as connection:
        row = await public_items.fetch_public_item(connection, item_id)
        if row is None:
            raise not_found()
        history = public_entries(await gate.fetch_history(connection, item_id))
        ruling = await rulings.fetch_last_ruling(connection, item_id)
        pending_application = await rulings.fetch_pending_application(connection, item_id)
        acknowledged = await screens.count_acknowledgements(connection, [(item_id, row.item.version)])
        screen_count = await screens.count_screens(connection)
        moved = await find_moved(connection, bureau, row.item, bureau.rules(now()))
    item = with_current_state(row.item, bureau.today(now()), under_review=row.under_review)
    channels = (acknowledged[item_id, item.version], screen_count) if screen_count else None
    rule = presenter.translate(_("公示规则（%(version)s版）", version=item.rules_version))
    if item.state is ItemState.WITHDRAWN:
        return render(
            request, "gone.html", status=HTTPStatus.GONE, item_id=item_id, withdrawn_at=item.released_at,
            reason_code=item.reason_code, reason=(item.reason or "").rstrip("。"), rule=rule, decided=_decision_text(ruling),
            board=item.board.value, released_at=item.first_released_at, channels=channels, record_url="/changes",
        )  # fmt: skip
    figures, kind = read_figures(item.content), find_kind(item.kind)
    return render(
        request, "portal/item.html", tab=item.board.value, item=item, history=history, ruling=ruling,
        pending_application=pending_application, rule=rule, trace=trace_steps(item, history, presenter, bureau.rules(now())),
        channels=channels, rules=bureau.rules(now()),
        made_on=_made_on(item),
        is_document=kind is not None and kind.is_document,
        tables=report_tables(figures, presenter) if figures else {},
        charts=await report_charts(figures, presenter, charts) if figures else {},
        moved=[presenter.label(block.value) for block in moved[1]] if moved else [],
    )  # fmt: skip


def _made_on(item: PublicItem) -> str:
    """Return the day on which an item was made out (成文日期): that of its decision, else of its first release."""
    kind, content = find_kind(item.kind), item.content or {}
    decided_on = content.get(kind.decided_on) if kind and kind.decided_on else None
    return str(decided_on or item.first_released_at.isoformat())


def _decision_text(ruling: rulings.Ruling | None) -> Text:
    """Return how it was decided to withdraw an item."""
    if ruling and ruling.decision == Decision.WITHDRAWN:
        return _("经营者申请，承办单位核实后撤回")
    return _("经审核岗和归口把关单位确认后撤回")


def trace_steps(item: PublicItem, history: list[ReleaseEntry], presenter: FormPresenter, rules: Rules) -> list[dict[str, Any]]:
    """Return what happened to an item, oldest first, as the component `trace` takes it; no person is named."""
    content = item.content or {}
    steps = [
        {"name": name, "at": content[field], "note": note}
        for field, name, note in (
            ("received_on", _("收到投诉"), word("channel", str(content.get("channel", "")))),
            ("accepted_on", _("受理"), presenter.value("office", content["office"]) if content.get("office") else ""),
            ("closed_on", _("办结"), content.get("result", "")),
        )
        if content.get(field)
    ]
    for entry in reversed(history):
        corrected, number = entry.kind == "corrected", entry.item.version
        name = _("更正，发布第%(number)s版", number=number) if corrected else _("审核通过，发布第%(number)s版", number=number)
        steps.append(
            {
                "name": name,
                "at": presenter.formats.iso_day(entry.item.released_at),
                "note": presenter.reason_text(entry.item, rules) if corrected else _("审核与发布由不同人员完成"),
            }
        )
    return [{**step, "state": "now" if step is steps[-1] else "past"} for step in steps]


@router.get("/operators/{code}")
async def operator_page(
    request: Request, code: str, database: DatabaseDep, bureau: BureauDep, charts: ChartsDep, overview: OverviewDep,
    presenter: PresenterDep, window: str = "month",
) -> Response:  # fmt: skip
    """Show an operator: registration, released months, trend, items."""
    async with database.snapshot() as connection:
        operator = await operators.fetch_operator(connection, code.strip().upper()) or await operators.fetch_operator(
            connection, code
        )
        if operator is None:
            raise not_found()
        former = await operators.fetch_former_names(connection, [operator.key])
        months = await operators.fetch_months(connection, operator.key, MONTHS)
        items = await listing.fetch_operator_items(connection, operator.key, MAX_ITEMS + 1)
        correction_count = await operators.count_corrections(connection, operator.key, now() - YEAR)
    selected_months, rules = months[: WINDOWS.get(window, 1)], bureau.rules(now())
    totals = _totals(selected_months)
    by = denominator_of(months[0].content or {}) if months else rules.success_denominator()
    industry_rates = _industry_rates(overview, operator, selected_months, totals, rules, by)
    trend = operator_trend(months, presenter)
    return render(
        request, "portal/operator.html", tab=Board.BASIC.value, operator=operator, months=months, window=window,
        former_names=former.get(operator.key, []),
        windows=_available_windows(len(months)),
        totals=totals, success=success_by(totals, by), selected_months=selected_months, industry_rates=industry_rates,
        items=project_for_today(items[:MAX_ITEMS], bureau), more=len(items) > MAX_ITEMS,
        correction_count=correction_count, overview=overview, rules=rules,
        chart=await charts.draw(trend, presenter.formats) if trend else None,
    )  # fmt: skip


def _available_windows(months: int) -> dict[str, int]:
    """Return the windows that can be chosen, by how many months each covers of those released."""
    by_length: dict[int, str] = {}
    for name, length in WINDOWS.items():
        by_length.setdefault(min(length, months), name)
    return {name: length for length, name in by_length.items()}


def _totals(months: list[PublicItem]) -> dict[str, int | None]:
    contents = [month.content or {} for month in months]
    names = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
    sums: dict[str, int | None] = {name: sum(int(content.get(name) or 0) for content in contents) for name in names}
    return sums | {"closed": sum_known(content.get("closed") for content in contents)}


def _industry_rates(
    overview: Overview,
    operator: Registration,
    months: list[PublicItem],
    totals: dict[str, int | None],
    rules: Rules,
    by: SuccessDenominator,
) -> dict[str, Decimal]:
    """Return the rates of the operator's industry in the same months, where both denominators reach the rules' minimum."""
    minimum, rates = rules.rates, {"resolved": "accepted", SUCCESSES: by.value}
    comparable = [rate for rate, denominator in rates.items() if (totals[denominator] or 0) >= minimum.card_minimum]
    if not operator.industry or not comparable:
        return {}
    industry_months = overview.industry_months([month.period or "" for month in months], operator.industry)
    sums = {name: sum_known(getattr(month, name) for month in industry_months) or 0 for name in (*rates, *rates.values())}
    return {rate: share(sums[rate], sums[rates[rate]]) for rate in comparable if sums[rates[rate]] >= minimum.list_minimum}
