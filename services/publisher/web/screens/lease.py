"""Leases as screens get them: with the page, and renewed over the event stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.publisher.bureau import BureauContext
from services.publisher.domain.lease import Lease


@dataclass(frozen=True, slots=True)
class IssuedLease:
    """A lease with its token and its duration in whole seconds from `issued_at`: screens measure time, and believe no clock."""

    token: str
    issued_at: datetime
    until: datetime
    seconds: int


def issue_lease(bureau: BureauContext, screen_id: str, seq: int, at: datetime) -> IssuedLease:
    """Return a lease for the rules' `lease_minutes` from `at` on, of what was released up to `seq`."""
    duration = timedelta(minutes=bureau.rules(at).screens.lease_minutes)
    lease = Lease(screen_id, at + duration, seq)
    return IssuedLease(lease.token(bureau.lease_key), at, lease.until, int(duration.total_seconds()))
