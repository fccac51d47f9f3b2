"""How many attempts to sign in are heard: by address, by name and in all, and by device for who has signed in there before.

Nobody can lock a colleague out: a browser in which a person has signed in is counted by itself, whatever strangers do to the
name. Names and addresses are kept as digests, for a day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import asyncpg

WINDOW = timedelta(minutes=15)
OF_NAME = 10
# An office behind one address signs in every morning.
OF_ADDRESS = 50
IN_ALL = 500
# Browsers of a person that are remembered, newest first.
KEPT_DEVICES = 10
# Addresses that a process remembers as refused.
KEPT_ADDRESSES = 10_000
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Admission(StrEnum):
    """Whether an attempt is admitted, and as whose; else which count was full."""

    KNOWN = "known"
    STRANGER = "stranger"
    DEVICE = "device"
    ADDRESS = "address"
    NAME = "name"
    ALL = "all"

    @property
    def is_admitted(self) -> bool:
        """Whether the password is looked at."""
        return self in (Admission.KNOWN, Admission.STRANGER)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to sign in by `name`, from the client's address, in the browser with the device cookie `device`, at a time."""

    name: str
    address: str
    device: str
    at: datetime

    @property
    def began_at(self) -> datetime:
        """When the window began in which the attempt is counted."""
        return self.at - (self.at - EPOCH) % WINDOW

    @property
    def retry_after_s(self) -> int:
        """Seconds until the next window."""
        return int((self.began_at + WINDOW - self.at).total_seconds()) + 1


class RefusedAddresses:
    """Addresses whose count was full in this window: it only grows, so the database need not be asked again."""

    def __init__(self) -> None:
        self._began_at = EPOCH
        self._addresses: set[str] = set()

    def add(self, attempt: Attempt) -> None:
        """Remember the address of an attempt that was refused for it."""
        if self._began_at != attempt.began_at:
            self._began_at, self._addresses = attempt.began_at, set()
        if len(self._addresses) < KEPT_ADDRESSES:
            self._addresses.add(attempt.address)

    def has(self, attempt: Attempt) -> bool:
        """Return whether the attempt is refused for its address; never of one in a browser that may be known."""
        return not attempt.device and self._began_at == attempt.began_at and attempt.address in self._addresses


ADMIT = "SELECT accounts.admit_attempt($1, $2, $3, $4, $5, $6, $7, $8)"


async def admit_attempt(connection: asyncpg.Connection, attempt: Attempt) -> Admission:
    """Count an attempt and return whether it is heard, in one statement."""
    name, address, device = _digest(attempt.name), _digest(attempt.address), _digest(attempt.device)
    limits = (OF_NAME, OF_ADDRESS, IN_ALL)
    return Admission(await connection.fetchval(ADMIT, attempt.name, name, address, device, attempt.began_at, *limits))


SETTLE = "SELECT accounts.settle_attempt($1, $2, $3, $4, $5, $6)"


async def settle_attempt(connection: asyncpg.Connection, attempt: Attempt, device: str) -> None:
    """Remember the device in which a person has signed in, and give back what the attempt took."""
    name, address = _digest(attempt.name), _digest(attempt.address)
    await connection.execute(SETTLE, attempt.name, name, address, _digest(device), attempt.began_at, KEPT_DEVICES)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
