"""The limit on records on which our own code fails: a trickle is an odd record, a flood is our bad deploy."""

from __future__ import annotations

from shared.errors import DeadLetterFlood

MIN_RECORDS = 200
MAX_FAILED_SHARE = 0.5
DECAY = 0.5


class FloodGuard:
    """Counts applied and failed records over a window that decays, and raises above the share."""

    def __init__(self) -> None:
        self._records = 0.0
        self._failed = 0.0

    def check(self, records: int, failed: int) -> None:
        """Count a batch. Raises `DeadLetterFlood` when our own code failed on more than half of at least 200."""
        self._records += records
        self._failed += failed
        if self._records >= MIN_RECORDS and self._failed / self._records > MAX_FAILED_SHARE:
            raise DeadLetterFlood(f"{self._failed:.0f} of the last {self._records:.0f} records failed")
        if self._records > 10 * MIN_RECORDS:
            self._records *= DECAY
            self._failed *= DECAY
