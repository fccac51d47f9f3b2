"""`GET /intake/reports` and `/intake/refusals`: what became of a source's reports, for the holder of its key."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import AfterValidator, BaseModel

from services.intake.domain.keys import may_send_for
from services.intake.store import source_reports
from services.intake.store.source_keys import Holder
from services.intake.store.source_reports import RefusedReport, SourceReport
from services.intake.web.events import authenticate_source
from shared.contracts import Outcome, Status
from shared.stream import DeadLetterReason
from shared.web.openapi import problems
from shared.web.parameters import Int64, require_storable
from shared.web.session import DatabaseDep

MAX_PAGE = 1_000

router = APIRouter(prefix="/intake", tags=["events"])


class ReportState(BaseModel):
    """A report as it stands. Dates are days of the bureau's zone; `unmapped` names fields whose code is in no table.

    `is_duplicate`: another report counts for the dispute; `duplicate_of` is its number where it is the source's own, else
    null: what another source was told is nobody else's.
    """

    external_id: str
    revision: int
    revised_at: datetime
    status: Status
    outcome: Outcome | None
    accepted_on: date | None
    closed_on: date | None
    due_on: date | None
    is_duplicate: bool
    duplicate_of: str | None
    texts_withheld: bool
    unmapped: list[str]

    @classmethod
    def of(cls, report: SourceReport) -> ReportState:
        """Return what the source sees of a report."""
        facts = report.facts
        return cls(
            external_id=report.external_id,
            revision=report.revision,
            revised_at=report.revised_at,
            status=facts.status,
            outcome=facts.outcome,
            accepted_on=facts.accepted_on,
            closed_on=facts.closed_on,
            due_on=facts.due_on,
            is_duplicate=facts.duplicate_of is not None,
            duplicate_of=report.duplicate_of,
            texts_withheld=report.withheld,
            unmapped=list(facts.unmapped),
        )


class ReportPage(BaseModel):
    """Reports in the order of their numbers. `next_after`: where the next page begins; null on the last."""

    reports: list[ReportState]
    next_after: str | None


class Reason(BaseModel):
    """A coded reason of a refusal (docs/codes.md)."""

    field: str
    code: str
    message: str


class Refusal(BaseModel):
    """A report that was refused and waits to be sent again. `id`: its number in the list of refused records.

    `accepted_since`: when a report of the same number was accepted after it; null where none was.
    """

    id: int
    external_id: str
    recorded_at: datetime
    accepted_since: datetime | None
    reason: DeadLetterReason
    reasons: list[Reason]

    @classmethod
    def of(cls, refused: RefusedReport) -> Refusal:
        """Return what the source sees of a refused report: no value of it."""
        return cls(
            id=refused.id,
            external_id=refused.external_id,
            recorded_at=refused.recorded_at,
            accepted_since=refused.revised_at,
            reason=DeadLetterReason(refused.reason),
            reasons=[Reason(**finding) for finding in refused.findings],
        )


class RefusalPage(BaseModel):
    """Refused reports, the oldest first. `next_after`: where the next page begins; null on the last."""

    refusals: list[Refusal]
    next_after: int | None


Name = Annotated[str | None, Query(max_length=200), AfterValidator(lambda name: name and require_storable(name))]
Number = Annotated[str, Query(max_length=128), AfterValidator(require_storable)]
Size = Annotated[int, Query(ge=1, le=MAX_PAGE)]
DECLARED = problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def choose_source(holder: Annotated[Holder, Depends(authenticate_source)], source: Name = None) -> str:
    """Return the source that is asked about, the holder's own by default. Raises `HTTPException` 403 for another's."""
    chosen = source or holder.name
    if not may_send_for(holder.name, chosen, holder.below):
        raise HTTPException(HTTPStatus.FORBIDDEN, "the key belongs to another source")
    return chosen


ChosenSource = Annotated[str, Depends(choose_source)]


@router.get("/reports", responses=DECLARED)
async def list_reports(
    database: DatabaseDep, source: ChosenSource, external_id: Number = "", after: Number = "", limit: Size = 100
) -> ReportPage:
    """Return the reports of a source as they stand, in the order of their numbers; or the one with `external_id`."""
    async with database.snapshot() as connection:
        if external_id:
            found = await source_reports.find_report(connection, source, external_id)
        else:
            found = await source_reports.list_reports(connection, source, after, limit)
    is_full = not external_id and len(found) == limit
    return ReportPage(reports=[ReportState.of(each) for each in found], next_after=found[-1].external_id if is_full else None)


@router.get("/refusals", responses=DECLARED)
async def list_refusals(database: DatabaseDep, source: ChosenSource, after: Int64 = 0, limit: Size = 100) -> RefusalPage:
    """Return the reports of a source that were refused and wait, the oldest first, with the reasons.

    Those sent over Kafka are found by their key, `source|number`.
    """
    async with database.snapshot() as connection:
        found = await source_reports.list_refused(connection, source, after, limit)
    return RefusalPage(refusals=[Refusal.of(each) for each in found], next_after=found[-1].id if len(found) == limit else None)
