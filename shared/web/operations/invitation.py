"""`/ops/invitations/…`: who is invited sets the password, once."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from shared.accounts import Person, Role, TooManyWaiting
from shared.accounts.invitations import accept_invitation, find_invited
from shared.accounts.passwords import MAX_LENGTH, MIN_LENGTH, WeakPassword
from shared.accounts.store import hash_password
from shared.database.connections import acquire
from shared.stream import Database, JournalEntry
from shared.web.i18n import Text, _
from shared.web.own_account import FAULTS, UNLIKE
from shared.web.pages import get_pages
from shared.web.parameters import SecretText
from shared.web.session import DatabaseDep
from shared.web.sign_in import sign_in_path
from shared.web.workplaces import WORKPLACES

BUSY = _("同时登录的人较多，请稍后再试。")
Password = Annotated[SecretText, Form(max_length=MAX_LENGTH)]

router = APIRouter(prefix="/ops/invitations", include_in_schema=False)


@router.get("/{secret}")
async def show_invitation(request: Request, database: DatabaseDep, secret: str) -> Response:
    """Ask for a password."""
    async with acquire(database.pool) as connection:
        invited = await find_invited(connection, secret)
    return _page(request, invited, None)


@router.post("/{secret}")
async def set_first_password(
    request: Request, database: DatabaseDep, secret: str, new: Password = "", again: Password = ""
) -> Response:
    """Set the password of who is invited."""
    async with acquire(database.pool) as connection:
        invited = await find_invited(connection, secret)
    if invited is None:
        return _page(request, None, None)
    try:
        fault = UNLIKE if new != again else await _accept(request, database, invited, secret, new)
    except TooManyWaiting:
        return _page(request, invited, BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    if fault is not None:
        return _page(request, invited, fault, HTTPStatus.UNPROCESSABLE_ENTITY)
    return get_pages(request).render(request, "operations/accepted.html", person=None, address=_desk(request, invited.role))


async def _accept(request: Request, database: Database, invited: Person, secret: str, password: str) -> Text | None:
    """Store the password; return what is wrong with it."""
    try:
        hashed = await request.app.state.passwords.run(
            partial(hash_password, password, invited.name, invited.display_name), is_known=True
        )
    except WeakPassword as error:
        return FAULTS[error.fault]
    async with database.unit_of_work() as uow:
        if await accept_invitation(uow.connection, secret, hashed):
            uow.journal(JournalEntry(invited.name, "invitation_accepted", invited.name))
    return None


def _page(request: Request, invited: Person | None, fault: Text | None, status: int = HTTPStatus.OK) -> Response:
    return get_pages(request).render(
        request, "operations/invitation.html", status=status if invited else HTTPStatus.GONE, invited=invited,
        errors=[("new", fault)] if fault else [], fault=fault or "", min_length=MIN_LENGTH,
    )  # fmt: skip


def _desk(request: Request, role: Role) -> str:
    service = WORKPLACES[role][0].service
    return get_pages(request).site.link(service, sign_in_path(service))
