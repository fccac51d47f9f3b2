"""How a service's process holds memory."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8  # malloc.h of glibc
ARENAS = 2


def bound_arenas() -> None:
    """Let glibc's allocator keep two arenas instead of eight a processor.

    Each thread would take an arena of its own, and what one of them has freed no other uses: of a publisher's 350 MB under load
    these were 125. The interpreter's lock lets one thread allocate at a time, so nothing waits for an arena. Other C libraries
    have no such setting.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
