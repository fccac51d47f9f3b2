"""Decisions on applications against the journal."""

from __future__ import annotations

import asyncpg

from services.corrections.store import journaled


async def find_differences(connection: asyncpg.Connection) -> list[str]:
    """Return where decisions and the journal tell different things, `receipt: what`."""
    found = [f"{receipt}: {what}" for receipt, what in await journaled.find_differences(connection)]
    edited = [
        each for each in await journaled.fetch_decisions(connection) if each.journaled_digest not in {None, each.digest()}
    ]
    return found + [f"{each.receipt}: the decision is not what the journal tells" for each in edited]
