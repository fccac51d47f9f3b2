"""Complaints told again as they stand, so that what was told before may leave the topic."""

from __future__ import annotations

from uuid import UUID

from services.intake.store import newest_revisions
from shared.contracts import ComplaintRevised
from shared.stream import UnitOfWork

PAGE = 500


async def retell_some(uow: UnitOfWork, after: UUID) -> list[UUID]:
    """Emit the newest revision of some complaints with an id behind `after` once more, and return their ids in order.

    Each stays locked until the transaction ends: a later revision is told later. Readers have this one and pass over it.
    """
    page = await newest_revisions.lock_some(uow.connection, after, PAGE)
    for _, payload in page:
        uow.emit(ComplaintRevised.model_validate_json(payload))
    return [complaint_id for complaint_id, _ in page]
