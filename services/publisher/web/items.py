"""Permanent addresses: an item with its versions, an operator with its months."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from services.publisher.domain.basic import Registration
from services.publisher.projection import as_shown
from services.publisher.store import gate, listing, operators, public, rulings, screens
from services.publisher.store.gate import Recorded
from services.publisher.web.drawings import operator_trend
from services.publisher.web.fields import Showing
from services.publisher.web.frame import ChartsOf, OfficeOf, ShowingOf, render
from services.publisher.web.overview import Overview, OverviewOf
from services.publisher.web.portal import not_found, today_form
from services.publisher.web.shelf import BrieflyKeptRoute
from shared.clock import now
from shared.contracts import Board, Decision, ItemState, PublicItem
from shared.rules import Rules
from shared.web.i18n import Text, _
from shared.web.session import StoreOf
from shared.web.vocabulary import word

MONTHS = 12
# So many of an operator's items are shown.
ITEMS = 5
YEAR = timedelta(days=365)
# The count that is the numerator of a rate, and the one it is a share of.
RATES = {"resolved": "accepted", "mediation_successes": "mediations"}
WINDOWS = {"month": 1, "quarter": 3, "year": MONTHS}
router = APIRouter(include_in_schema=False, route_class=BrieflyKeptRoute)


@router.get("/items/{item_id}")
async def item_page(request: Request, item_id: str, store: StoreOf, office: OfficeOf, show: ShowingOf) -> Response:
    """Show an item; a withdrawn one answers 410 with the reason and nothing of what it said."""
    async with store.reading() as connection:
        found = await public.public_item(connection, item_id)
        if found is None:
            raise not_found()
        history = await gate.history(connection, item_id)
        ruling = await rulings.last_ruling(connection, item_id)
        waiting = await rulings.waiting(connection, item_id)
        seen = await screens.acknowledged(connection, [(item_id, found.item.version)])
        registered = await screens.counts(connection)
    item = as_shown(found.item, office.today(now()), under_review=found.under_review)
    channels = (seen[item_id, item.version], registered) if registered else None
    rule = show.say(_("公示规则（%(version)s版）", version=item.rules_version))
    if item.state is ItemState.WITHDRAWN:
        return render(
            request, "gone.html", status=HTTPStatus.GONE, item_id=item_id, withdrawn_at=item.released_at,
            reason_code=item.reason_code, reason=(item.reason or "").rstrip("。"), rule=rule, decided=_decided(ruling),
            board=item.board.value, released_at=item.first_released_at, channels=channels, record_url="/changes",
        )  # fmt: skip
    return render(
        request, "portal/item.html", tab=item.board.value, item=item, history=history, ruling=ruling, waiting=waiting,
        rule=rule, trace=trace(item, history, show, office.rules(now())), channels=channels, rules=office.rules(now()),
    )  # fmt: skip


def _decided(ruling: rulings.Ruling | None) -> Text:
    """Return how it was decided to withdraw an item."""
    if ruling and ruling.decision == Decision.WITHDRAWN:
        return _("经营者申请，承办单位核实后撤回")
    return _("审核岗提出，归口把关单位确认后撤回")


def trace(item: PublicItem, history: list[Recorded], show: Showing, rules: Rules) -> list[dict[str, Any]]:
    """Return what happened to an item, oldest first, as the component `trace` takes it; no person is named."""
    content = item.content or {}
    steps = [
        {"name": name, "at": content[field], "note": note}
        for field, name, note in (
            ("received_on", _("收到投诉"), word("channel", str(content.get("channel", "")))),
            ("accepted_on", _("受理"), show.value("office", content["office"]) if content.get("office") else ""),
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
                "at": show.formats.iso_day(entry.item.released_at),
                "note": show.reason(entry.item, rules) if corrected else _("审核与发布由不同人员完成"),
            }
        )
    return [{**step, "state": "now" if step is steps[-1] else "past"} for step in steps]


@router.get("/operators/{code}")
async def operator_page(
    request: Request, code: str, store: StoreOf, office: OfficeOf, charts: ChartsOf, overview: OverviewOf, show: ShowingOf,
    window: str = "month",
) -> Response:  # fmt: skip
    """Show an operator: registration, released months, trend, items."""
    async with store.reading() as connection:
        operator = await operators.operator(connection, code.strip().upper()) or await operators.operator(connection, code)
        if operator is None:
            raise not_found()
        months = await operators.months(connection, operator.key, MONTHS)
        items = await listing.of_operator(connection, operator.key, ITEMS + 1)
        lately = await operators.changes(connection, operator.key, now() - YEAR)
    chosen, rules = months[: WINDOWS.get(window, 1)], office.rules(now())
    totals = _totals(chosen)
    levels = _levels(overview, operator, chosen, totals, rules)
    trend = operator_trend(months, show)
    return render(
        request, "portal/operator.html", tab=Board.BASIC.value, operator=operator, months=months, window=window,
        windows=_windows(len(months)),
        totals=totals, chosen=chosen, levels=levels, items=today_form(items[:ITEMS], office), more=len(items) > ITEMS,
        lately=lately, overview=overview, rules=rules, chart=await charts.draw(trend, show.formats) if trend else None,
    )  # fmt: skip


def _windows(months: int) -> dict[str, int]:
    """Return the windows that can be chosen with how many months each has, where so many are released."""
    by_length: dict[int, str] = {}
    for name, length in WINDOWS.items():
        by_length.setdefault(min(length, months), name)
    return {name: length for length, name in by_length.items()}


def _totals(months: list[PublicItem]) -> dict[str, int]:
    names = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
    return {name: sum(int((month.content or {}).get(name) or 0) for month in months) for name in names}


def _levels(
    overview: Overview, operator: Registration, months: list[PublicItem], totals: dict[str, int], rules: Rules
) -> dict[str, float]:
    """Return the rates of the operator's trade in the same months, where both it and the operator have counts enough."""
    least = rules.rates
    told = [rate for rate, denominator in RATES.items() if totals[denominator] >= least.card_minimum]
    if not operator.industry or not told:
        return {}
    of_trade = overview.trade([month.period or "" for month in months], operator.industry)
    trade = {name: sum(getattr(month, name) for month in of_trade) for name in (*RATES, *RATES.values())}
    return {rate: trade[rate] / trade[RATES[rate]] for rate in told if trade[RATES[rate]] >= least.list_minimum}
