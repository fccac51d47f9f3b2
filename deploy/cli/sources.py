"""`gongshi sources`: sources of complaint events and their keys."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.table import Table

from deploy.cli.source_names import check_source_name
from deploy.cli.status import Format
from deploy.cli.tables import local_time, print_records, print_table
from deploy.databases import open_database
from deploy.runtime import NotRunningError, resolve_addresses
from deploy.source_accounts import give_account, source_access, take_account
from services.intake.store.sources import Source, list_sources, revoke_key, set_key
from shared.errors import PermanentError
from shared.keys import generate_key, key_hash
from shared.settings import Settings
from shared.stream import JournalEntry
from shared.stream.signature import HEADER

SIGNED = "source, id and body of the event, with a line feed between; in hexadecimal"

sources = typer.Typer(name="sources", help="Sources of complaint events.", no_args_is_help=True)


class UnknownSource(PermanentError):
    """There is no such source: `gongshi sources list` lists them."""


@sources.command()
def add(
    name: Annotated[str, typer.Argument(help="The `source` of its events, or a prefix of it.")],
    *,
    signed: Annotated[bool, typer.Option("--signed", help="Over Kafka take only what is signed with this key.")] = False,
    output: Annotated[Format, typer.Option("--format", help="JSON: the key with what a Kafka client needs.")] = Format.TABLE,
) -> None:
    """Register a source and generate its key, shown once: for HTTP, and the password of its account at the broker.

    An existing key is revoked at once.

    Examples:
        gongshi sources add /hotlines/12345/330100

        gongshi sources add /hotlines/12345/330100 --format json
    """
    check_source_name(name)
    key = generate_key()
    settings = resolve_broker(Settings())
    replaced = asyncio.run(_replace_key(settings, name, key, signed=signed))
    if output is Format.JSON:
        access = source_access(settings, name, key)
        kafka = access.model_dump(exclude_none=True) if access else None
        if kafka and signed:
            kafka["signature"] = {"header": HEADER, "algorithm": "HMAC-SHA256", "key": key_hash(key).hex(), "of": SIGNED}
        typer.echo(orjson.dumps({"source": name, "key": key, "kafka": kafka}).decode())
        return
    typer.echo(f"{name}: {'its new key, the old one is void' if replaced else 'its key'}, shown only now")
    typer.echo(key)


def resolve_broker(settings: Settings) -> Settings:
    """Return the settings with the broker's address; as they are where only the database's is known."""
    try:
        return resolve_addresses(settings)
    except NotRunningError:
        return settings


async def _replace_key(settings: Settings, name: str, key: str, *, signed: bool) -> bool:
    async with open_database(settings, "intake") as database, database.unit_of_work() as uow:
        replaced = await set_key(uow.connection, name, key_hash(key), signs=signed)
        # Before the commit: a broker that refuses leaves the old key as it was.
        await give_account(settings, name, key)
        uow.journal(JournalEntry(getpass.getuser(), "source_key_replaced" if replaced else "source_key_made", name))
        return replaced


@sources.command()
def revoke(name: Annotated[str, typer.Argument(help="As `gongshi sources list` shows it.")]) -> None:
    """Void the key of a source and take its account at the broker: from now on it cannot report. Its complaints stay.

    Examples:
        gongshi sources revoke /hotlines/12345/330100
    """
    had_key = asyncio.run(_revoke_key(resolve_broker(Settings()), name))
    typer.echo(f"{name}: its key is void" if had_key else f"{name} has no key")


async def _revoke_key(settings: Settings, name: str) -> bool:
    async with open_database(settings, "intake") as database, database.unit_of_work() as uow:
        had_key = await revoke_key(uow.connection, name)
        if had_key is None:
            raise UnknownSource(f"There is no source {name}: `gongshi sources list` lists them.")
        if had_key:
            await take_account(settings, name)
            uow.journal(JournalEntry(getpass.getuser(), "source_key_revoked", name))
        return had_key


@sources.command(name="list")
def list_(output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE) -> None:
    """List the sources, those seen on Kafka or in files included.

    Examples:
        gongshi sources list --format json
    """
    settings = Settings()
    found = asyncio.run(_fetch_sources(settings))
    if output is Format.JSON:
        print_records(found)
    else:
        print_table(_table(found, settings.zone), fold=True)


async def _fetch_sources(settings: Settings) -> list[Source]:
    async with open_database(settings, "intake") as database, database.snapshot() as connection:
        return await list_sources(connection)


def _table(found: list[Source], zone: ZoneInfo) -> Table:
    table = Table("source", f"first seen ({zone})", "by", "key", "complaints")
    for source in found:
        since, key = local_time(source.registered_at, zone), "yes" if source.has_key else "no"
        table.add_row(source.name, since, source.registered_by, key, f"{source.complaints:,}")
    return table
