"""What people decide at the desk; each decision is on content as it was seen, else it is refused with 409."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher import drafting, releasing
from services.publisher.releasing import ContentChanged, NotReleasable, Seen
from services.publisher.web.frame import OfficeOf, PagesOf
from shared.accounts import Person, Role
from shared.contracts import Decision
from shared.metrics import GATE_REFUSALS
from shared.rules import Reason, Rules
from shared.stream import Store, Unit
from shared.web.i18n import _
from shared.web.session import StoreOf, require
from shared.web.templating import Pages

Reviewer = Annotated[Person, Depends(require(Role.REVIEWER))]
Gatekeeper = Annotated[Person, Depends(require(Role.GATEKEEPER))]
Either = Annotated[Person, Depends(require(Role.REVIEWER, Role.GATEKEEPER))]
Items = Annotated[list[str], Form()]
Note = Annotated[str, Form(max_length=500)]
Code = Annotated[str, Form(max_length=3)]

router = APIRouter(prefix="/desk", include_in_schema=False)

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
REFUSALS = {
    "content_changed": _("他人已处理了同一条信息，或者内容已经更新。"),
    "check_failed": _("有一项检查不通过，不能审核或发布。"),
    "gate_closed": _("起草、审核、发布须由不同人员完成，且内容须与审核时一致。"),
}


async def decide(
    request: Request, pages: PagesOf, store: Store, act: Callable[[Unit], Awaitable[object]], target: str
) -> Response:
    """Do one decision in one transaction, then go to `target`; a refusal is told with what stands against it."""
    try:
        async with store.unit() as unit:
            await act(unit)
    except ContentChanged:
        return _refused(request, pages, "content_changed")
    except NotReleasable:
        return _refused(request, pages, "check_failed")
    except asyncpg.IntegrityConstraintViolationError:
        return _refused(request, pages, "gate_closed")
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _refused(request: Request, pages: Pages, reason: str) -> Response:
    GATE_REFUSALS.labels(reason).inc()
    return pages.problem(request, HTTPStatus.CONFLICT, detail=REFUSALS[reason])


def _seen(items: list[str], digests: list[str]) -> list[Seen]:
    """Return the chosen items with the digests that stood in the form, as `id=digest`."""
    by_id = dict(entry.partition("=")[::2] for entry in digests)
    chosen = [Seen(item_id, by_id.get(item_id, "")) for item_id in dict.fromkeys(items)]
    if not chosen:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return chosen


def _reason(reasons: Mapping[str, Reason], code: str, note: str) -> str:
    if code not in reasons or not note.strip():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return note.strip()


@router.post("/approve")
async def approve(
    request: Request, person: Reviewer, store: StoreOf, office: OfficeOf, pages: PagesOf, item: Items, seen: Items
) -> Response:
    """Approve drafts as a reviewer."""
    chosen = _seen(item, seen)
    return await decide(
        request, pages, store, lambda unit: releasing.review(unit, office, person.name, chosen), "/desk?done=approved"
    )


@router.post("/release")
async def release(
    request: Request, person: Gatekeeper, store: StoreOf, office: OfficeOf, pages: PagesOf, item: Items, seen: Items,
    checked: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Release approved versions as the gatekeeper."""
    if checked != "yes":
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = _seen(item, seen)
    return await decide(
        request, pages, store, lambda unit: releasing.release(unit, office, person.name, chosen), "/desk/approved?done=released"
    )


@router.post("/items/{item_id}/return")
async def send_back(
    request: Request, item_id: str, person: Either, store: StoreOf, office: OfficeOf, pages: PagesOf,
    seen: Annotated[str, Form()], code: Code, note: Note,
) -> Response:  # fmt: skip
    """Send a version back with a coded reason and what to mend."""
    return await _with_reason(
        request,
        pages,
        store,
        office,
        lambda rules: rules.returns,
        (item_id, seen, code, note),
        releasing.send_back,
        person,
        "returned",
    )


@router.post("/items/{item_id}/reject")
async def reject(
    request: Request, item_id: str, person: Reviewer, store: StoreOf, office: OfficeOf, pages: PagesOf,
    seen: Annotated[str, Form()], code: Code, note: Note,
) -> Response:  # fmt: skip
    """Decide not to publish, on a coded ground."""
    return await _with_reason(
        request,
        pages,
        store,
        office,
        lambda rules: rules.grounds,
        (item_id, seen, code, note),
        releasing.reject,
        person,
        "rejected",
    )


async def _with_reason(
    request: Request,
    pages: PagesOf,
    store: Store,
    office: OfficeOf,
    reasons: Callable[[Rules], Mapping[str, Reason]],
    said: tuple[str, str, str, str],
    act: Callable[..., Awaitable[None]],
    person: Person,
    done: str,
) -> Response:
    item_id, seen, code, note = said

    async def decided(unit: Unit) -> None:
        reason = _reason(reasons(office.rules(unit.now)), code, note)
        await act(unit, office, person.name, Seen(item_id, seen), code, reason)

    return await decide(request, pages, store, decided, f"/desk?done={done}")


@router.post("/items/{item_id}/withdraw")
async def withdraw(
    request: Request, item_id: str, person: Reviewer, store: StoreOf, office: OfficeOf, pages: PagesOf,
    version: Annotated[int, Form()], code: Code, note: Note,
) -> Response:  # fmt: skip
    """Propose to withdraw what is public; the gatekeeper confirms."""

    async def propose(unit: Unit) -> None:
        reasons = office.rules(unit.now).applications.rulings[Decision.WITHDRAWN]
        reason = _reason(reasons, code, note)
        await releasing.propose_withdrawal(unit, office, person.name, item_id, version, code, reason)

    return await decide(request, pages, store, propose, "/desk/released?done=proposed")


@router.post("/months", dependencies=[Depends(require(Role.REVIEWER))])
async def draft_month(
    request: Request, store: StoreOf, office: OfficeOf, pages: PagesOf, month: Annotated[str, Form()]
) -> Response:
    """Draft a month on demand, from what figures there are."""
    if not MONTH.fullmatch(month):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await decide(request, pages, store, lambda unit: drafting.draft_month(unit, office, month), "/desk?done=drafted")
