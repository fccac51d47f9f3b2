"""For everyone: the deadline of a term of working days, explained day by day, as a page or as JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.corrections.web.bureau import BureauDep
from services.corrections.web.reasons import reasons_of, respond_with_reasons
from shared.calendar import DayExplanation, Deadline
from shared.web.deadlines import Countdown
from shared.web.i18n import Text, _
from shared.web.openapi import HTML_PAGE
from shared.web.pages import PagesDep
from shared.web.problems import accepts_html
from shared.web.session import DatabaseDep

router = APIRouter(tags=["deadline"])

# Days from 1990 to 2099: a term that starts on one of them ends inside the calendar. As OpenAPI declares it, so exactly.
DAY = (
    "(?:199[0-9]|20[0-9]{2})-"
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    "|(?:199[26]|20(?:[02468][048]|[13579][26]))-02-29"
)
# 0 to 250 working days: a longer explanation helps nobody.
WORKDAYS = "[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|250"


def _optional(pattern: str, description: str) -> Any:
    """Return a parameter that OpenAPI declares by its pattern and the route checks itself, to answer as a page too."""
    return Query(description=description, json_schema_extra={"pattern": f"^(?:{pattern})?$"})


@router.get("/corrections/deadline", responses=HTML_PAGE)
async def deadline(
    request: Request,
    database: DatabaseDep,
    pages: PagesDep,
    bureau: BureauDep,
    start: Annotated[str, _optional(DAY, "Day of receipt, YYYY-MM-DD; not counted. Default: today.")] = "",
    days: Annotated[str, _optional(WORKDAYS, "Working days. Default: the term of a written reply.")] = "",
) -> Response:
    """Return the last day of a term of working days by the State Council's calendar."""
    now = database.clock()
    rules, today = bureau.rules(now), bureau.today(now)
    query = DeadlineQuery(start or today.isoformat(), days or str(rules.applications.reply_workdays))
    errors = query.errors()
    counted = None if errors else bureau.calendar.add_workdays(date.fromisoformat(query.start), int(query.days))
    if not accepts_html(request):
        return JSONResponse(_to_json(counted)) if counted else respond_with_reasons(request, reasons_of(errors))
    return pages.render(
        request,
        "deadline.html",
        status=HTTPStatus.OK if counted else HTTPStatus.UNPROCESSABLE_ENTITY,
        query=query,
        errors=errors,
        countdown=Countdown.of(counted, today, bureau.calendar) if counted else None,
        rules=rules,
        last_announced=bureau.calendar.announced_years[-1],
    )


@dataclass(frozen=True, slots=True)
class DeadlineQuery:
    """The query as it was typed."""

    start: str
    days: str

    def errors(self) -> dict[str, Text]:
        """Return the message of each invalid control."""
        errors = {}
        if not re.fullmatch(DAY, self.start):
            errors["start"] = _("请填写1990年至2099年的日期，例如2026-09-18")
        if not re.fullmatch(WORKDAYS, self.days):
            errors["days"] = _("请填写0到250之间的整数")
        return errors


def _to_json(deadline: Deadline) -> dict[str, object]:
    return {
        "start": deadline.start.isoformat(),
        "workdays": deadline.workdays,
        "due": deadline.due.isoformat(),
        "provisional": deadline.provisional,
        "calendar": deadline.calendar,
        "days": [_day_to_json(day) for day in deadline.days],
    }


def _day_to_json(day: DayExplanation) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        "kind": day.kind,
        "number": day.number,
        "name": day.name,
        "paper": day.paper,
        "provisional": day.provisional,
    }
