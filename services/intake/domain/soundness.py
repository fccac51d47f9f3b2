"""Checks of a report that its types cannot make: moments that cannot be, and characters that no text needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from services.intake.domain.findings import finding
from services.intake.domain.report import Reported
from shared.contracts.reports import ComplaintReport
from shared.stream import Detail

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Due days lie in the future, but the last day of the calendar is none in every time zone.
LATEST_DUE = datetime(2200, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_LONG_PAST = date(1990, 1, 3)
TWO_DAYS = timedelta(days=2)
_PAST = ("received_at", "accepted_at", "closed_at")


def unsound(event: Reported, now: datetime) -> tuple[Detail, ...]:
    """Return what is wrong with a report that fits the contract; nothing, as a rule."""
    report = event.data
    if event.plain and _is_long_past(report, now.date()):
        return ()
    return (*_moments(report, now), *_characters(report))


def _is_long_past(report: ComplaintReport, today: date) -> bool:
    """Return whether all moments lie on days that are past in every time zone, and none before 1990: most do."""
    until = today - TWO_DAYS
    for moment in (report.received_at, report.accepted_at, report.closed_at, report.due_at):
        if moment is not None and not _LONG_PAST <= moment.date() <= until:
            return False
    return True


def _moments(report: ComplaintReport, now: datetime) -> Iterator[Detail]:
    latest = now + CLOCK_SKEW
    for name in _PAST:
        moment = getattr(report, name)
        if moment is None:
            continue
        if moment > latest:
            yield finding(name, "in_future")
        elif moment < EARLIEST:
            yield finding(name, "too_old")
    if report.due_at is not None and not EARLIEST <= report.due_at <= LATEST_DUE:
        yield finding("due_at", "too_old" if report.due_at < EARLIEST else "out_of_range")


def _characters(report: ComplaintReport) -> Iterator[Detail]:
    for within, part in (("", report), ("operator.", report.operator), ("complainant.", report.complainant)):
        for name, value in part.__dict__.items():
            if type(value) is str and CONTROL.search(value):
                yield finding(within + name, "control_character")
