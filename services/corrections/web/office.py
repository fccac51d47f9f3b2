"""What the pages know beside the database: the calendar, the rules, and which day it is at the bureau."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from services.corrections.domain import Application
from shared.calendar import Calendar
from shared.clock import local_day
from shared.rules import RuleBook, Rules
from shared.web.deadlines import Countdown
from shared.web.templating import Pages


@dataclass(frozen=True, slots=True)
class Office:
    """The bureau's calendar, rules and time zone."""

    calendar: Calendar
    rulebook: RuleBook
    zone: ZoneInfo

    def today(self, at: datetime) -> date:
        """Return the bureau's day at a moment."""
        return local_day(at, self.zone)

    def rules(self, at: datetime) -> Rules:
        """Return the rules in force at a moment."""
        return self.rulebook.on(self.today(at))

    def countdown(self, application: Application, today: date) -> Countdown:
        """Return the clock of an application as it stands on `today`."""
        deadline = self.calendar.add_workdays(application.received_on, application.reply_workdays)
        return Countdown.of(deadline, today, self.calendar)


def office_of(request: Request) -> Office:
    """Return the office of this service."""
    office: Office = request.app.state.office
    return office


def pages_of(request: Request) -> Pages:
    """Return the pages of this service."""
    pages: Pages = request.app.state.pages
    return pages


OfficeOf = Annotated[Office, Depends(office_of)]
PagesOf = Annotated[Pages, Depends(pages_of)]
