"""The clerks' desk: what came in, what was refused, and the form for complaints made in person or by letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.entrance import take_in
from services.intake.ingest import Declined, Intake
from services.intake.store import overview
from services.intake.web.entry_form import CHANNELS, NUMBER, Filled, field_of, filled, new_number
from services.intake.web.texts import REASONS, sentence
from shared import reference
from shared.accounts import Person, Role
from shared.clock import local_day
from shared.settings import Settings
from shared.stream import Entry, Store
from shared.web.i18n import Text, _
from shared.web.session import StoreOf, require
from shared.web.templating import Pages
from shared.web.vocabulary import CHANNELS as CHANNEL_WORDS

DESK = "/intake/desk"
WINDOW = timedelta(days=30)
MOST_LETTERS = 10
# The order of the form, in which faults are told.
LABELS: Mapping[str, Text] = {
    "number": _("编号"),
    "channel": _("来源"),
    "received_on": _("收到日期"),
    "operator_name": _("经营者"),
    "uscc": _("统一社会信用代码"),
    "region": _("地区"),
    "category": _("类别"),
    "goods": _("商品或服务"),
    "amount": _("金额（元）"),
    "text": _("投诉内容"),
    "complainant_name": _("消费者姓名"),
    "phone": _("电话"),
}

router = APIRouter(tags=["desk"])
Clerk = Annotated[Person, Depends(require(Role.CLERK))]


@router.get(DESK, include_in_schema=False)
async def show_desk(request: Request, clerk: Clerk, store: StoreOf) -> Response:
    """Show the desk with an empty form."""
    today = local_day(store.clock(), _settings(request).zone)
    values = {"number": new_number(today), "channel": "on_site", "received_on": today.isoformat()}
    registered = request.query_params.get("registered", "")
    toast = _("已登记，编号%(number)s", number=registered) if NUMBER.fullmatch(registered) else None
    return await _page(request, clerk, store, Filled(values, None, {}), toast=toast)


@router.post(DESK, include_in_schema=False)
async def register_complaint(request: Request, clerk: Clerk, store: StoreOf) -> Response:
    """Register a complaint; the same form sent twice registers one."""
    async with request.form() as form:
        entry = filled(form, _settings(request).zone)
    if entry.event is None:
        return await _page(request, clerk, store, entry, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    intake: Intake = request.app.state.intake
    number = entry.values["number"]
    (answer,) = await take_in(store, intake, [entry.event], "desk", Entry(clerk.name, "complaint_registered", number))
    if isinstance(answer, Declined):
        refused = Filled(entry.values, None, {field_of(detail.field): detail.code for detail in answer.details})
        return await _page(request, clerk, store, refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"{DESK}?registered={number}", HTTPStatus.SEE_OTHER)


async def _page(
    request: Request, clerk: Person, store: Store, form: Filled, *, status: int = HTTPStatus.OK, toast: Text | None = None
) -> Response:
    now = store.clock()
    async with store.reading() as connection:
        shown: dict[str, Any] = {
            "channels": await overview.by_channel(connection, local_day(now, _settings(request).zone) - WINDOW),
            "waiting": await overview.waiting_by_reason(connection),
            "letters": await overview.recent_letters(connection, MOST_LETTERS),
            "unattributed": await overview.unattributed(connection),
        }
    pages: Pages = request.app.state.pages
    return pages.render(
        request,
        "desk.html",
        status=status,
        desk=_("投诉登记"),
        desk_url=DESK,
        person=clerk,
        toast=toast,
        labels=LABELS,
        values=form.values,
        errors={name: sentence(code) for name, code in form.faults.items()},
        form_channels=[(code, CHANNEL_WORDS[code], "") for code in CHANNELS],
        regions=reference.districts(),
        categories=reference.categories().values(),
        reasons=REASONS,
        sentence=sentence,
        as_of=now,
        **shown,
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
