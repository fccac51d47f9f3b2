"""Erasure of a withdrawn item and of the words of its complaint, by the owner of the database, with entries in the journals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.erasure import erase_words
from services.publisher.store.erasure import erase_item, erase_texts, fetch_public_state, find_complaint
from shared.contracts import ItemState
from shared.database.search_path import use_schema
from shared.errors import PermanentError
from shared.stream import UnitOfWork
from shared.stream.journal import JournalEntry, append_entries


class NotWithdrawn(PermanentError):
    """Only what was withdrawn is erased: withdraw the item first, at the desk or by a ruling."""


async def erase(connection: asyncpg.Connection, item_id: str, *, actor: str, reason: str, now: datetime) -> list[int]:
    """Erase the released versions of a withdrawn item, and the words of its complaint; return the versions.

    Raises `NotWithdrawn`.
    """
    async with connection.transaction():
        await use_schema(connection, "publisher")
        if await fetch_public_state(connection, item_id) != ItemState.WITHDRAWN:
            raise NotWithdrawn
        versions = await erase_item(connection, item_id, now)
        if versions:
            detail = {"versions": versions, "reason": reason}
            await append_entries(connection, now, [JournalEntry(actor, "item_erased", item_id, detail=detail)])
        complaint_id = await find_complaint(connection, item_id)
        if complaint_id is not None:
            await erase_texts(connection, complaint_id)
            await erase_complaint(connection, complaint_id, actor, reason, now)
    return versions


async def erase_complaint(connection: asyncpg.Connection, complaint_id: UUID, actor: str, reason: str, now: datetime) -> bool:
    """Erase the words of a complaint in intake, which tells everybody who has them by a revision without words.

    Return whether that was done now.
    """
    async with connection.transaction():
        await use_schema(connection, "intake")
        uow = UnitOfWork(connection, now, "/gongshi/intake")
        was_erased = await erase_words(uow, actor, complaint_id, reason)
        await uow.flush()
    return was_erased
