"""What screens acknowledge: each version that they have shown, and each withdrawal that they have carried out."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.publisher.domain.lease import verify_lease_token
from services.publisher.screen_acknowledgements import AcknowledgementBatches
from services.publisher.store.screens import ShownVersion
from services.publisher.web.dependencies import BureauDep
from shared.clock import now
from shared.web.bodies import accept_body
from shared.web.parameters import PlainText
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

# A hundred versions with their times.
MAX_BODY = 16 * 1024
# A lease lasts hours: whoever says that a version was shown before has another clock.
LONGEST_AGO = timedelta(days=1)

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


async def read_acknowledgement(
    request: Request, _accepted: Annotated[None, Depends(accept_body(MAX_BODY))]
) -> Acknowledgement:  # fmt: skip
    """Return the body. Read here, as FastAPI reads bodies that it declares before it asks how large they may be."""
    try:
        return Acknowledgement.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_context=False)) from None


@router.post("/{screen_id}/acks")
async def acknowledge(
    request: Request,
    screen_id: str,
    acknowledgement: Annotated[Acknowledgement, Depends(read_acknowledgement)],
    database: DatabaseDep,
    bureau: BureauDep,
) -> Response:
    """Store which released versions a screen has shown; 403 without a valid lease for the secret that the screen has now."""
    lease, at = verify_lease_token(acknowledgement.lease, bureau.lease_key), now()
    if lease is None or lease.screen_id != screen_id or lease.until < at:
        return _refuse()
    shown = [
        ShownVersion(screen_id, item.item_id, item.version, max(min(item.shown_at, at), at - LONGEST_AGO))
        for item in acknowledgement.shown
    ]
    batches: AcknowledgementBatches = request.app.state.acknowledgements
    is_stored = await batches.store(database, lease, shown)
    return Response(status_code=HTTPStatus.NO_CONTENT) if is_stored else _refuse()


def _refuse() -> Response:
    return problem_response(HTTPStatus.FORBIDDEN, "lease", "the lease is not valid for this screen")
