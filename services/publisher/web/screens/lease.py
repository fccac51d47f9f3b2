"""Leases as screens get them: with the page, and renewed over the event stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.publisher.bureau import BureauContext
from services.publisher.domain.lease import Lease
from services.publisher.web.screens.player import Player


@dataclass(frozen=True, slots=True)
class IssuedLease:
    """A lease with its token and its duration in whole seconds from `issued_at`: screens measure time, and believe no clock."""

    token: str
    issued_at: datetime
    until: datetime
    seconds: int


def issue_lease(bureau: BureauContext, player: Player, seq: int, at: datetime) -> IssuedLease:
    """Return a lease for the rules' `lease_minutes` from `at` on, of what was released up to `seq`.

    A preview stands as long, but its lease has no token: it acknowledges nothing.
    """
    duration = timedelta(minutes=bureau.rules(at).screens.lease_minutes)
    until, token = at + duration, ""
    if player.credential is not None:
        token = Lease(player.screen.screen_id, until, seq, player.credential).token(bureau.lease_key)
    return IssuedLease(token, at, until, int(duration.total_seconds()))
