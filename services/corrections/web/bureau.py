"""The context of the pages beside the database: calendar, rules, and the local day of the bureau."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from services.corrections.domain import Application
from shared.calendar import Calendar
from shared.calendar.current import CurrentCalendar
from shared.clock import local_day
from shared.rules import RuleBook, Rules
from shared.web.deadlines import Countdown


@dataclass(frozen=True, slots=True)
class BureauContext:
    """The bureau's calendar, rules and time zone."""

    current: CurrentCalendar
    rule_book: RuleBook
    zone: ZoneInfo

    @property
    def calendar(self) -> Calendar:
        """The calendar of now."""
        return self.current.value

    def today(self, at: datetime) -> date:
        """Return the local day of a moment."""
        return local_day(at, self.zone)

    def rules(self, at: datetime) -> Rules:
        """Return the rules in force at a moment."""
        return self.rule_book.in_force(self.today(at))

    def countdown(self, application: Application, today: date) -> Countdown:
        """Return the countdown of an application on `today`."""
        deadline = self.calendar.add_workdays(application.received_on, application.term_workdays)
        return Countdown.of(deadline, today, self.calendar)


def get_bureau(request: Request) -> BureauContext:
    """Return the bureau context of this service."""
    bureau: BureauContext = request.app.state.bureau
    return bureau


BureauDep = Annotated[BureauContext, Depends(get_bureau)]
