"""What a target's own people do with their key: see its state and the log of attempts, try their receiver, fetch its file."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request, Response

from services.publisher.channels import load_channels
from services.publisher.delivering import administration
from services.publisher.delivering.administration import secret_box
from services.publisher.delivering.sender import HttpSender
from services.publisher.domain.delivery import parse_networks
from services.publisher.domain.target import TargetState
from services.publisher.store import deliveries, targets
from services.publisher.web.dependencies import BureauDep
from shared.clock import now
from shared.keys import key_hash, parse_bearer
from shared.stream import Database
from shared.web.parameters import Int64
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

ATTEMPTS = 100
# Rows of a file; what is behind them is in the next one.
MAX_ROWS = 20_000
WRITING = asyncio.Semaphore(1)
router = APIRouter(prefix="/api/targets", tags=["targets"])
REFUSED: dict[int | str, dict[str, Any]] = {401: {"description": "Without the key of this target."}}
Authorization = Annotated[str, Header()]


@router.get("/{target_id}", responses=REFUSED, response_model=dict[str, Any])
async def target_state(target_id: str, database: DatabaseDep, authorization: Authorization = "") -> Any:
    """Return a target's state, counts of its deliveries, and its newest attempts; `Authorization: Bearer KEY`."""
    if not await _is_allowed(database, target_id, authorization):
        return _refuse()
    async with database.snapshot() as connection:
        (target,) = await targets.fetch_targets(connection, now(), None, target_id)
        counts = (await targets.count_deliveries(connection))[target_id]
        attempts = await deliveries.fetch_attempts(connection, target_id, ATTEMPTS)
    return {
        "target_id": target_id, "name": target.name, "channel": target.channel, "state": target.state.value,
        "failures": target.failures, "retry_at": target.retry_at, "scope": target.scope, "per_minute": target.per_minute,
        "counts": counts, "attempts": attempts,
    }  # fmt: skip


@router.post("/{target_id}/test", responses=REFUSED, response_model=dict[str, Any])
async def try_target(
    request: Request, target_id: str, database: DatabaseDep, bureau: BureauDep, authorization: Authorization = ""
) -> Any:
    """Send a message that tells of no item; return what came of it."""
    if not await _is_allowed(database, target_id, authorization):
        return _refuse()
    async with HttpSender(parse_networks(request.app.state.settings.target_networks)) as sender:
        return await administration.send_test(database, sender, secret_box(bureau.lease_key), target_id, f"target {target_id}")


@router.get("/{target_id}/file", responses=REFUSED, response_class=Response)
async def fetch_file(target_id: str, database: DatabaseDep, authorization: Authorization = "") -> Response:
    """Return what the target has not acknowledged yet as a file, what is to be removed first; 204 where that is nothing.

    Name the number of its header `X-Release-Seq` once it is taken in: what is not, is in the next file again.
    """
    if not await _is_allowed(database, target_id, authorization):
        return _refuse()
    async with database.unit_of_work() as uow:
        (target,) = await targets.fetch_targets(uow.connection, uow.now, None, target_id)
        shape = load_channels()[target.channel].file
        if shape is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if target.state is not TargetState.ACTIVE:
            return problem_response(HTTPStatus.CONFLICT, "target_paused", "this target is paused by the bureau's staff")
        due = await deliveries.fetch_due(uow.connection, {target_id: MAX_ROWS}, uow.now, [])
        # Before it is sent: what dies in between may have arrived.
        await deliveries.set_sent(uow.connection, due, uow.now)
    if not due:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    last = max(each.release_seq for each in due)
    headers = {
        "X-Release-Seq": str(last), "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{target_id}-{last}.{shape.extension}"',
    }  # fmt: skip
    # A full one takes seconds: not on the event loop, and no two at once.
    async with WRITING:
        content = await asyncio.to_thread(lambda: shape.write([each.item for each in due]))
    return Response(content, media_type=shape.media_type, headers=headers)


@router.post("/{target_id}/file/{seq}/taken", responses=REFUSED, response_model=dict[str, Any])
async def acknowledge_file(target_id: str, seq: Int64, database: DatabaseDep, authorization: Authorization = "") -> Any:
    """Acknowledge all that files up to a release number had; return of how many items, 0 for one that is known already."""
    if not await _is_allowed(database, target_id, authorization):
        return _refuse()
    async with database.unit_of_work() as uow:
        return {"acknowledged": await deliveries.set_taken(uow.connection, target_id, seq, uow.now)}


async def _is_allowed(database: Database, target_id: str, authorization: str) -> bool:
    key = parse_bearer(authorization)
    async with database.snapshot() as connection:
        return key is not None and await targets.has_key(connection, target_id, key_hash(key))


def _refuse() -> Response:
    response = problem_response(HTTPStatus.UNAUTHORIZED, "key_required", "the key of this target is required")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
