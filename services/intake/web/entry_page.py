"""The form of a registration as a page, and what every page of the clerks' desk has in common."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from services.intake.store.cases import StoredComplaint
from services.intake.store.operator_search import FoundOperator, search_operators
from services.intake.texts import finding_text
from services.intake.web.entry_form import CHANNELS, SubmittedForm
from shared import reference
from shared.accounts import Person, Role
from shared.stream import Database
from shared.web.i18n import Text, _
from shared.web.pages import get_pages
from shared.web.session import require_role
from shared.web.vocabulary import CHANNELS as CHANNEL_WORDS
from shared.web.vocabulary import KINDS, SALE_MODES

DESK = "/intake/desk"
MAX_CANDIDATES = 10
Clerk = Annotated[Person, Depends(require_role(Role.CLERK))]
# In the order of the form, in which its errors are listed.
LABELS: Mapping[str, Text] = {
    "number": _("编号"),
    "channel": _("来源"),
    "kind": _("投诉或者举报"),
    "received_on": _("收到日期"),
    "operator_name": _("经营者"),
    "uscc": _("统一社会信用代码"),
    "operator_address": _("经营者地址"),
    "region": _("地区"),
    "industry": _("行业"),
    "category": _("类别"),
    "goods": _("商品或服务"),
    "sale_mode": _("销售方式"),
    "amount": _("金额（元）"),
    "text": _("投诉内容"),
    "demand": _("诉求"),
    "office": _("承办单位"),
    "case_number": _("文书或者案件编号"),
    "complainant_name": _("消费者姓名"),
    "phone": _("电话"),
    "id_number": _("证件号码"),
    "address": _("住址"),
}
TABS = (
    (_("登记"), DESK),
    (_("已登记的投诉"), DESK + "/complaints"),
    (_("导入清单"), DESK + "/files"),
    (_("重复投诉"), DESK + "/duplicates"),
    (_("名称归属"), DESK + "/names"),
)


def desk_context(person: Person, current: str) -> dict[str, Any]:
    """Return what the layout of the desk needs; who is no clerk sees single complaints only."""
    tabs = [{"name": name, "url": url, "current": url == current} for name, url in TABS]
    return {
        "desk": _("投诉登记"),
        "desk_url": DESK,
        "person": person,
        "tabs": tabs if person.role is Role.CLERK else [],
    }


async def find_chosen(database: Database, form: FormData) -> FoundOperator | None:
    """Return the operator that was chosen among those looked up."""
    chosen = str(form.get("candidate") or "")
    if not chosen:
        return None
    async with database.snapshot() as connection:
        return next(iter(await search_operators(connection, chosen, 1)), None)


async def form_context(connection: asyncpg.Connection, form: SubmittedForm, *, lookup: bool = False) -> dict[str, Any]:
    """Return what the form of a registration needs; with `lookup` also the operators that its name may be."""
    candidates = await search_operators(connection, form.values["operator_name"], MAX_CANDIDATES) if lookup else None
    return {
        "labels": LABELS,
        "values": form.values,
        "errors": {name: finding_text(code) for name, code in form.findings.items()},
        "candidates": candidates,
        "form_channels": [(code, CHANNEL_WORDS[code], "") for code in CHANNELS],
        "kinds": [(code, name, "") for code, name in KINDS.items()],
        "sale_modes": list(SALE_MODES.items()),
        "regions": reference.districts(),
        "industries": reference.industries().values(),
        "categories": reference.categories().values(),
    }


async def render_entry_form(
    request: Request,
    clerk: Person,
    database: Database,
    form: SubmittedForm,
    complaint: StoredComplaint,
    *,
    status: int = HTTPStatus.OK,
    lookup: bool = False,
    notice: Text | None = None,
) -> Response:
    """Render the form of a complaint that was registered, to be changed."""
    async with database.snapshot() as connection:
        context = await form_context(connection, form, lookup=lookup)
    return get_pages(request).render(
        request, "complaint_edit.html", status=status, complaint=complaint, notice=notice, **context,
        **desk_context(clerk, DESK + "/complaints"),
    )  # fmt: skip
