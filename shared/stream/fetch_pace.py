"""How long the broker may hold a fetch that finds nothing."""

from __future__ import annotations

# Empty fetches in a row, a second in all, after which a topic is quiet; and twenty more, ten seconds, after which it is idle.
QUIET_AFTER = 10
IDLE_AFTER = 30
# A record ends the wait at once; other requests on the same connection do not, since the broker answers in turn.
QUIET_WAIT_MS = 500
IDLE_WAIT_MS = 2_000


class FetchPace:
    """Short waits while records come, longer ones where none do.

    While records come the wait has to be short: a partition whose records are still being read is not part of the fetch that
    waits.
    """

    def __init__(self, busy_wait_ms: int) -> None:
        self._busy_wait_ms = busy_wait_ms
        self._empty = 0

    def wait_ms(self, *, has_data: bool) -> int:
        """Return the wait of the next fetch, after one with or without records."""
        self._empty = 0 if has_data else self._empty + 1
        if self._empty < QUIET_AFTER:
            return self._busy_wait_ms
        return max(QUIET_WAIT_MS if self._empty < IDLE_AFTER else IDLE_WAIT_MS, self._busy_wait_ms)
