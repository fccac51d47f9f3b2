"""The release record and the approvals against the journal."""

from __future__ import annotations

import asyncpg
import orjson

from services.publisher.store import journal_check
from shared.stream.journal import digest


async def find_differences(connection: asyncpg.Connection) -> list[str]:
    """Return where release record, approvals and journal tell different things, `item: what`. Must run in a transaction."""
    found = [f"{item_id}: {what}" for item_id, what in await journal_check.find_differences(connection)]
    async for release in journal_check.stream_releases(connection):
        if release.after_digest is None:
            found.append(f"{release.item_id}: the journal does not tell of release {release.release_seq}")
        elif not release.is_erased and release.after_digest != digest(orjson.loads(release.body)):
            found.append(f"{release.item_id}: release {release.release_seq} is not what the journal tells")
    return found
