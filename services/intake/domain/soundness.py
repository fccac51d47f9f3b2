"""Checks of a report that its types cannot make: moments that cannot be, and characters that no text needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from services.intake.domain.findings import finding
from shared.contracts.reports import ComplaintReport
from shared.stream import Detail

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_TEXTS = ("external_id", "region", "industry", "category", "goods", "title", "text", "case_number", "office")
_PAST = ("received_at", "accepted_at", "closed_at")


def unsound(report: ComplaintReport, now: datetime) -> tuple[Detail, ...]:
    """Return what is wrong with a report that fits the contract; nothing, as a rule."""
    return (*_moments(report, now), *_characters(report))


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
    if report.due_at is not None and report.due_at < EARLIEST:
        yield finding("due_at", "too_old")


def _characters(report: ComplaintReport) -> Iterator[Detail]:
    for name in _TEXTS:
        if _has_control(getattr(report, name)):
            yield finding(name, "control_character")
    for group in ("operator", "complainant"):
        for name, value in getattr(report, group).__dict__.items():
            if _has_control(value):
                yield finding(f"{group}.{name}", "control_character")


def _has_control(value: object) -> bool:
    # isprintable() is the quicker test; only a text with a line break or a rare space goes on to the pattern.
    return type(value) is str and not value.isprintable() and CONTROL.search(value) is not None
