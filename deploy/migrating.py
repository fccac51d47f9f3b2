"""Bringing the database up to date: its schemas, and what of earlier versions only this program can change."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from deploy.databases import database_url
from shared.accounts.second_factor import SeedBox, seal_seeds
from shared.database import migrate
from shared.settings import Settings


async def bring_up_to_date(settings: Settings, passwords: Mapping[str, str]) -> None:
    """Migrate every schema as the database's owner, and seal the seeds of second factors. Raises `MigrationFailed`."""
    await migrate(database_url(settings), passwords)
    await seal_stored_seeds(settings)


async def seal_stored_seeds(settings: Settings) -> None:
    """Seal the seeds that earlier versions stored in clear; the key is made where there is none."""
    connection = await asyncpg.connect(database_url(settings))
    try:
        await seal_seeds(connection, SeedBox.load(settings))
    finally:
        await connection.close()
