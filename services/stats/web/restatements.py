"""`/stats/restatements`: every figure that was restated, with what it was, what it is, why and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.stats.domain.periods import PERIOD_PATTERN
from services.stats.store import queries
from services.stats.web.access import require_reader
from services.stats.web.answers import ALSO, Format, send
from services.stats.web.responses import RestatedFigure, RestatementPage, RestatementResponse
from shared.contracts import SubjectKind
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
NEWEST = 2**63 - 1


async def list_restatements(
    request: Request,
    database: DatabaseDep,
    kind: Annotated[SubjectKind | None, Query(alias="subject_kind", description="Only of subjects of this kind.")] = None,
    subject: Annotated[PlainText | None, Query(max_length=64, description="Only of this subject.")] = None,
    period: Annotated[str | None, Query(pattern=PERIOD_PATTERN, description="Only of this period.")] = None,
    cursor: Annotated[int, Query(ge=1, le=NEWEST, description="Where the page begins, as `next` has it.")] = NEWEST,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Restatements on a page.")] = PAGE_SIZE,
    layout: Format = "json",
) -> Response:
    """List restatements, the newest first."""
    async with database.snapshot() as connection:
        found = await queries.fetch_restated(connection, cursor, kind, subject, period, limit + 1)
    shown = [
        RestatedFigure(
            **dict(RestatementResponse.from_record(each.restatement)), subject_kind=each.subject_kind, subject=each.subject
        )
        for each in found[:limit]
    ]
    filters = {"subject_kind": kind, "subject": subject, "period": period, "limit": limit}
    query = urlencode({name: value for name, value in filters.items() if value is not None})
    more = f"/stats/restatements?{query}&cursor={found[limit - 1].place}" if len(found) > limit else None
    return send(request, RestatementPage(restatements=shown, next=more), layout, _rows(shown))


def _rows(restated: list[RestatedFigure]) -> Iterator[dict[str, object]]:
    """Yield a row for each measure that differs."""
    for each in restated:
        before, after = each.before.model_dump(), each.after.model_dump()
        for name in before:
            if before[name] != after[name]:
                yield {
                    "restated_at": each.restated_at.isoformat(), "subject_kind": each.subject_kind, "subject": each.subject,
                    "period": each.period, "version": each.version, "measure": name, "before": before[name],
                    "after": after[name], "rulings": " ".join(map(str, each.ruling_ids)), "notices": " ".join(each.notices),
                }  # fmt: skip


router = APIRouter(prefix="/stats", tags=["figures"], dependencies=[Depends(require_reader)])
router.add_api_route("/restatements", list_restatements, responses=ALSO, response_model=RestatementPage)
