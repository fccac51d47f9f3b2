"""Decisions on applications against the journal."""

from __future__ import annotations

import asyncpg

from services.corrections.store import journal_check


async def find_differences(connection: asyncpg.Connection) -> list[str]:
    """Return where decisions and the journal tell different things, `receipt: what`."""
    found = [f"{receipt}: {what}" for receipt, what in await journal_check.find_differences(connection)]
    edited = [
        each for each in await journal_check.fetch_decisions(connection) if each.journaled_digest not in {None, each.digest()}
    ]
    return found + [f"{each.receipt}: the decision is not what the journal tells" for each in edited]
