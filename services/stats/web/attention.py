"""`/stats/attention`: subjects to guide or to interview, with the evidence for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from services.stats.domain.attention import (
    FALSE_ALARM_RATE,
    MIN_COMPLAINTS,
    MONTHS,
    Reason,
    expect,
    reasons,
)
from services.stats.domain.periods import Period, parse_period
from services.stats.store import queries
from services.stats.store.attention import Monthly, fetch_monthly, fetch_totals
from services.stats.web.access import require_reader
from services.stats.web.answers import ALSO, Format, send
from services.stats.web.freshness import fetch_freshness
from services.stats.web.responses import Coverage
from shared.clock import local_day
from shared.contracts import PeriodKind
from shared.rates import rate
from shared.web.openapi import problems
from shared.web.session import DatabaseDep

# No list that a person works through is longer; the most complained of are looked at first.
MAX_SUBJECTS = 2_000
YEAR = 12

MONTH_PATTERN = r"^(199[0-9]|20[0-9]{2}|2100)-(0[1-9]|1[0-2])$"
AttentionKind = Literal["operator", "category", "industry", "region", "platform", "site"]


class AttentionSubject(BaseModel):
    """A subject that deserves attention, and why.

    `share`: of all complaints. `expected`: complaints that its months before and this month of all others lead to expect;
    `chance`: how likely as many or more would be, were it as before; null where the past is too short. `before`: the evidence,
    its complaints by month. `same_month_last_year`: null where nothing was heard then.
    """

    subject: str
    name: str | None
    reasons: list[Reason]
    complaints: int
    share: float
    expected: float | None
    chance: float | None
    same_month_last_year: int | None
    before: dict[str, int]


class AttentionList(BaseModel):
    """Subjects of a kind in a month, the most complained of first.

    `tested` have at least `min_complaints`; by chance alone some `false_alarms_expected` of them are told as growing.
    """

    subject_kind: str
    month: str
    complaints: int
    tested: int
    min_complaints: int
    false_alarms_expected: float
    subjects: list[AttentionSubject]
    as_of: datetime | None
    lag: int
    coverage: Coverage


async def list_attention(
    request: Request,
    database: DatabaseDep,
    month_name: Annotated[str, Query(alias="period", pattern=MONTH_PATTERN, description="A month, as 2026-10.")],
    kind: Annotated[AttentionKind, Query(alias="subject_kind", description="Which subjects.")] = "operator",
    layout: Format = "json",
) -> Response:
    """List the subjects with a great part of all complaints, or with more than their past leads to expect.

    409 for a month that is not over: its counts are no counts of a month.
    """
    month = parse_period(month_name)
    today = local_day(database.clock(), request.app.state.settings.zone)
    if month is None or month.kind is not PeriodKind.MONTH or month.last >= today:
        raise HTTPException(HTTPStatus.CONFLICT, "give a month that is over")
    first = _months_before(month)
    async with database.snapshot() as connection:
        totals = await fetch_totals(connection, first, month.first)
        tested = await fetch_monthly(connection, kind, month.first, first, MIN_COMPLAINTS, MAX_SUBJECTS)
        found = [each for one in tested if (each := _judge(one, month, totals)).reasons]
        names = await queries.fetch_names(connection, [each.subject for each in found]) if kind == "operator" else {}
        answer = AttentionList(
            subject_kind=kind,
            month=month.name,
            complaints=totals.get(month.first, 0),
            tested=len(tested),
            min_complaints=MIN_COMPLAINTS,
            false_alarms_expected=round(len(tested) * FALSE_ALARM_RATE, 1),
            subjects=[each.model_copy(update={"name": names.get(each.subject)}) for each in found],
            **await fetch_freshness(request, connection),
        )
    return send(request, answer, layout, _rows(answer))


def _months_before(month: Period) -> date:
    """Return the first day of the first month that is looked at."""
    number = month.first.year * YEAR + month.first.month - 1 - MONTHS
    return date(number // YEAR, number % YEAR + 1, 1)


def _judge(one: Monthly, month: Period, totals: dict[date, int]) -> AttentionSubject:
    """Return the subject with its reasons; a month in which nothing was heard of anybody is no evidence."""
    known = [each for each in totals if each < month.first]
    before = [one.before.get(each, 0) for each in known]
    whole = totals.get(month.first, 0)
    expectation = expect(one.complaints, whole, before, [totals[each] for each in known])
    last_year = month.first.replace(year=month.first.year - 1)
    return AttentionSubject(
        subject=one.subject,
        name=None,
        reasons=reasons(one.complaints, whole, expectation),
        complaints=one.complaints,
        share=float(rate(one.complaints, whole) or 0),
        expected=None if expectation is None else round(expectation.mean, 1),
        chance=None if expectation is None else float(f"{expectation.chance:.2g}"),
        same_month_last_year=one.before.get(last_year, 0) if last_year in totals else None,
        before={f"{each:%Y-%m}": count for each, count in zip(known, before, strict=True)},
    )


def _rows(answer: AttentionList) -> Iterator[dict[str, object]]:
    """Yield a row for each subject; its months before are in the JSON."""
    for each in answer.subjects:
        fields = each.model_dump(exclude={"before", "reasons"})
        yield {"subject_kind": answer.subject_kind, "month": answer.month, "reasons": " ".join(each.reasons), **fields}


router = APIRouter(prefix="/stats", tags=["figures"], dependencies=[Depends(require_reader)])
router.add_api_route(
    "/attention", list_attention, responses={**ALSO, **problems(HTTPStatus.CONFLICT)}, response_model=AttentionList
)
