"""The desk's batches: drafts of one kind, of which a sample is looked at before the rest is approved and released together."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher import batches
from services.publisher.batch_runs import PART, Order, Step
from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.drafting import State
from services.publisher.kinds import find_kind
from services.publisher.releasing import ContentChanged
from services.publisher.store import batch_runs, desk, handled, screens
from services.publisher.store import batches as stored
from services.publisher.store.batches import ItemBatch
from services.publisher.web.decisions import DIGEST, REFUSALS, Gatekeeper, Items, Reviewer, decide, parse_selection
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import Staff, layout_context
from shared.accounts import Person
from shared.clock import now
from shared.stream import UnitOfWork
from shared.web.pages import PagesDep
from shared.web.parameters import Int32, PlainText
from shared.web.session import DatabaseDep, session_token

PAGE = 20
BATCHES = "/desk/batches"
# By which fields of the content a batch is broken down.
FIELDS: Mapping[str, tuple[str, ...]] = {"record": ("result", "office"), OPERATOR_MONTH: ("industry",)}
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
        run = await batch_runs.fetch_latest(connection, batch_id)
        is_running = run is not None and run.is_running(now())
        state = State.DRAFT if batch.drafts else State.APPROVED
        # While it is being decided on, its page says how far that is and nothing else.
        shown = {} if is_running else await _fetch_content(connection, batch, state, person)
        counts = await desk.count_by_state(connection)
        screen_count = await screens.count_screens(connection)
    at = now()
    return render(
        request, "desk/batch.html", batch=batch, kind=find_kind(batch.kind), state=state, **shown,
        sampling=batches.find_sampling(bureau.rules(at), batch.kind), screens=screen_count, at=at, run=run,
        is_running=is_running, REFUSALS=REFUSALS, rules=bureau.rules(at),
        **layout_context(person, counts, BATCHES, done),
    )  # fmt: skip


async def _fetch_content(connection: asyncpg.Connection, batch: ItemBatch, state: State, person: Person) -> dict[str, Any]:
    """Return the digest of what is in a state, what it is made of, and the sample."""
    _count, digest = await stored.fetch_digest(connection, batch.batch_id, state)
    fields = FIELDS.get(batch.kind, ())
    parts = {name: await stored.count_by_field(connection, batch.batch_id, state, name) for name in fields}
    sample = await stored.fetch_sample(connection, batch.batch_id, person.name)
    return {"digest": digest, "parts": parts, "sample": sample}


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
    return await _begin(request, pages, database, bureau, person, batch_id, State.DRAFT, seen)


@router.post("/{batch_id}/release")
async def release(
    request: Request, batch_id: Int32, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: BatchDigest, checked: Annotated[PlainText, Form()] = "",
) -> Response:  # fmt: skip
    """Release all approved versions of the batch as the gatekeeper."""
    if checked != "yes":
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await _begin(request, pages, database, bureau, person, batch_id, State.APPROVED, seen)


STEPS: Mapping[State, tuple[str, Step, str]] = {
    State.DRAFT: ("review", batches.approve_part, "approved"),
    State.APPROVED: ("release", batches.release_part, "released"),
}
"""Of versions in a state the step of a batch, what it does, and the words after it."""


async def _begin(
    request: Request, pages: PagesDep, database: DatabaseDep, bureau: BureauDep, person: Person, batch_id: int, state: State,
    digest: str,
) -> Response:  # fmt: skip
    """Decide on a batch with the request; on a large one part by part behind it, while its page shows how far that is."""
    name, step, toast = STEPS[state]
    orders: list[Order] = []

    async def act(uow: UnitOfWork) -> None:
        count = await batches.count_waiting(uow, bureau, person.name, batch_id, state)
        if count <= PART:
            seen = await batches.begin(uow, bureau, person.name, batch_id, state, digest)
            await step(uow, bureau, person.name, batch_id, seen)
            batches.record(uow, bureau, person.name, batch_id, state, len(seen), digest)
            return
        if (run := await batch_runs.fetch_latest(uow.connection, batch_id)) and run.is_running(uow.now):
            raise ContentChanged
        run_id = await batch_runs.insert(uow.connection, batch_id, name, person.name, count, uow.now)
        orders.append(Order(run_id, batch_id, person.name, session_token(request), state, digest, step))

    answer = await _decide(request, pages, database, batch_id, act, toast)
    for order in orders:
        answer = RedirectResponse(f"{BATCHES}/{batch_id}", HTTPStatus.SEE_OTHER)
        request.app.state.batch_runner.start(order)
    return answer


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
