"""Passwords are hashed one at a time, and only so many wait: each takes 20 MiB and some 30 ms of a core."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from shared.errors import TransientError

T = TypeVar("T")

MAX_WAITING = 16
# Of them so many from strangers: a known device finds a place while strangers queue.
MAX_STRANGERS = 8
# Strangers have an eighth of a core: so many times what a password took is to pass before the next. An office that signs
# in anew is ahead of it by some fifteen passwords.
STRANGERS_SHARE = 8
CREDIT_S = 4.0


class TooManyWaiting(TransientError):
    """So many passwords are being checked that another one has to come back."""


class PasswordQueue:
    """Runs the hashing of passwords away from the event loop and from any database connection.

    Those of strangers are hashed by a thread of their own, which keeps to their share. `clock` and `sleep`: in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._known = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._strangers = ThreadPoolExecutor(1, thread_name_prefix="strangers_password")
        self._waiting = 0
        # Until when strangers have had their share.
        self._shared_until = 0.0

    def require_place(self, *, is_known: bool) -> None:
        """Raise `TooManyWaiting` where another password would find no place."""
        if self._waiting >= (MAX_WAITING if is_known else MAX_STRANGERS):
            raise TooManyWaiting

    async def run(self, work: Callable[[], T], *, is_known: bool = False) -> T:
        """Return what `work` returns. Raises `TooManyWaiting`."""
        self.require_place(is_known=is_known)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            if is_known:
                return await loop.run_in_executor(self._known, work)
            return await loop.run_in_executor(self._strangers, partial(self._run_within_share, work))
        finally:
            self._waiting -= 1

    def _run_within_share(self, work: Callable[[], T]) -> T:
        self._sleep(max(0.0, self._shared_until - CREDIT_S - self._clock()))
        began_at = self._clock()
        try:
            return work()
        finally:
            took = self._clock() - began_at
            self._shared_until = max(self._shared_until, began_at) + STRANGERS_SHARE * took

    def close(self) -> None:
        """Wait for the passwords that are being checked, and forget those that wait."""
        for executor in (self._known, self._strangers):
            executor.shutdown(wait=True, cancel_futures=True)
