"""The figures of one subject: over some days, compared with others, by step of time, and of what lies below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import Depends, Query, Request
from starlette.exceptions import HTTPException

from services.stats.domain.comparisons import Comparison, changes, compare_days
from services.stats.domain.measures import Sums, compute_measures, rest_of
from services.stats.domain.periods import day_range, single_days
from services.stats.domain.subjects import CountedKind, parts_of, stored_subjects
from services.stats.store import queries
from services.stats.store.sums_of_days import Grouping, fetch_grouped_sums, fetch_subjects, fetch_sums
from services.stats.web.days import DayQuery
from services.stats.web.freshness import fetch_freshness
from services.stats.web.past import past_figures
from services.stats.web.responses import (
    ComparisonResponse,
    Coverage,
    Figures,
    Intervals,
    Part,
    RestatementResponse,
    Step,
    SubjectFigures,
)

# The newest restatements in an answer; one a month is more than a year of them.
MAX_RESTATEMENTS = 20
# Three years of days.
MAX_DAYS = 1_100

StepName = Literal["day", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class RequestedShape:
    """What is answered beside the figures: steps of time, and what lies below the subject; or as of which past day."""

    step: StepName | None
    parts: bool
    past_day: date | None = None


def parse_shape(
    step: Annotated[StepName | None, Query(alias="by", description="The same days once more, by step of time.")] = None,
    parts: Annotated[bool, Query(description="Also the figures of what lies directly below the subject.")] = False,  # noqa: FBT002 a query parameter
    past_day: Annotated[
        date | None,
        Query(
            alias="as_of",
            description="The figures as they were at the end of this day, from the close of the period on.",
        ),
    ] = None,
) -> RequestedShape:
    """Return what the query asks for beside the figures; 409 for steps or parts of a past day, which are not kept."""
    if past_day is not None and (step or parts):
        raise HTTPException(HTTPStatus.CONFLICT, "as_of has neither steps nor parts")
    return RequestedShape(step, parts, past_day)


Shape = Annotated[RequestedShape, Depends(parse_shape)]


async def subject_figures(
    request: Request,
    connection: asyncpg.Connection,
    kind: CountedKind,
    code: str,
    requested: DayQuery,
    shape: RequestedShape,
    **about: Any,
) -> SubjectFigures:
    """Return the answer about a subject, all of it from one snapshot. Raises 409 for more days than are listed one by one."""
    stored, subjects = stored_subjects(kind, code)
    if shape.past_day is not None:
        return await past_figures(request, connection, stored, subjects, code, requested, shape.past_day, **about)
    restatements = await queries.fetch_restatements(connection, stored, subjects[0], requested.periods, MAX_RESTATEMENTS)
    sums = await fetch_sums(connection, stored, subjects, requested.days)
    measures = compute_measures(sums)
    freshness = await fetch_freshness(request, connection)
    comparisons = compare_days(requested.own, requested.others, requested.today)
    return SubjectFigures(
        **about,
        subject=code,
        period=requested.period,
        window=requested.window,
        first_day=requested.days.first,
        last_day=requested.days.last,
        figures=Figures.from_measures(measures),
        intervals=Intervals.from_measures(measures),
        comparisons=[await _compare(connection, stored, subjects, each, freshness["coverage"]) for each in comparisons],
        series=await _series(connection, stored, subjects, requested, shape.step) if shape.step else None,
        parts=await _parts(connection, kind, code, requested, sums) if shape.parts else None,
        **freshness,
        restated=bool(restatements),
        restatements=[RestatementResponse.from_record(each) for each in restatements],
    )


async def _compare(
    connection: asyncpg.Connection, kind: CountedKind, subjects: tuple[str, ...], comparison: Comparison, coverage: Coverage
) -> ComparisonResponse:
    own, other = comparison.own, comparison.other
    now, then = [
        compute_measures(await fetch_sums(connection, kind, subjects, day_range(each.first, each.last)))
        for each in (own, other)
    ]
    found = changes(now, then, own.count, other.count)
    first, last = coverage.first_day, coverage.last_day
    return ComparisonResponse(
        kind=comparison.kind,
        rule=comparison.rule,
        own_first_day=own.first,
        own_last_day=own.last,
        own_days=own.count,
        first_day=other.first,
        last_day=other.last,
        days=other.count,
        covered=first is not None and last is not None and first <= other.first <= other.last <= last,
        figures=Figures.from_measures(then),
        changes={name: None if value is None else float(value) for name, value in found.items()},
    )


async def _series(
    connection: asyncpg.Connection, kind: CountedKind, subjects: tuple[str, ...], requested: DayQuery, step: StepName
) -> list[Step]:
    days = requested.days
    grouping = Grouping(step)
    if grouping is Grouping.DAY:
        if requested.own.count > MAX_DAYS:
            raise HTTPException(HTTPStatus.CONFLICT, f"at most {MAX_DAYS} days are listed one by one; ask for months")
        days = single_days(days.first, days.last)
    grouped = await fetch_grouped_sums(connection, kind, subjects, days, grouping)
    return [Step(step=name, figures=_figures(sums)) for name, sums in grouped.items()]


async def _parts(connection: asyncpg.Connection, kind: CountedKind, code: str, requested: DayQuery, whole: Sums) -> list[Part]:
    """Return the figures one level below, and of what lies in none of them: together they are the whole."""
    parts = parts_of(kind, code, await fetch_subjects(connection, kind, requested.days))
    subjects = [subject for each in parts.values() for subject in each]
    grouped = await fetch_grouped_sums(connection, kind, subjects, requested.days, Grouping.SUBJECT)
    added = {
        part: Sums.together([grouped[subject] for subject in within if subject in grouped]) for part, within in parts.items()
    }
    rest = rest_of(whole, Sums.together(list(added.values())))
    found = [Part(code=part, figures=_figures(sums)) for part, sums in added.items() if sums.complaints]
    return [*found, Part(code=None, figures=_figures(rest))] if rest.complaints else found


def _figures(sums: Sums) -> Figures:
    return Figures.from_measures(compute_measures(sums))


def figure_rows(answer: SubjectFigures) -> Iterator[dict[str, object]]:
    """Yield the rows of an answer for a table: the whole, then its steps and parts, each with what it is."""
    whole = f"{answer.first_day}/{answer.last_day}"
    yield {"row": "whole", "subject": answer.subject, "days": answer.period or whole, **answer.figures.model_dump()}
    for step in answer.series or ():
        yield {"row": "step", "subject": answer.subject, "days": step.step, **step.figures.model_dump()}
    for part in answer.parts or ():
        yield {"row": "part", "subject": part.code, "days": answer.period or whole, **part.figures.model_dump()}
