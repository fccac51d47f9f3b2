"""Reports at the desk: drafted from released figures by a button, and drafted anew where a figure has moved."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from services.publisher import reporting
from services.publisher.desk_drafts import NaturalKeyTaken, NothingChanged
from services.publisher.domain.report_figures import ReportKind
from services.publisher.releasing import SeenVersion
from services.publisher.report_figures import ReportRefused, ReportRequest
from services.publisher.web.decisions import decide
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import layout_context
from services.publisher.web.drafts import DRAFTS, NUMBER
from services.publisher.web.office import OfficeDep, OfficeDesk
from shared.reference import industries
from shared.stream import UnitOfWork
from shared.text import drop_forbidden
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

MAX_TYPED = 100
KINDS: dict[ReportKind, Text] = {
    ReportKind.MONTH: _("月度报告"),
    ReportKind.QUARTER: _("季度报告"),
    ReportKind.HALF: _("半年报告"),
    ReportKind.YEAR: _("年度报告"),
    ReportKind.SPECIAL: _("专题报告"),
    ReportKind.INDUSTRY: _("重点行业报告"),
    ReportKind.OPERATOR: _("重点经营者报告"),
    ReportKind.EMERGING: _("新问题报告"),
    ReportKind.QUALITY: _("半年质量分析"),
}
# As 2026-10.
MAX_PERIOD = 7
router = APIRouter(prefix="/desk", include_in_schema=False)


def report_kinds(office: OfficeDesk) -> dict[str, Text]:
    """Return the kinds of reports that an office can draft."""
    return {kind.value: label for kind, label in KINDS.items() if reporting.ITEM_KINDS[kind][0] in office.kinds}


@router.get("/reports/new")
async def new_page(
    request: Request, office: OfficeDep, kind: Annotated[PlainText, Query()] = "", period: Annotated[PlainText, Query()] = ""
) -> Response:
    """Show what a report can be drafted of; the plan's page names the kind and the period."""
    if not report_kinds(office):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    chosen = {"kind": kind if kind in report_kinds(office) else "", "period": period[:MAX_PERIOD]}
    return _render(request, office, chosen, {})


@router.post("/reports/new", dependencies=[Depends(accept_body(STAFF_FORM))])
async def draft(request: Request, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep) -> Response:
    """Draft a report, and show it for editing; 422 where there is nothing to draft it from."""
    async with request.form() as form:
        typed = {name: _text(form.get(name)) for name in ("kind", "period", "subject", "industry")}
    if typed["kind"] not in report_kinds(office):
        return _render(request, office, typed, {"kind": _("请从列表中选择")}, HTTPStatus.UNPROCESSABLE_ENTITY)
    kind = ReportKind(typed["kind"])
    subject = typed["industry"] if kind is ReportKind.INDUSTRY else typed["subject"]
    drafted: list[str] = []

    async def act(uow: UnitOfWork) -> None:
        report = await reporting.draft(uow, bureau, office.person.name, ReportRequest(kind, typed["period"], subject))
        drafted.append(report.item_id)

    try:
        response = await decide(request, pages, database, act, DRAFTS)
    except ReportRefused as refused:
        field = {"no_industry": "industry", "no_operator": "subject", "no_subject": "subject"}.get(refused.code, "period")
        return _render(request, office, typed, {field: refused.text}, HTTPStatus.UNPROCESSABLE_ENTITY)
    except NaturalKeyTaken as taken:
        fault = _("已有同样的公示信息：%(item)s", item=taken.item_id)
        return _render(request, office, typed, {"period": fault}, HTTPStatus.CONFLICT)
    if drafted:
        response.headers["Location"] = f"/desk/items/{drafted[0]}/edit"
    return response


@router.post("/items/{item_id}/redraft", dependencies=[Depends(accept_body(STAFF_FORM))])
async def redraft(
    request: Request, item_id: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Draft the marked blocks of a report anew: of the version at work, or as a correction of the public one."""
    async with request.form() as form:
        seen, version = _text(form.get("seen")), _text(form.get("version"))

    async def act(uow: UnitOfWork) -> None:
        if version:
            number = int(version) if NUMBER.fullmatch(version) else 0
            await reporting.restate(uow, bureau, office.person.name, item_id, number)
        else:
            await reporting.redraft(uow, bureau, office.person.name, SeenVersion(item_id, seen))

    try:
        return await decide(request, pages, database, act, f"/desk/items/{item_id}?done=saved")
    except NothingChanged:
        raise HTTPException(HTTPStatus.CONFLICT) from None


def _text(value: object) -> str:
    return drop_forbidden(value)[:MAX_TYPED].strip() if isinstance(value, str) else ""


def _render(
    request: Request, office: OfficeDesk, values: dict[str, Any], faults: dict[str, Text], status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return render(
        request, "desk/report_form.html", status=status, values=values, faults=faults,
        kinds=list(report_kinds(office).items()),
        industries=[("", _("不限")), *((code, industry.zh) for code, industry in industries().items())],
        **layout_context(office.person, {}, "", None),
    )  # fmt: skip
