"""Sign-in and sign-out routes: the same page at every desk."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared import accounts
from shared.accounts import Admission, Attempt, CodeRequired, RefusedAddresses, SignedIn, TooManyAttempts, TooManyWaiting
from shared.accounts.passwords import MAX_LENGTH
from shared.accounts.store import SESSION_LENGTH
from shared.database.connections import acquire
from shared.metrics import LIMITS_REACHED
from shared.security_events import SecurityEvent, report
from shared.stream import Database, JournalEntry
from shared.web.allowance import Refusal, client_key, start_cooldown
from shared.web.bodies import DEFAULT_BODY, accept_body
from shared.web.cookies import DEVICE_COOKIE, SESSION_COOKIE, cookie_name, end_session_in_browser, read_cookie, set_cookie
from shared.web.kept_forms import MAX_BOX
from shared.web.pages import get_pages
from shared.web.parameters import PlainText, SecretText
from shared.web.restored_forms import restore_form
from shared.web.security_headers import content_security_policy
from shared.web.session import DatabaseDep, lacks_second_factor, session_token
from shared.web.workplaces import DESKS, landing_page

DEVICE_LENGTH = timedelta(days=180)
BUSY_RETRY_S = 5
NAMES_KEY = secrets.token_bytes(32)
# A recovery code with its dashes, and some spaces.
MAX_CODE = 64
MAX_BODY = DEFAULT_BODY + MAX_BOX
# What the page of the own account has done.
NOTICES = ("password", "everywhere")
# What became of a form whose session was over: it is kept, or it is not.
KEPT, NOT_KEPT = "kept", "not_kept"


def sign_in_path(service: str) -> str:
    """Return the path of the sign-in page of a service's staff."""
    return f"{DESKS[service]}/sign-in"


def account_path(service: str) -> str:
    """Return the path of the own account at a service's desk."""
    return f"{DESKS[service]}/account"


def attempt_of(request: Request, name: str, at: datetime) -> Attempt:
    """Return the attempt that a request is: by an account's name, from its client, in its browser."""
    return Attempt(name, client_key(request.scope.get("client")), read_cookie(request, DEVICE_COOKIE), at)


def create_router(service: str) -> APIRouter:
    """Return the sign-in routes of one service's desk."""
    routes = APIRouter(include_in_schema=False)
    desk = DESKS[service]
    refused = RefusedAddresses()

    @routes.get(sign_in_path(service))
    async def show(request: Request, next: str = desk, notice: str = "") -> Response:  # noqa: A002 - the name in the address
        return render_sign_in(request, desk, local_path(next, desk), notice=notice if notice in NOTICES else None)

    @routes.post(sign_in_path(service), dependencies=[Depends(accept_body(MAX_BODY))])
    async def submit(
        request: Request,
        database: DatabaseDep,
        name: Annotated[PlainText, Form(max_length=64)] = "",
        password: Annotated[SecretText, Form(max_length=MAX_LENGTH)] = "",
        code: Annotated[SecretText, Form(max_length=MAX_CODE)] = "",
        next: Annotated[PlainText, Form(max_length=2048)] = desk,  # noqa: A002 - the name in the form
        kept: Annotated[PlainText, Form(max_length=MAX_BOX)] = "",
    ) -> Response:
        target = local_path(next, desk)
        attempt = attempt_of(request, name.strip().lower(), database.clock())
        signed_in = await _sign_in(request, database, refused, attempt, password, code)
        if isinstance(signed_in, NotSignedIn):
            await _record_failure(service, database, attempt, signed_in)
            error, retry_after_s = signed_in.error, signed_in.retry_after_s
            return render_sign_in(
                request, desk, target, name=name, error=error, status=signed_in.status, retry_after_s=retry_after_s, kept=kept
            )
        await _record_entry(database, signed_in, session_token(request))
        if lacks_second_factor(request.app.state.settings, signed_in.person):
            return _admit(request, RedirectResponse(account_path(service), HTTPStatus.SEE_OTHER), signed_in)
        response = await restore_form(request, target, kept, signed_in.person.name, cookies=_session_cookie(request, signed_in))
        if response is not None:
            return _admit(request, response, signed_in)
        if target == desk:
            target = landing_page(get_pages(request).site, signed_in.person.role, service)
        return _admit(request, RedirectResponse(target, HTTPStatus.SEE_OTHER), signed_in)

    @routes.post(f"{desk}/sign-out")
    async def sign_out(request: Request, database: DatabaseDep) -> Response:
        if token := session_token(request):
            async with acquire(database.pool) as connection:
                await accounts.close_session(connection, token)
        response = RedirectResponse(sign_in_path(service), HTTPStatus.SEE_OTHER)
        end_session_in_browser(request, response)
        return response

    return routes


def render_sign_in(
    request: Request,
    desk: str,
    target: str,
    *,
    name: str = "",
    error: str | None = None,
    status: int = HTTPStatus.OK,
    retry_after_s: int | None = None,
    notice: str | None = None,
    kept: str = "",
) -> Response:
    """Return the page of the sign-in, which goes on to `target`. `kept`: a form whose session was over, sealed."""
    pages = get_pages(request)
    # Where every service has a port of its own, signing in leads to another origin.
    request.state.content_security_policy = content_security_policy(form_targets=pages.site.bases.values())
    response = pages.render(
        request,
        "sign_in.html",
        status=status,
        action=f"{desk}/sign-in",
        next=target,
        name=name,
        error=error,
        notice=notice,
        kept=kept,
    )
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
        start_cooldown(request.scope)
    return response


@dataclass(frozen=True, slots=True)
class NotSignedIn:
    """Why nobody was signed in: what the page says, the event, and what was reached where the password was not looked at."""

    error: str
    status: HTTPStatus
    event: SecurityEvent
    limit: str | None = None
    retry_after_s: int | None = None


WRONG = NotSignedIn("wrong", HTTPStatus.UNAUTHORIZED, SecurityEvent.SIGN_IN_FAILED)
# The password is right. Nothing was tried where no code was typed: the page has asked for none yet.
NO_CODE = NotSignedIn("no_code", HTTPStatus.UNAUTHORIZED, SecurityEvent.SECOND_FACTOR_MISSING)
WRONG_CODE = NotSignedIn("wrong_code", HTTPStatus.UNAUTHORIZED, SecurityEvent.SECOND_FACTOR_FAILED)
BUSY = NotSignedIn(
    "busy", HTTPStatus.SERVICE_UNAVAILABLE, SecurityEvent.SIGN_IN_BLOCKED, Refusal.TOTAL.value, BUSY_RETRY_S
)  # fmt: skip
# What stands in the journal: attempts that were looked at.
JOURNALLED = {SecurityEvent.SIGN_IN_FAILED: "sign_in_failed", SecurityEvent.SECOND_FACTOR_FAILED: "second_factor_failed"}


def _too_many(admission: Admission, attempt: Attempt) -> NotSignedIn:
    status = HTTPStatus.TOO_MANY_REQUESTS
    return NotSignedIn("too_many", status, SecurityEvent.SIGN_IN_BLOCKED, admission.value, attempt.retry_after_s)


async def _sign_in(
    request: Request, database: Database, refused: RefusedAddresses, attempt: Attempt, password: str, code: str
) -> SignedIn | NotSignedIn:
    """Sign in; an address that is refused for this window costs no query."""
    if refused.has(attempt):
        return _too_many(Admission.ADDRESS, attempt)
    try:
        state = request.app.state
        return await accounts.sign_in(database.pool, state.passwords, state.seeds, attempt, password, code) or WRONG
    except TooManyAttempts as error:
        if error.admission is Admission.ADDRESS:
            refused.add(attempt)
        return _too_many(error.admission, attempt)
    except TooManyWaiting:
        return BUSY
    except CodeRequired as error:
        return WRONG_CODE if error.was_typed else NO_CODE


async def _record_failure(service: str, database: Database, attempt: Attempt, failure: NotSignedIn) -> None:
    """Record a failed sign-in with a digest of the name, as people type their password into that field, too.

    Under a key of this process that is kept nowhere: names that were typed can be told apart, and not be found by trying.
    """
    report(failure.event, service=service)
    if failure.limit is not None:
        LIMITS_REACHED.labels(service, "sign_in", failure.limit).inc()
    if action := JOURNALLED.get(failure.event):
        subject = f"hmac:{hmac.new(NAMES_KEY, attempt.name.encode(), hashlib.sha256).hexdigest()[:16]}"
        async with database.unit_of_work() as uow:
            uow.journal(JournalEntry("stranger", action, subject))


async def _record_entry(database: Database, signed_in: SignedIn, earlier: str) -> None:
    """Record a sign-in, and end the session in which the browser was before."""
    name = signed_in.person.name
    detail = {"recovery_code": True} if signed_in.used_recovery_code else {}
    async with database.unit_of_work() as uow:
        if earlier:
            await accounts.close_session(uow.connection, earlier)
        uow.journal(JournalEntry(name, "signed_in", name, detail=detail))


def _session_cookie(request: Request, signed_in: SignedIn) -> dict[str, str]:
    return {cookie_name(request, SESSION_COOKIE): signed_in.token}


def _admit(request: Request, response: Response, signed_in: SignedIn) -> Response:
    """Return the response with the cookies of the session and of the browser."""
    set_cookie(request, response, SESSION_COOKIE, signed_in.token, SESSION_LENGTH)
    set_cookie(request, response, DEVICE_COOKIE, signed_in.device, DEVICE_LENGTH)
    return response


def local_path(target: str, desk: str) -> str:
    """Return `target` when it is a path on this host, else `desk`: no open redirect."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    return target if inside else desk
