"""Validation of a report beyond its types: impossible times, and control characters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from services.intake.domain.findings import create_finding
from services.intake.domain.operators import operator_identity
from services.intake.domain.report import COMPLAINANT_FIELDS, OPERATOR_FIELDS, TEXT_FIELDS, Report, ReportEvent
from shared.stream import ValidationFinding
from shared.text import has_forbidden

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Due days lie in the future; the last day of the calendar would overflow in some time zones.
LATEST_DUE = datetime(2200, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)

_EARLIEST_DATE = date(1990, 1, 3)
TWO_DAYS = timedelta(days=2)
_PAST_FIELDS = ("received_at", "accepted_at", "closed_at")


def validate(event: ReportEvent, now: datetime) -> tuple[ValidationFinding, ...]:
    """Return the findings of a report that fits the contract; none, as a rule."""
    report = event.data
    if not operator_identity(report.operator).name_key:
        return (create_finding("operator.name", "empty"),)
    if event.is_escape_free and _is_past_everywhere(report, now.date()):
        return ()
    return (*_time_findings(report, now), *_character_findings(report))


def _is_past_everywhere(report: Report, today: date) -> bool:
    """Return whether all times are on days past in every time zone and none before 1990, as most are."""
    until = today - TWO_DAYS
    for time in (report.received_at, report.accepted_at, report.closed_at, report.due_at):
        if time is not None and not _EARLIEST_DATE <= time.date() <= until:
            return False
    return True


def _time_findings(report: Report, now: datetime) -> Iterator[ValidationFinding]:
    latest = now + CLOCK_SKEW
    for name in _PAST_FIELDS:
        time = getattr(report, name)
        if time is None:
            continue
        if time > latest:
            yield create_finding(name, "in_future")
        elif time < EARLIEST:
            yield create_finding(name, "too_old")
    if report.due_at is not None and not EARLIEST <= report.due_at <= LATEST_DUE:
        yield create_finding("due_at", "too_old" if report.due_at < EARLIEST else "out_of_range")


def _character_findings(report: Report) -> Iterator[ValidationFinding]:
    parts = (
        ("", report, TEXT_FIELDS),
        ("operator.", report.operator, OPERATOR_FIELDS),
        ("complainant.", report.complainant, COMPLAINANT_FIELDS),
    )
    for within, part, names in parts:
        for name in names:
            value = getattr(part, name)
            if type(value) is str and has_forbidden(value):
                yield create_finding(within + name, "control_character")
