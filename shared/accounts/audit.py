"""The journals of all services as an auditor reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.keys import key_hash


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Conditions on entries; an empty one is none. `subject` is part of it; times from `since` on and before `until`."""

    service: str = ""
    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of a service's journal; `detail` is JSON text."""

    service: str
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


EntryPosition = tuple[datetime, str, int]
"""Where a page of entries begins: time, service and number of the entry before it."""

FIND = "SELECT * FROM accounts.find_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"


async def find_entries(
    connection: asyncpg.Connection, token: str, criteria: EntryFilter, *, before: EntryPosition | None = None, limit: int
) -> list[AuditEntry]:
    """Return entries, the newest first. Raises `asyncpg.InsufficientPrivilegeError` but in a session of an auditor."""
    conditions = (criteria.service, criteria.actor, criteria.action, criteria.subject, criteria.since, criteria.until)
    rows = await connection.fetch(FIND, key_hash(token), *conditions, *(before or (None, None, None)), limit)
    return [AuditEntry(**dict(row)) for row in rows]
