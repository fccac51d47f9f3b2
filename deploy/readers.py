"""Keys of programs that read figures: made by a command, and by what runs everything on this machine for itself."""

from __future__ import annotations

import getpass

from deploy.databases import open_database
from services.stats.store import readers
from shared.keys import generate_key, key_hash
from shared.settings import Settings
from shared.stream import JournalEntry

# Commands of this machine read figures under this name; its key is new at each start and in the state file only.
LOCAL = "local"


async def store_key(settings: Settings, name: str, key: str) -> bool:
    """Store the hash of a reader's key, with an entry in the journal; return whether an older key was replaced."""
    async with open_database(settings, "stats") as database, database.unit_of_work() as uow:
        replaced = await readers.upsert_key(uow.connection, name, key_hash(key))
        uow.journal(JournalEntry(getpass.getuser(), "reader_key_replaced" if replaced else "reader_key_made", name))
        return replaced


async def issue_local_key(settings: Settings) -> str:
    """Return a new key of this machine; that of the start before is void."""
    key = generate_key()
    await store_key(settings, LOCAL, key)
    return key
