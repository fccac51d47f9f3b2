"""The end of what names persons: contacts of applicants and the content of their evidence, some time after the end."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from shared.database.counted import execute_counted

# What stands in place of a contact that was removed.
REMOVED = "—"

REMOVE_CONTACTS = """
UPDATE corrections.applications
   SET contact_name = $2, contact_phone = $2
 WHERE closed_at < $1
   AND contact_phone <> $2
"""


async def remove_contacts(connection: asyncpg.Connection, ended_before: datetime) -> int:
    """Remove name and phone of the contacts of applications that ended before a moment; return of how many."""
    return await execute_counted(connection, REMOVE_CONTACTS, ended_before, REMOVED)


REMOVE_EVIDENCE = "SELECT corrections.remove_evidence($1)"


async def remove_evidence(connection: asyncpg.Connection, ended_before: datetime) -> int:
    """Remove the content of files of applications that ended before a moment, half a year ago at least; return how many."""
    return int(await connection.fetchval(REMOVE_EVIDENCE, ended_before))
