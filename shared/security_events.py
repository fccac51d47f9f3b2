"""Security events: what somebody who watches over the system is told, as a log line and a metric, never with personal data."""

from __future__ import annotations

from enum import StrEnum

import structlog

from shared.metrics import SECURITY_EVENTS

log = structlog.get_logger(__name__)


class SecurityEvent(StrEnum):
    """The kinds of security event; the closed set of the metric's label."""

    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_BLOCKED = "sign_in_blocked"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    ROLE_REFUSED = "role_refused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    SEAL_REFUSED = "seal_refused"
    RULING_FORGED = "ruling_forged"
    REPORT_FORGED = "report_forged"


def report(event: SecurityEvent, **context: object) -> None:
    """Log and count a security event. `context`: no names, addresses or texts of persons."""
    log.warning("security_event", kind=event.value, **context)
    SECURITY_EVENTS.labels(event.value).inc()


# A kind that has not happened yet is a series at zero: an increase from nothing would not be seen.
for _kind in SecurityEvent:
    SECURITY_EVENTS.labels(_kind.value)
