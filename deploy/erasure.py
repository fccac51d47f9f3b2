"""Erasure of a withdrawn item, by the owner of the database, with its entry in the publisher's journal."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from services.publisher.store.erasure import erase_item, fetch_public_state
from shared.contracts import ItemState
from shared.database.search_path import use_schema
from shared.errors import PermanentError
from shared.stream.journal import JournalEntry, append_entries


class NotWithdrawn(PermanentError):
    """Only what was withdrawn is erased: withdraw the item first, at the desk or by a ruling."""


async def erase(connection: asyncpg.Connection, item_id: str, *, actor: str, reason: str, now: datetime) -> list[int]:
    """Erase the released versions of a withdrawn item; return their numbers. Raises `NotWithdrawn`."""
    async with connection.transaction():
        await use_schema(connection, "publisher")
        if await fetch_public_state(connection, item_id) != ItemState.WITHDRAWN:
            raise NotWithdrawn
        versions = await erase_item(connection, item_id, now)
        if versions:
            detail = {"versions": versions, "reason": reason}
            await append_entries(connection, now, [JournalEntry(actor, "item_erased", item_id, detail=detail)])
    return versions
