"""Stored names follow the comparable form: where that has changed, names get the key that they have by now.

Names with the same key are one operator afterwards. Their complaints are queued for reattribution, which emits them anew, so
that figures and publications follow.
"""

from __future__ import annotations

import structlog

from services.intake.domain.operators import name_key
from services.intake.store import name_keys, operators, reattributions
from services.intake.store.name_keys import StoredName
from services.intake.store.operators import NameClaim
from shared.stream import Database, UnitOfWork

log = structlog.get_logger(__name__)

# A page of names is compared in some 20 ms; the complaints of a name are moved in transactions of this size.
PAGE = 2_000
MOVE_LIMIT = 2_000


async def renew_name_keys(database: Database) -> int:
    """Renew the keys of all stored names; return how many were stale. Repeated or interrupted, it goes on where it was."""
    count, after = 0, ""
    while True:
        async with database.unit_of_work() as uow:
            page = await name_keys.fetch_names(uow.connection, after, PAGE)
        if not page:
            break
        after = page[-1].name_key
        for stored in page:
            current = name_key(stored.name)
            if current != stored.name_key:
                await _renew(database, stored, current)
                count += 1
    if count:
        log.info("name_keys_renewed", names=count)
    return count


async def _renew(database: Database, stored: StoredName, current: str) -> None:
    while True:
        async with database.unit_of_work() as uow:
            if await _move(uow, stored, current) < MOVE_LIMIT:
                await name_keys.keep_decision(uow.connection, stored.name_key, current)
                await name_keys.delete_name(uow.connection, stored.name_key)
                return


async def _move(uow: UnitOfWork, stored: StoredName, current: str) -> int:
    """Move some complaints to the current key; return how many."""
    claims = [NameClaim(current, stored.name, uscc) for uscc in stored.claimed_by or (None,)]
    await operators.add_claims(uow.connection, claims)
    moved = await name_keys.move_complaints(uow.connection, stored.name_key, current, MOVE_LIMIT)
    await reattributions.enqueue_names(uow.connection, [current])
    return moved
