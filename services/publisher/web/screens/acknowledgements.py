"""What screens acknowledge: each version that they have shown, and each withdrawal that they have carried out."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.publisher.domain.lease import verify_lease_token
from services.publisher.store import screens
from services.publisher.store.screens import ShownVersion
from services.publisher.web.dependencies import BureauDep
from shared.clock import now
from shared.web.parameters import PlainText
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/screens")


class ShownItem(BaseModel):
    """One version that a screen showed, or whose withdrawal it carried out."""

    model_config = ConfigDict(extra="forbid")

    item_id: PlainText = Field(max_length=32)
    version: int = Field(ge=1, le=1_000_000)
    shown_at: AwareDatetime


class Acknowledgement(BaseModel):
    """What a screen has shown; the lease proves which screen sends it."""

    model_config = ConfigDict(extra="forbid")

    lease: str = Field(max_length=400)
    shown: list[ShownItem] = Field(min_length=1, max_length=100)


@router.post("/{screen_id}/acks")
async def acknowledge(screen_id: str, acknowledgement: Acknowledgement, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Store which versions a screen has shown; 403 without a valid lease of this screen."""
    lease, at = verify_lease_token(acknowledgement.lease, bureau.lease_key), now()
    if lease is None or lease.screen_id != screen_id or lease.until < at:
        return problem_response(HTTPStatus.FORBIDDEN, "lease", "the lease is not valid for this screen")
    async with database.unit_of_work() as uow:
        shown = [ShownVersion(item.item_id, item.version, min(item.shown_at, at)) for item in acknowledgement.shown]
        await screens.insert_acknowledgements(uow.connection, screen_id, shown, at)
    return Response(status_code=HTTPStatus.NO_CONTENT)
