"""`gongshi readers`: programs that may read figures which are not released."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer
from rich.table import Table

from deploy.cli.tables import local_time, print_table
from deploy.databases import open_database
from deploy.readers import store_key
from services.stats.store.readers import Reader, delete_reader, list_readers
from shared.errors import PermanentError
from shared.keys import generate_key
from shared.settings import Settings
from shared.stream import JournalEntry

readers = typer.Typer(name="readers", help="Programs that may read figures which are not released.", no_args_is_help=True)


class UnknownReader(PermanentError):
    """There is no such reader: `gongshi readers list` lists them."""


@readers.command()
def add(name: Annotated[str, typer.Argument(help="What the journal and the list call it.")]) -> None:
    """Register a program and generate its key, shown once. An existing key of the name is void at once.

    Examples:
        gongshi readers add dashboard
    """
    key = generate_key()
    replaced = asyncio.run(store_key(Settings(), name, key))
    typer.echo(f"{name}: {'its new key, the old one is void' if replaced else 'its key'}, shown only now")
    typer.echo(key)


@readers.command()
def revoke(name: Annotated[str, typer.Argument(help="As `gongshi readers list` shows it.")]) -> None:
    """Void the key of a program.

    Examples:
        gongshi readers revoke dashboard
    """
    asyncio.run(_delete(Settings(), name))
    typer.echo(f"{name}: its key is void")


async def _delete(settings: Settings, name: str) -> None:
    async with open_database(settings, "stats") as database, database.unit_of_work() as uow:
        if not await delete_reader(uow.connection, name):
            raise UnknownReader(f"There is no reader {name}: `gongshi readers list` lists them.")
        uow.journal(JournalEntry(getpass.getuser(), "reader_key_revoked", name))


@readers.command(name="list")
def list_() -> None:
    """List the programs that have a key.

    Examples:
        gongshi readers list
    """
    settings = Settings()
    table = Table("reader", f"key made ({settings.zone})")
    for reader in asyncio.run(_fetch(settings)):
        table.add_row(reader.name, local_time(reader.created_at, settings.zone))
    print_table(table, fold=True)


async def _fetch(settings: Settings) -> list[Reader]:
    async with open_database(settings, "stats") as database, database.snapshot() as connection:
        return await list_readers(connection)
