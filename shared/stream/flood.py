"""The limit on dead letters: a trickle is somebody's bad record, a flood is our bad deploy."""

from __future__ import annotations

from shared.errors import DeadLetterFlood

LEAST = 200
SHARE = 0.5
HALF_LIFE = 0.5


class FloodGuard:
    """Counts applied and failed records over a window that halves itself, and raises above the share."""

    def __init__(self) -> None:
        self._records = 0.0
        self._failed = 0.0

    def check(self, records: int, failed: int) -> None:
        """Count a batch. Raises `DeadLetterFlood` when half of at least 200 records failed by our own fault."""
        self._records += records
        self._failed += failed
        if self._records >= LEAST and self._failed / self._records > SHARE:
            raise DeadLetterFlood(f"{self._failed:.0f} of the last {self._records:.0f} records failed")
        if self._records > 10 * LEAST:
            self._records *= HALF_LIFE
            self._failed *= HALF_LIFE
