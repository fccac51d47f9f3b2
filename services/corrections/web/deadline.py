"""Anyone: the deadline of a number of working days, explained day by day, as a page or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.corrections.web.office import OfficeOf, PagesOf
from shared.calendar import DayExplanation, Deadline
from shared.web.deadlines import Countdown
from shared.web.i18n import Text, _
from shared.web.problems import problem, wants_page
from shared.web.session import StoreOf

router = APIRouter(tags=["deadline"])

# A page with more days than this helps nobody; the same bound holds for JSON.
MOST_DAYS = 250
# Whatever is asked within these ends inside the calendar.
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)


@router.get("/corrections/deadline")
async def deadline(
    request: Request,
    store: StoreOf,
    pages: PagesOf,
    office: OfficeOf,
    start: Annotated[str, Query(max_length=32, description="Day of receipt, YYYY-MM-DD; not counted. Default: today.")] = "",
    days: Annotated[str, Query(max_length=8, description="Working days. Default: the term of a written reply.")] = "",
) -> Response:
    """Return when a number of working days is over, by the State Council's calendar."""
    now = store.clock()
    rules, today = office.rules(now), office.today(now)
    asked = Asked(start or today.isoformat(), days or str(rules.applications.reply_workdays))
    errors = asked.errors()
    counted = None if errors else office.calendar.add_workdays(date.fromisoformat(asked.start), int(asked.days))
    if not wants_page(request):
        return JSONResponse(_public(counted)) if counted else _machine(errors)
    return pages.render(
        request,
        "deadline.html",
        status=HTTPStatus.OK if counted else HTTPStatus.UNPROCESSABLE_ENTITY,
        asked=asked,
        errors=errors,
        countdown=Countdown.of(counted, today, office.calendar) if counted else None,
        rules=rules,
        last_announced=office.calendar.announced_years[-1],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as it was typed."""

    start: str
    days: str

    def errors(self) -> dict[str, Text]:
        """Return how to mend what was asked, by control."""
        errors = {}
        if not self._starts_well():
            errors["start"] = _("请填写1990年至2099年的日期，例如2026-09-18")
        if not (self.days.isascii() and self.days.isdigit() and int(self.days) <= MOST_DAYS):
            errors["days"] = _("请填写0到250之间的整数")
        return errors

    def _starts_well(self) -> bool:
        try:
            return FIRST <= date.fromisoformat(self.start) <= LAST
        except ValueError:
            return False


def _public(deadline: Deadline) -> dict[str, object]:
    return {
        "start": deadline.start.isoformat(),
        "workdays": deadline.workdays,
        "due": deadline.due.isoformat(),
        "provisional": deadline.provisional,
        "calendar": deadline.calendar,
        "days": [_day(day) for day in deadline.days],
    }


def _day(day: DayExplanation) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        "kind": day.kind,
        "number": day.number,
        "name": day.name,
        "paper": day.paper,
        "provisional": day.provisional,
    }


def _machine(errors: dict[str, Text]) -> Response:
    reasons = [{"field": field, "code": "invalid", "message": str(text)} for field, text in errors.items()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", reasons=reasons)
