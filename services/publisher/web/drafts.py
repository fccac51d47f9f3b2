"""The drafting offices' pages: what an office has drafted, and the forms of its kinds, made from their declarations."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.datastructures import FormData

from services.publisher import desk_drafts
from services.publisher.bureau import BureauContext
from services.publisher.desk_drafts import FieldsDisagree, KeyFixed, NaturalKeyTaken, NothingChanged
from services.publisher.domain.drafting import State
from services.publisher.domain.form import Form
from services.publisher.kinds import Kind
from services.publisher.kinds.report_fields import read_figures
from services.publisher.releasing import SeenVersion
from services.publisher.reporting import REPORTING, moved_blocks
from services.publisher.store import desk
from services.publisher.store import desk_drafts as stored
from services.publisher.store.versions import Version, version_at_work
from services.publisher.web.decisions import decide
from services.publisher.web.dependencies import BureauDep, get_presenter, render
from services.publisher.web.office import OfficeDep, OfficeDesk, office_layout
from services.publisher.web.report_parts import report_tables
from shared.clock import now
from shared.contracts import Decision
from shared.reference import regions
from shared.rules import Rules
from shared.stream import UnitOfWork
from shared.text import drop_forbidden
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep

PAGE = 50
MAX_TYPED, MAX_NOTE = 20_000, 500
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
DRAFTS = "/desk/drafts"
router = APIRouter(prefix="/desk", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TypedForm:
    """A form of a kind as it was typed, and the faults by field."""

    values: Mapping[str, str]
    faults: Mapping[str, Text]
    form: Form | None

    @classmethod
    async def read(cls, kind: Kind, request: Request) -> TypedForm:
        """Read what was typed; without faults there is a form."""
        names = [each.name for each in kind.typed_fields()]
        async with request.form() as form:
            values = {name: drop_forbidden(_text(form, name))[:MAX_TYPED].strip() for name in (*names, "region")}
            others = {name: drop_forbidden(_text(form, name))[:MAX_NOTE] for name in ("seen", "version", "code", "note")}
        typed = values | others
        filled = kind.read(values)
        faults = dict(filled.faults)
        region = values["region"] or None
        if region and region not in regions():
            faults["region"] = _("请从列表中选择")
        return cls(typed, faults, None if faults else desk_drafts.to_form(kind, filled, region))

    @classmethod
    def of(cls, form: Form) -> TypedForm:
        """Return a stored form as if it had been typed."""
        values = {name: "" if value is None else str(value) for name, value in form.fields().items()}
        return cls({**values, "region": form.region or ""}, {}, form)


@router.get("/drafts")
async def drafts_page(
    request: Request, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, before: str = "", done: str | None = None
) -> Response:
    """Show what the office has drafted, the newest first, and the kinds that it can draft."""
    async with database.snapshot() as connection:
        place = await stored.fetch_place(connection, before) if before else None
        rows = await stored.list_drafted(connection, list(office.kinds), place, PAGE)
    return render(
        request, "desk/drafts.html", rows=rows, kinds=office.kinds, rules=bureau.rules(now()),
        reports=any(name in office.kinds for name in REPORTING),
        next_before=rows[-1].item_id if len(rows) == PAGE else None, **office_layout(office, DRAFTS, done),
    )  # fmt: skip


@router.get("/drafts/new/{kind}")
async def new_page(request: Request, kind: str, office: OfficeDep) -> Response:
    """Show the empty form of a kind."""
    return _render_form(request, office, office.kind(kind), TypedForm({}, {}, None))


@router.post("/drafts/new/{kind}", dependencies=[Depends(accept_body(STAFF_FORM))])
async def create(
    request: Request, kind: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Save a new draft; 422 with what was typed where something is to be mended."""
    chosen = office.kind(kind)
    typed = await TypedForm.read(chosen, request)

    async def act(uow: UnitOfWork, form: Form) -> None:
        await desk_drafts.create(uow, bureau, office.person.name, chosen, form)

    return await _save(request, pages, office, chosen, typed, database, act, f"{DRAFTS}?done=saved")


@router.get("/items/{item_id}/edit")
async def edit_page(request: Request, item_id: str, office: OfficeDep, database: DatabaseDep) -> Response:
    """Show the form of a draft or returned version."""
    version, kind = await _find(item_id, office, database)
    if not desk_drafts.is_editable(version):
        raise HTTPException(HTTPStatus.CONFLICT)
    return _render_form(request, office, kind, TypedForm.of(version.form), version=version)


@router.post("/items/{item_id}/edit", dependencies=[Depends(accept_body(STAFF_FORM))])
async def edit(
    request: Request, item_id: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Save a draft; 409 when somebody was quicker."""
    version, kind = await _find(item_id, office, database)
    typed = await TypedForm.read(kind, request)
    seen = SeenVersion(item_id, typed.values["seen"])

    async def act(uow: UnitOfWork, form: Form) -> None:
        await desk_drafts.edit(uow, bureau, office.person.name, seen, kind, form)

    return await _save(request, pages, office, kind, typed, database, act, f"/desk/items/{item_id}?done=saved", version=version)


@router.get("/items/{item_id}/correct")
async def correction_page(
    request: Request, item_id: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep
) -> Response:
    """Show the form of what is public, for a corrected version."""
    version, kind = await _find(item_id, office, database)
    if version.state is not State.RELEASED:
        raise HTTPException(HTTPStatus.CONFLICT)
    return _render_form(request, office, kind, TypedForm.of(version.form), version=version, reasons=_reasons(bureau))


@router.post("/items/{item_id}/correct", dependencies=[Depends(accept_body(STAFF_FORM))])
async def correct(
    request: Request, item_id: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Draft a corrected version, for a coded reason."""
    version, kind = await _find(item_id, office, database)
    typed, reasons = await TypedForm.read(kind, request), _reasons(bureau)
    code, note, public = typed.values["code"], typed.values["note"].strip(), typed.values["version"]
    if code not in reasons or not note:
        typed = TypedForm(typed.values, {**typed.faults, "note": _("请选择更正原因并填写说明")}, None)

    async def act(uow: UnitOfWork, form: Form) -> None:
        number = int(public) if NUMBER.fullmatch(public) else 0
        await desk_drafts.correct(uow, bureau, office.person.name, item_id, number, kind, form, (code, note))

    target = f"/desk/items/{item_id}?done=saved"
    return await _save(request, pages, office, kind, typed, database, act, target, version=version, reasons=reasons)


@router.post("/items/{item_id}/discard")
async def discard(
    request: Request, item_id: str, office: OfficeDep, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Discard a draft."""
    await _find(item_id, office, database)
    seen = SeenVersion(item_id, str((await request.form()).get("seen") or ""))
    return await decide(
        request,
        pages,
        database,
        lambda uow: desk_drafts.discard(uow, bureau, office.person.name, seen),
        f"{DRAFTS}?done=draft_discarded",
    )


async def _find(item_id: str, office: OfficeDesk, database: DatabaseDep) -> tuple[Version, Kind]:
    """Return the version at work of an item of the office; 404 for any other."""
    async with database.snapshot() as connection:
        versions = await desk.fetch_versions(connection, item_id)
    version = version_at_work(versions)
    if version is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return version, office.kind(version.form.kind)


async def _save(
    request: Request,
    pages: PagesDep,
    office: OfficeDesk,
    kind: Kind,
    typed: TypedForm,
    database: DatabaseDep,
    act: Callable[[UnitOfWork, Form], Awaitable[None]],
    target: str,
    **shown: Any,
) -> Response:
    form = typed.form
    if form is None:
        return _render_form(request, office, kind, typed, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
    try:
        return await decide(request, pages, database, lambda uow: act(uow, form), target)
    except NaturalKeyTaken as taken:
        fault = _("已有同样的公示信息：%(item)s", item=taken.item_id)
        faults = dict.fromkeys(kind.natural_key[:1], fault)
    except FieldsDisagree as disagreement:
        faults = dict(disagreement.faults)
    except KeyFixed:
        faults = dict.fromkeys(kind.natural_key[:1], _("已公示信息的这一项不能改，请撤回后重新起草"))
    except NothingChanged:
        faults = {kind.form_fields()[0].name: _("内容没有改动")}
    refused = TypedForm(typed.values, faults, None)
    return _render_form(request, office, kind, refused, status=HTTPStatus.CONFLICT, **shown)


def _render_form(
    request: Request,
    office: OfficeDesk,
    kind: Kind,
    typed: TypedForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    version: Version | None = None,
    reasons: Mapping[str, Any] | None = None,
) -> Response:
    figures = read_figures(version.form.content) if version else None
    return render(
        request, "desk/draft_form.html", status=status, kind=kind, values=typed.values,
        tables=report_tables(figures, get_presenter(request)) if figures else {},
        moved=moved_blocks(version) if version else (), faults=typed.faults, version=version,
        reasons=reasons, choices_of=lambda each: list(each.choices().items()),
        regions=[("", _("不限地区")), *((code, region.zh) for code, region in regions().items())],
        **office_layout(office, "", None),
    )  # fmt: skip


def _text(form: FormData, name: str) -> str:
    """Return the text of a field; a file in its place is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _reasons(bureau: BureauContext) -> Mapping[str, Any]:
    rules: Rules = bureau.rules(now())
    return rules.applications.rulings[Decision.CORRECTED]
