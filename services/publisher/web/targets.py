"""What a target's own people see with their key: its state, the log of attempts, and a message to try their receiver with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from services.publisher.delivering import administration
from services.publisher.delivering.administration import secret_box
from services.publisher.delivering.sender import HttpSender
from services.publisher.domain.delivery import parse_networks
from services.publisher.store import deliveries, targets
from services.publisher.web.dependencies import BureauDep
from shared.clock import now
from shared.keys import key_hash, parse_bearer
from shared.stream import Database
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

ATTEMPTS = 100
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


async def _is_allowed(database: Database, target_id: str, authorization: str) -> bool:
    key = parse_bearer(authorization)
    async with database.snapshot() as connection:
        return key is not None and await targets.has_key(connection, target_id, key_hash(key))


def _refuse() -> Response:
    response = problem_response(HTTPStatus.UNAUTHORIZED, "key_required", "the key of this target is required")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
