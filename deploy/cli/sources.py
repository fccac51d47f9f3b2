"""`gongshi sources`: sources of complaint events and their keys."""

from __future__ import annotations

import asyncio
import getpass
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.table import Table
from typer.core import TyperGroup

from deploy.cli.lazy import Entry, LazyCommand
from deploy.cli.source_names import check_source_name
from deploy.cli.tables import Format, local_time, print_records, print_table
from deploy.databases import open_database
from deploy.runtime import NotRunningError, resolve_addresses
from deploy.source_accounts import give_account, source_access, take_account
from services.intake.store.source_keys import ID_LENGTH, SourceKey, add_key, list_keys, void_keys
from services.intake.store.sources import Source, list_sources
from shared.errors import PermanentError
from shared.keys import generate_key, key_hash
from shared.settings import Settings
from shared.stream import JournalEntry
from shared.stream.signature import HEADER

SIGNED = "source, id and body of the event, with a line feed between; in hexadecimal"

MAPPING_ENTRIES = (
    Entry("guess", "deploy.cli.mapping_commands:guess", "Draft a mapping from a file's headings and values."),
    Entry("check", "deploy.cli.mapping_commands:check", "Show what a mapping makes of a file's first rows."),
)


class SourceCommands(TyperGroup):
    """The commands of sources; those that read files are imported when they run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update({entry.name: LazyCommand(entry) for entry in MAPPING_ENTRIES})


sources = typer.Typer(name="sources", cls=SourceCommands, help="Sources of complaint events.", no_args_is_help=True)


class UnknownSource(PermanentError):
    """There is no such source: `gongshi sources list` lists them."""


@sources.command()
def add(
    name: Annotated[str, typer.Argument(help="The `source` of its events, or a prefix of it.")],
    *,
    signed: Annotated[bool, typer.Option("--signed", help="Over Kafka take only what is signed with this key.")] = False,
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day on which the key is void.")] = None,
    keep: Annotated[int, typer.Option(min=0, max=365, help="Days for which its other keys still hold.")] = 0,
    output: Annotated[Format, typer.Option("--format", help="JSON: the key with what a Kafka client needs.")] = Format.TABLE,
) -> None:
    """Register a source and generate its key, shown once: for HTTP, and the password of its account at the broker.

    Without --keep its other keys are void at once. Over Kafka the newest key alone is the password; signatures of every
    key that holds are taken.

    Examples:
        gongshi sources add /hotlines/12345/330100

        gongshi sources add /hotlines/12345/330100 --keep 14 --expires 2027-12-31

        gongshi sources add /hotlines/12345/330100 --format json
    """
    check_source_name(name)
    key = generate_key()
    settings = resolve_broker(Settings())
    validity = Validity(_in_zone(expires, settings.zone), timedelta(days=keep))
    had_others = asyncio.run(_add_key(settings, name, key, validity, signed=signed))
    if output is Format.JSON:
        access = source_access(settings, name, key)
        kafka = access.model_dump(exclude_none=True) if access else None
        if kafka and signed:
            kafka["signature"] = {"header": HEADER, "algorithm": "HMAC-SHA256", "key": key_hash(key).hex(), "of": SIGNED}
        typer.echo(orjson.dumps({"source": name, "key": key, "kafka": kafka}).decode())
        return
    others = f"the old one holds for {keep} days" if keep else "the old one is void"
    typer.echo(f"{name}: {f'its new key, {others}' if had_others else 'its key'}, shown only now")
    typer.echo(key)


def resolve_broker(settings: Settings) -> Settings:
    """Return the settings with the broker's address; as they are where only the database's is known."""
    try:
        return resolve_addresses(settings)
    except NotRunningError:
        return settings


@dataclass(frozen=True, slots=True)
class Validity:
    """Until when a new key holds, without end if None, and for how long the others still do."""

    expires_at: datetime | None
    keep: timedelta


def _in_zone(day: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else day.replace(tzinfo=zone)


async def _add_key(settings: Settings, name: str, key: str, validity: Validity, *, signed: bool) -> bool:
    async with open_database(settings, "intake") as database, database.unit_of_work() as uow:
        until = uow.now + validity.keep
        had_others = await add_key(
            uow.connection, name, key_hash(key), uow.now, signs=signed, expires_at=validity.expires_at, others_until=until
        )
        # Before the commit: a broker that refuses leaves the old key as it was.
        await give_account(settings, name, key)
        detail = {"expires_at": validity.expires_at and validity.expires_at.isoformat(), "others_until": until.isoformat()}
        action = "source_key_replaced" if had_others else "source_key_made"
        uow.journal(JournalEntry(getpass.getuser(), action, name, detail=detail))
        return had_others


@sources.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `gongshi sources list` shows it.")],
    key: Annotated[str | None, typer.Option(help="Only this key, as `gongshi sources keys` names it.")] = None,
) -> None:
    """Void the keys of a source, or one of them; without any its account at the broker is taken, too.

    Its complaints stay.

    Examples:
        gongshi sources revoke /hotlines/12345/330100

        gongshi sources revoke /hotlines/12345/330100 --key 5f0c8a11
    """
    if key is not None and not re.fullmatch(rf"[0-9a-f]{{{ID_LENGTH}}}", key):
        raise typer.BadParameter("the name of a key is eight hexadecimal digits", param_hint="--key")
    ended = asyncio.run(_void_keys(resolve_broker(Settings()), name, key))
    if key is not None:
        typer.echo(f"{name}: key {key} is void" if ended else f"{name} has no such key that holds")
    else:
        typer.echo(f"{name}: {'its key is' if ended == 1 else f'its {ended} keys are'} void" if ended else f"{name} has no key")


async def _void_keys(settings: Settings, name: str, key_id: str | None) -> int:
    async with open_database(settings, "intake") as database, database.unit_of_work() as uow:
        newest = await list_keys(uow.connection, name)
        ended = await void_keys(uow.connection, name, uow.now, key_id)
        if ended is None:
            raise UnknownSource(f"There is no source {name}: `gongshi sources list` lists them.")
        # The password at the broker is the newest key.
        if ended and (key_id is None or newest[0].id == key_id):
            await take_account(settings, name)
        if ended:
            uow.journal(JournalEntry(getpass.getuser(), "source_key_revoked", name, detail={"key": key_id, "keys": ended}))
        return ended


@sources.command()
def keys(
    name: Annotated[str, typer.Argument(help="As `gongshi sources list` shows it.")],
    output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE,
) -> None:
    """List the keys of a source, the newest first: until when each holds, and when it was used last over HTTP.

    Examples:
        gongshi sources keys /hotlines/12345/330100
    """
    settings = Settings()
    found = asyncio.run(_fetch_keys(settings, name))
    if output is Format.JSON:
        print_records(found)
        return
    zone = settings.zone
    table = Table("key", f"made ({zone})", "holds until", "last used", "state")
    for each in found:
        until = local_time(each.expires_at, zone) or "without end"
        times = (local_time(each.made_at, zone), until, local_time(each.last_used_at, zone))
        table.add_row(each.id, *times, "holds" if each.is_live else "void")
    print_table(table, fold=True)


async def _fetch_keys(settings: Settings, name: str) -> list[SourceKey]:
    async with open_database(settings, "intake") as database, database.snapshot() as connection:
        return await list_keys(connection, name)


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
    table = Table("source", f"first seen ({zone})", "by", "keys", "complaints")
    for source in found:
        since = local_time(source.registered_at, zone)
        table.add_row(source.name, since, source.registered_by, str(source.keys), f"{source.complaints:,}")
    return table
