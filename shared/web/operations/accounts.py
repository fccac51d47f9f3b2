"""`/ops/accounts`: who may sign in; inviting, disabling, sessions and lock-outs, for the role ops."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared.accounts import Person, Role
from shared.accounts import invitations as store
from shared.accounts.invitations import AccountExists
from shared.database.connections import acquire
from shared.stream import Database, JournalEntry
from shared.text import to_line
from shared.web.i18n import Text, _
from shared.web.operations.frame import frame_context
from shared.web.pages import get_pages
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep, require_role, session_token
from shared.web.vocabulary import OFFICES, ROLES

PATH = "/ops/accounts"
Ops = Annotated[Person, Depends(require_role(Role.OPS))]
EXISTS = _("这个账号名已经有人使用，请换一个。")
BAD_NAME = _("账号名用2至63个小写字母、数字、点、横线或下划线，以字母或数字开头。")
BAD_NUMBER = _("工号用1至32个字母、数字、点、横线或下划线，以字母或数字开头。")
NO_DISPLAY_NAME = _("请填写姓名。")
BAD_OFFICE = _("请选择起草岗所属单位；其他岗位不选。")
DONE: dict[str, Text] = {
    "disabled": _("账号已停用，其登录全部退出。"),
    "sessions_ended": _("该账号的登录已全部退出。"),
    "lock_out_lifted": _("已解除锁定。"),
    "unchanged": _("没有变动：不能停用或重置自己的账号，已停用的账号不必再停用。"),
}

router = APIRouter(prefix=PATH, include_in_schema=False)


async def show_page(request: Request, database: Database, person: Person, status: int = 200, **values: Any) -> Response:
    """Return the list, with the form of an invitation."""
    async with acquire(database.pool) as connection:
        found = await store.list_people(connection, session_token(request))
    context = {"errors": [], "fields": {}, "typed": {}, "link": "", "invited": "", **values}
    return get_pages(request).render(
        request, "operations/accounts.html", status=status, accounts=found, roles=list(ROLES.items()),
        offices=[("", _("无")), *OFFICES.items()], **context,
        **frame_context(person, PATH),
    )  # fmt: skip


@router.get("")
async def list_accounts(request: Request, database: DatabaseDep, person: Ops) -> Response:
    """List every account."""
    return await show_page(request, database, person)


@router.post("")
async def invite(
    request: Request,
    database: DatabaseDep,
    person: Ops,
    name: Annotated[PlainText, Form(max_length=64)] = "",
    display_name: Annotated[PlainText, Form(max_length=60)] = "",
    staff_number: Annotated[PlainText, Form(max_length=32)] = "",
    role: Annotated[Role, Form()] = Role.CLERK,
    office: Annotated[PlainText, Form(max_length=32)] = "",
) -> Response:
    """Add an account and show the link by which its person sets the password, once."""
    invited = Person(name.strip().lower(), to_line(display_name), role)
    try:
        async with database.unit_of_work() as uow:
            number, chosen = staff_number.strip(), office if office in OFFICES else None
            secret = await store.invite_person(uow.connection, session_token(request), invited, number, chosen, uow.now)
            detail = {"role": role.value, "staff_number": number} | ({"office": chosen} if chosen else {})
            uow.journal(JournalEntry(person.name, "account_invited", invited.name, detail=detail))
    except AccountExists:
        errors = [("name", EXISTS)]
    except asyncpg.CheckViolationError as error:
        errors = [_fault(str(error))]
    else:
        return await show_page(request, database, person, link=_link(request, secret), invited=invited.name)
    typed = {"name": name, "display_name": display_name, "staff_number": staff_number, "role": role.value, "office": office}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return await show_page(request, database, person, status, errors=errors, fields=dict(errors), typed=typed)


def _fault(message: str) -> tuple[str, Text]:
    if "office" in message:
        return ("office", BAD_OFFICE)
    if "staff_number" in message:
        return ("staff_number", BAD_NUMBER)
    return ("display_name", NO_DISPLAY_NAME) if "display_name" in message else ("name", BAD_NAME)


def _link(request: Request, secret: str) -> str:
    site = get_pages(request).site
    return f"{site.public if not site.bases else str(request.base_url).rstrip('/')}/ops/invitations/{secret}"


@router.get("/{name}")
async def show_account(request: Request, database: DatabaseDep, person: Ops, name: str, done: str = "") -> Response:
    """Show one account with its sessions, and what can be done about it."""
    token = session_token(request)
    async with acquire(database.pool) as connection:
        account = next((each for each in await store.list_people(connection, token) if each.name == name), None)
        sessions = await store.list_sessions(connection, token, name)
    if account is None:
        return get_pages(request).problem(request, HTTPStatus.NOT_FOUND)
    return get_pages(request).render(
        request, "operations/account.html", account=account, sessions=sessions, toast=DONE.get(done),
        is_own=name == person.name, **frame_context(person, PATH),
    )  # fmt: skip


@router.post("/{name}/renew")
async def renew(request: Request, database: DatabaseDep, person: Ops, name: str) -> Response:
    """Void the password of an account, and show a new link, once; a disabled account is active again."""
    async with database.unit_of_work() as uow:
        secret = await store.renew_invitation(uow.connection, session_token(request), name, uow.now)
        if secret is not None:
            uow.journal(JournalEntry(person.name, "account_invited_again", name))
    if secret is None:
        return _back(name, "unchanged")
    return await show_page(request, database, person, link=_link(request, secret), invited=name)


@router.post("/{name}/disable")
async def disable(request: Request, database: DatabaseDep, person: Ops, name: str) -> Response:
    """Disable an account and end its sessions."""
    async with database.unit_of_work() as uow:
        is_done = await store.disable_person(uow.connection, session_token(request), name)
        if is_done:
            uow.journal(JournalEntry(person.name, "account_disabled", name))
    return _back(name, "disabled" if is_done else "unchanged")


@router.post("/{name}/end-sessions")
async def end_sessions(request: Request, database: DatabaseDep, person: Ops, name: str) -> Response:
    """End the sessions of an account."""
    async with database.unit_of_work() as uow:
        ended = await store.end_sessions_of(uow.connection, session_token(request), name)
        uow.journal(JournalEntry(person.name, "sessions_ended", name, detail={"sessions": ended}))
    return _back(name, "sessions_ended")


@router.post("/{name}/lift-lock-out")
async def lift_lock_out(request: Request, database: DatabaseDep, person: Ops, name: str) -> Response:
    """Let the person be heard from any browser again, whatever strangers have tried under the name."""
    async with database.unit_of_work() as uow:
        if await store.lift_lock_out(uow.connection, session_token(request), name):
            uow.journal(JournalEntry(person.name, "lock_out_lifted", name))
    return _back(name, "lock_out_lifted")


def _back(name: str, done: str) -> Response:
    return RedirectResponse(f"{PATH}/{name}?done={done}", HTTPStatus.SEE_OTHER)
