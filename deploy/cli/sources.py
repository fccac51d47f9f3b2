"""`gongshi sources`: sources of complaint events and their keys."""

from __future__ import annotations

import asyncio
import getpass
import re
import secrets
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from rich.table import Table

from deploy.cli.status import Format
from deploy.cli.tables import print_table
from deploy.stores import open_store
from services.intake.domain.keys import key_hash
from services.intake.domain.report import LINE_PATTERN
from services.intake.store import sources as store
from services.intake.store.sources import Source
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import JournalEntry

KEY_BYTES = 32

sources = typer.Typer(name="sources", help="Sources of complaint events.", no_args_is_help=True)


class InvalidName(PermanentError):
    """A source's name is the `source` of its events, like /hotlines/12345/330100: up to 200 characters, no spaces."""


@sources.command()
def add(name: Annotated[str, typer.Argument(help="The `source` of its events, or a prefix of it.")]) -> None:
    """Register a source and generate its key for HTTP, shown once. An existing key is revoked at once.

    Examples:
        gongshi sources add /hotlines/12345/330100
    """
    if not re.fullmatch(LINE_PATTERN, name):
        raise InvalidName
    key = secrets.token_urlsafe(KEY_BYTES)
    replaced = asyncio.run(_replace_key(Settings(), name, key))
    typer.echo(f"{name}: {'its new key, the old one is void' if replaced else 'its key'}, shown only now")
    typer.echo(key)


async def _replace_key(settings: Settings, name: str, key: str) -> bool:
    async with open_store(settings, "intake") as intake_store, intake_store.unit_of_work() as uow:
        replaced = await store.set_key(uow.connection, name, key_hash(key))
        uow.journal(JournalEntry(getpass.getuser(), "source_key_replaced" if replaced else "source_key_made", name))
        return replaced


@sources.command(name="list")
def list_(output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE) -> None:
    """List the sources, those seen on Kafka or in files included.

    Examples:
        gongshi sources list --format json
    """
    found = asyncio.run(_fetch_sources(Settings()))
    if output is Format.JSON:
        typer.echo(orjson.dumps([asdict(source) for source in found]).decode())
    else:
        print_table(_table(found), fold=True)


async def _fetch_sources(settings: Settings) -> list[Source]:
    async with open_store(settings, "intake") as intake_store, intake_store.snapshot() as connection:
        return await store.list_sources(connection)


def _table(found: list[Source]) -> Table:
    table = Table("source", "first seen", "by", "key", "complaints")
    for source in found:
        since, key = f"{source.registered_at:%Y-%m-%d %H:%M}", "yes" if source.has_key else "no"
        table.add_row(source.name, since, source.registered_by, key, f"{source.complaints:,}")
    return table
