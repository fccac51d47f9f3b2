"""The clerks' desk: counts of reports, dead letters, and the form for complaints made in person or by letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.ingest import Intake, Refused
from services.intake.store import contested_names, overview
from services.intake.web.entry_form import CHANNELS, NUMBER, SubmittedForm, new_number, parse_form, to_form_field
from services.intake.web.form_submission import submit_form
from services.intake.web.texts import ENTRANCE_TEXTS, REASON_TEXTS, finding_text
from shared import reference
from shared.accounts import Person, Role
from shared.clock import local_day
from shared.settings import Settings
from shared.stream import Database, JournalEntry
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep, require_role
from shared.web.vocabulary import CHANNELS as CHANNEL_WORDS

DESK = "/intake/desk"
WINDOW = timedelta(days=30)
MAX_DEAD_LETTERS = 10
# In the order of the form, in which its errors are listed.
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
Clerk = Annotated[Person, Depends(require_role(Role.CLERK))]


@router.get(DESK, include_in_schema=False)
async def show_desk(request: Request, clerk: Clerk, database: DatabaseDep) -> Response:
    """Render the desk with an empty form."""
    today = local_day(database.clock(), _settings(request).zone)
    values = {"number": new_number(today), "channel": "on_site", "received_on": today.isoformat()}
    registered = request.query_params.get("registered", "")
    toast = _("已登记，编号%(number)s", number=registered) if NUMBER.fullmatch(registered) else None
    return await _render_desk(request, clerk, database, SubmittedForm(values, None, {}), toast=toast)


@router.post(DESK, include_in_schema=False, dependencies=[Depends(accept_body(STAFF_FORM))])
async def register_complaint(request: Request, clerk: Clerk, database: DatabaseDep) -> Response:
    """Register a complaint; the same form sent twice registers one."""
    async with request.form() as form:
        entry = parse_form(form, _settings(request).zone)
    intake: Intake = request.app.state.intake
    number = entry.values["number"]
    result = await submit_form(database, intake, entry, JournalEntry(clerk.name, "complaint_registered", number))
    if isinstance(result, Refused):
        findings = entry.findings or {to_form_field(finding.field): finding.code for finding in result.findings}
        refused = SubmittedForm(entry.values, None, findings)
        return await _render_desk(request, clerk, database, refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"{DESK}?registered={number}", HTTPStatus.SEE_OTHER)


async def _render_desk(
    request: Request,
    clerk: Person,
    database: Database,
    form: SubmittedForm,
    *,
    status: int = HTTPStatus.OK,
    toast: Text | None = None,
) -> Response:
    now = database.clock()
    async with database.snapshot() as connection:
        shown: dict[str, Any] = {
            "channels": await overview.count_by_channel(connection, local_day(now, _settings(request).zone) - WINDOW),
            "dead_letter_counts": await overview.count_dead_letters_by_reason(connection),
            "dead_letters": await overview.fetch_recent_dead_letters(connection, MAX_DEAD_LETTERS),
            "unattributed": await overview.count_unattributed(connection),
            "contested": await contested_names.count_waiting(connection),
        }
    return get_pages(request).render(
        request,
        "desk.html",
        status=status,
        desk=_("投诉登记"),
        desk_url=DESK,
        person=clerk,
        toast=toast,
        labels=LABELS,
        values=form.values,
        errors={name: finding_text(code) for name, code in form.findings.items()},
        form_channels=[(code, CHANNEL_WORDS[code], "") for code in CHANNELS],
        regions=reference.districts(),
        categories=reference.categories().values(),
        reasons=REASON_TEXTS,
        entrances=ENTRANCE_TEXTS,
        finding_text=finding_text,
        as_of=now,
        **shown,
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
