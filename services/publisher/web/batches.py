"""The desk's batches: drafts of one kind, of which a sample is looked at before the rest is approved and released together."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from services.publisher import batches
from services.publisher.domain.drafting import State
from services.publisher.kinds import find_kind
from services.publisher.store import batches as stored
from services.publisher.store import desk, handled, screens
from services.publisher.web.decisions import DIGEST, Gatekeeper, Items, Reviewer, decide, parse_selection
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import Staff, layout_context
from shared.clock import now
from shared.web.pages import PagesDep
from shared.web.parameters import Int32, PlainText
from shared.web.session import DatabaseDep

PAGE = 20
BATCHES = "/desk/batches"
# By which fields of the content a batch is broken down.
FIELDS = ("result", "office")
BatchDigest = Annotated[PlainText, Form()]
router = APIRouter(prefix=BATCHES, include_in_schema=False)


@router.get("")
async def batches_page(
    request: Request, person: Staff, database: DatabaseDep, before: Int32 | None = None, done: str | None = None
) -> Response:
    """Show a page of batches, the newest first, and how many complaints wait to be drafted from."""
    async with database.snapshot() as connection:
        rows = await stored.list_batches(connection, person.name, before=before, limit=PAGE)
        waiting = await handled.count_waiting(connection)
        counts = await desk.count_by_state(connection)
    return render(
        request, "desk/batches.html", rows=rows, waiting=waiting, find_kind=find_kind,
        next_before=rows[-1].batch_id if len(rows) == PAGE else None, **layout_context(person, counts, BATCHES, done),
    )  # fmt: skip


@router.get("/{batch_id}")
async def batch_page(
    request: Request, batch_id: Int32, person: Staff, database: DatabaseDep, bureau: BureauDep, done: str | None = None
) -> Response:
    """Show a batch: what it is made of, its sample, and the step that is next."""
    async with database.snapshot() as connection:
        batch = await stored.fetch_batch(connection, batch_id, person.name)
        if batch is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        state = State.DRAFT if batch.drafts else State.APPROVED
        _count, digest = await stored.fetch_digest(connection, batch_id, state)
        parts: dict[str, Any] = {field: await stored.count_by_field(connection, batch_id, state, field) for field in FIELDS}
        sample = await stored.fetch_sample(connection, batch_id, person.name)
        counts = await desk.count_by_state(connection)
        screen_count = await screens.count_screens(connection)
    of_kind = bureau.rules(now()).kinds.get(batch.kind)
    return render(
        request, "desk/batch.html", batch=batch, kind=find_kind(batch.kind), state=state, digest=digest, parts=parts,
        sample=sample, sampling=of_kind.from_complaints if of_kind else None, screens=screen_count, at=now(),
        rules=bureau.rules(now()), **layout_context(person, counts, BATCHES, done),
    )  # fmt: skip


@router.post("/{batch_id}/close")
async def close(
    request: Request, batch_id: Int32, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Let the batch take in no more, and draw its sample."""
    return await decide(
        request, pages, database, lambda uow: batches.close(uow, bureau, person.name, batch_id), f"{BATCHES}/{batch_id}"
    )


@router.post("/{batch_id}/looks")
async def look(
    request: Request, batch_id: Int32, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    item: Items, seen: Items,
) -> Response:  # fmt: skip
    """Record that the person looked at these versions of the sample."""
    selection = parse_selection(item, seen)
    if not all(DIGEST.fullmatch(each.digest) for each in selection):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await _decide(
        request, pages, database, batch_id, lambda uow: batches.look(uow, bureau, person.name, batch_id, selection)
    )


@router.post("/{batch_id}/approve")
async def approve(
    request: Request, batch_id: Int32, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: BatchDigest,
) -> Response:  # fmt: skip
    """Approve all drafts of the batch as a reviewer."""
    return await _decide(
        request, pages, database, batch_id, lambda uow: batches.approve(uow, bureau, person.name, batch_id, seen), "approved"
    )


@router.post("/{batch_id}/release")
async def release(
    request: Request, batch_id: Int32, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: BatchDigest, checked: Annotated[PlainText, Form()] = "",
) -> Response:  # fmt: skip
    """Release all approved versions of the batch as the gatekeeper."""
    if checked != "yes":
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await _decide(
        request, pages, database, batch_id, lambda uow: batches.release(uow, bureau, person.name, batch_id, seen), "released"
    )


@router.post("/{batch_id}/dissolve")
async def dissolve(
    request: Request, batch_id: Int32, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Have what is left of the batch looked at one by one."""
    return await decide(
        request, pages, database, lambda uow: batches.dissolve(uow, bureau, person.name, batch_id), "/desk?done=dissolved"
    )


async def _decide(
    request: Request, pages: PagesDep, database: DatabaseDep, batch_id: int, action: Any, toast: str = "looked"
) -> Response:
    return await decide(request, pages, database, action, f"{BATCHES}/{batch_id}?done={toast}")
