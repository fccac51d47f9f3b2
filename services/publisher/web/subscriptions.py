"""Subscriptions of the public by mail: asking for one, confirming it, leaving it with one click."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response

from services.publisher.domain.feed_subject import subject_of_path
from services.publisher.domain.mail_address import PURPOSE, address_digest
from services.publisher.store import feeds, mail
from services.publisher.store.mail import MailSubscription
from services.publisher.web.dependencies import BureauDep, PresenterDep, render
from shared.keys import generate_key, key_hash
from shared.mail import is_mail_address
from shared.secret_box import SecretBox
from shared.web.i18n import _
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.request_budget import RequestBudget
from shared.web.session import DatabaseDep

NO_ADDRESS = _("请填写一个邮箱，例如name@example.cn。")
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
router = APIRouter(include_in_schema=False)
# Each request sends a mail to whoever is named in it.
MAILS = RequestBudget("subscriptions", burst=20, per_hour=20)


@router.get("/subscriptions")
async def subscriptions_page(request: Request, subject: str = "basic") -> Response:
    """Show how to subscribe to a feed's subject: by feed, by mail."""
    found = subject_of_path(f"/feeds/{subject}.atom")
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return render(
        request, "portal/subscriptions.html", subject=found, step="form", by_mail=bool(request.app.state.settings.smtp_host)
    )


@router.post("/subscriptions", dependencies=[Depends(MAILS)])
async def ask_for_subscription(
    request: Request, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, presenter: PresenterDep,
    subject: Annotated[PlainText, Form(max_length=40)], address: Annotated[PlainText, Form(max_length=254)],
) -> Response:  # fmt: skip
    """Take a request; the answer is the same whether the address is known or not."""
    found = subject_of_path(f"/feeds/{subject}.atom")
    if found is None or not request.app.state.settings.smtp_host:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not is_mail_address(address.strip()):
        return pages.problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail=NO_ADDRESS)
    box, token = SecretBox(bureau.lease_key, PURPOSE), generate_key()
    wanted = MailSubscription(
        address_digest(bureau.lease_key, address),
        found.name,
        box.encrypt(address.strip()),
        presenter.language,
        box.encrypt(token),
    )
    async with database.unit_of_work() as uow:
        await mail.insert_request(uow.connection, wanted, key_hash(token), uow.now)
    return render(request, "portal/subscriptions.html", subject=found, step="asked", by_mail=True)


@router.get("/subscriptions/{token}")
async def confirmation_page(request: Request, token: str, database: DatabaseDep) -> Response:
    """Show what is confirmed by a button: programs that look into mails open addresses, too."""
    return await _of_token(request, token, database, "confirm")


@router.get("/subscriptions/{token}/leave")
async def leaving_page(request: Request, token: str, database: DatabaseDep) -> Response:
    """Show the button that leaves."""
    return await _of_token(request, token, database, "leave")


async def _of_token(request: Request, token: str, database: DatabaseDep, step: str) -> Response:
    async with database.snapshot() as connection:
        name = await mail.find_subject(connection, key_hash(token))
    found = subject_of_path(f"/feeds/{name}.atom") if name else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    response = render(request, "portal/subscriptions.html", subject=found, step=step, token=token, by_mail=True)
    response.headers.update(PRIVATE)
    return response


@router.post("/subscriptions/{token}")
async def confirm(request: Request, token: str, database: DatabaseDep) -> Response:
    """Confirm a subscription; it begins with what is released from now on."""
    async with database.unit_of_work() as uow:
        name = await mail.find_subject(uow.connection, key_hash(token))
        found = subject_of_path(f"/feeds/{name}.atom") if name else None
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        await mail.confirm(uow.connection, key_hash(token), uow.now, await feeds.last_seq(uow.connection, found))
    return render(request, "portal/subscriptions.html", subject=found, step="confirmed", by_mail=True)


@router.post("/subscriptions/{token}/leave")
async def leave(request: Request, token: str, database: DatabaseDep) -> Response:
    """Leave, by the button or by the mail program's own (RFC 8058); the address is deleted. Twice is as good as once."""
    async with database.unit_of_work() as uow:
        await mail.leave(uow.connection, key_hash(token))
    return render(request, "portal/subscriptions.html", subject=None, step="left", by_mail=True)
