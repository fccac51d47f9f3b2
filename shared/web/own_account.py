"""The page of the own account at every desk: a new password, open sessions, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from shared.accounts import Person, TooManyAttempts, TooManyWaiting, prove_password, second_factor
from shared.accounts.own_account import change_password, close_own_sessions, list_own_sessions
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, PasswordFault, WeakPassword
from shared.accounts.store import hash_password
from shared.database.connections import acquire
from shared.security_events import SecurityEvent, report
from shared.stream import Database, JournalEntry
from shared.web.cookies import end_session_in_browser
from shared.web.i18n import Text, _
from shared.web.pages import get_pages
from shared.web.parameters import SecretText
from shared.web.session import DatabaseDep, lacks_second_factor, require_person, session_token
from shared.web.sign_in import account_path, attempt_of, sign_in_path
from shared.web.workplaces import DESKS

FAULTS = {
    PasswordFault.SHORT: _("至少12个字符，可以是一句话，中文、空格、符号都可以。"),
    PasswordFault.LONG: _("最多1024个字符。"),
    PasswordFault.REPETITIVE: _("这只是几个字符的重复或键盘上的顺序，请换一个。"),
    PasswordFault.COMMON: _("这是常见密码，或者只在常见密码前后加了数字符号，请换一个。"),
    PasswordFault.NAME: _("密码不能只是账号名加上数字符号，请换一个。"),
}
WRONG = _("现在的密码不正确。")
UNLIKE = _("两次输入的新密码不一致。")
BUSY = _("尝试次数过多，请15分钟后再试。")
PersonDep = Annotated[Person, Depends(require_person)]
Password = Annotated[SecretText, Form(max_length=MAX_LENGTH)]
Errors = list[tuple[str, Text]]
# What of the second factor was done.
NOTICES = ("factor_removed",)


@dataclass(frozen=True, slots=True)
class Setup:
    """What is shown while a second factor is set up: the seed in groups of four, and the QR code that holds it."""

    seed: str
    qr: Markup


def create_router(service: str) -> APIRouter:
    """Return the routes of the own account of one service's desk."""
    routes = APIRouter(include_in_schema=False)
    path = account_path(service)

    @routes.get(path)
    async def show(request: Request, database: DatabaseDep, person: PersonDep, notice: str = "") -> Response:
        return await render_account(request, database, service, person, notice=notice if notice in NOTICES else None)

    @routes.post(f"{path}/password")
    async def set_password(
        request: Request,
        database: DatabaseDep,
        person: PersonDep,
        current: Password = "",
        new: Password = "",
        again: Password = "",
    ) -> Response:
        try:
            errors = await _change(request, database, person, current, new, again)
        except (TooManyAttempts, TooManyWaiting):
            report(SecurityEvent.SIGN_IN_BLOCKED, service=service)
            errors, status = [("current", BUSY)], HTTPStatus.TOO_MANY_REQUESTS
            return await render_account(request, database, service, person, errors, status)
        if errors:
            return await render_account(request, database, service, person, errors, HTTPStatus.UNPROCESSABLE_ENTITY)
        report(SecurityEvent.PASSWORD_CHANGED, service=service)
        return _leave(request, service, "password")

    @routes.post(f"{path}/sign-out-everywhere")
    async def sign_out_everywhere(request: Request, database: DatabaseDep, person: PersonDep) -> Response:
        async with database.unit_of_work() as uow:
            await close_own_sessions(uow.connection, session_token(request))
            uow.journal(JournalEntry(person.name, "signed_out_everywhere", person.name))
        return _leave(request, service, "everywhere")

    return routes


async def render_account(
    request: Request,
    database: Database,
    service: str,
    person: Person,
    errors: Errors | None = None,
    status: int = HTTPStatus.OK,
    *,
    setup: Setup | None = None,
    recovery_codes: Sequence[str] | None = None,
    notice: str | None = None,
) -> Response:
    """Return the page of the own account. `setup` and `recovery_codes` of the second factor are shown only now."""
    async with acquire(database.pool) as connection:
        sessions = await list_own_sessions(connection, session_token(request))
        factor = await second_factor.fetch_own(connection, session_token(request))
    return get_pages(request).render(
        request, "own_account.html", status=status, desk=_("我的账号"), desk_url=DESKS[service], person=person,
        action=account_path(service), sessions=sessions, errors=errors or [], fields=dict(errors or []), min_length=MIN_LENGTH,
        factor=factor, offers_factor=person.role in second_factor.ROLES,
        must_have_factor=lacks_second_factor(request.app.state.settings, person) and factor is None,
        setup=setup, recovery_codes=recovery_codes, notice=notice,
    )  # fmt: skip


async def _change(request: Request, database: Database, person: Person, current: str, new: str, again: str) -> Errors:
    """Change the password; return what is wrong with the form. The present one is counted as at the sign-in."""
    if new != again:
        return [("again", UNLIKE)]
    attempt = attempt_of(request, person.name, database.clock())
    passwords = request.app.state.passwords
    _, proof = await prove_password(database.pool, passwords, attempt, current, is_signed_in=True)
    try:
        new_hash = await passwords.run(partial(hash_password, new, person.name, person.display_name), is_known=True)
    except WeakPassword as error:
        return [("new", FAULTS[error.fault])]
    async with database.unit_of_work() as uow:
        changed = await change_password(uow.connection, session_token(request), proof, new_hash)
        if changed:
            uow.journal(JournalEntry(person.name, "password_changed", person.name))
    return [] if changed else [("current", WRONG)]


def _leave(request: Request, service: str, notice: str) -> Response:
    response = RedirectResponse(f"{sign_in_path(service)}?notice={notice}", HTTPStatus.SEE_OTHER)
    end_session_in_browser(request, response)
    return response
