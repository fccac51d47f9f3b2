"""Passwords are hashed in one thread, and only so many wait: each takes 20 MiB and some 30 ms of a core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from shared.errors import TransientError

T = TypeVar("T")

MAX_WAITING = 16
# Of them so many from strangers: a known device finds a place while strangers queue.
MAX_STRANGERS = 8


class TooManyWaiting(TransientError):
    """So many passwords are being checked that another one has to come back."""


class PasswordQueue:
    """Runs the hashing of passwords, one at a time, away from the event loop and from any database connection."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._waiting = 0

    def require_place(self, *, is_known: bool) -> None:
        """Raise `TooManyWaiting` where another password would find no place."""
        if self._waiting >= (MAX_WAITING if is_known else MAX_STRANGERS):
            raise TooManyWaiting

    async def run(self, work: Callable[[], T], *, is_known: bool = False) -> T:
        """Return what `work` returns. Raises `TooManyWaiting`."""
        self.require_place(is_known=is_known)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Wait for the password that is being checked, and forget those that wait."""
        self._executor.shutdown(wait=True, cancel_futures=True)
