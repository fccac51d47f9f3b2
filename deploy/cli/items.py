"""`gongshi items`: tables of public items become drafts, and keys for the programs of drafting offices."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.tables import local_time, print_table
from deploy.cli.values import InvalidValue
from deploy.databases import open_database
from services.publisher import item_submission
from services.publisher.bureau import BureauContext
from services.publisher.domain.submitted import ItemResult, Outcome
from services.publisher.item_files import FileRow, ItemMapping, read_rows
from services.publisher.item_submission import MAX_ITEMS
from services.publisher.kinds import KINDS, Kind
from services.publisher.store import item_keys
from services.publisher.store.item_keys import ItemKey
from shared.clock import now
from shared.errors import PermanentError
from shared.keys import generate_key, key_hash
from shared.rules import Drafter
from shared.settings import Settings
from shared.stream import JournalEntry

MAX_PRINTED = 20
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# No account has such a name.
IMPORTER = "import:{user}"

items = typer.Typer(name="items", help="Tables of public items, and keys of programs that draft.", no_args_is_help=True)


class UnknownKind(InvalidValue):
    """There is no such kind of items, or nothing tells its items apart so that they could be imported."""


class InvalidProgram(InvalidValue):
    """The name of a program is 1 to 40 of the characters a-z, 0-9 and dash, and begins with a letter or digit."""


class ProgramHasKey(PermanentError):
    """This program has a key: revoke it first."""


class UnknownProgram(PermanentError):
    """No program of this name has a key: `gongshi items keys` lists them."""


@items.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="The kind of items, as penalty, spot_check, model_operator.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A spreadsheet (.xlsx, .xls) or a text table (.csv).")],
    mapping: Annotated[
        Path | None, typer.Option(help="Columns and words of the file; default: headings are the labels of the form.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would happen, and store nothing.")] = False,
) -> None:
    """Store a table of items as drafts, which wait for review and release. The same file again changes nothing.

    Refused rows are listed by row and field on standard error; the last line of standard output is the counts as JSON. The exit
    code is 1 where rows were refused.

    Examples:
        gongshi items import penalty penalties.xlsx --mapping deploy/mappings/items/penalty.yaml --dry-run

        gongshi items import model_operator models.csv
    """
    declared = KINDS.get(kind)
    if declared is None or declared.is_drafted_by_program or not declared.natural_key:
        raise UnknownKind(kind)
    rows = read_rows(file, declared, ItemMapping.load(mapping, declared) if mapping else None)
    results = asyncio.run(_import(Settings(), declared, rows, dry_run=dry_run))
    _print_refused(results)
    counts = Counter(result.outcome for _row, result in results)
    typer.echo(orjson.dumps({"read": len(results), **{each.value: counts[each] for each in Outcome}}).decode())
    if counts[Outcome.REFUSED]:
        raise typer.Exit(1)


async def _import(
    settings: Settings, kind: Kind, rows: Iterator[FileRow], *, dry_run: bool
) -> list[tuple[FileRow, ItemResult]]:
    """Submit the rows in batches, each in a transaction of its own."""
    bureau, drafter = BureauContext.load(settings), IMPORTER.format(user=getpass.getuser())
    act = item_submission.try_items if dry_run else item_submission.store_items
    done: list[tuple[FileRow, ItemResult]] = []
    async with open_database(settings, "publisher") as database:
        while batch := list(islice(rows, MAX_ITEMS)):
            readable = [row for row in batch if not row.faults]
            results = iter(await act(database, bureau, drafter, kind, [row.values for row in readable]))
            done += [(row, ItemResult(Outcome.REFUSED, faults=row.faults) if row.faults else next(results)) for row in batch]
    return done


def _print_refused(results: list[tuple[FileRow, ItemResult]]) -> None:
    console = Console(stderr=True, highlight=False)
    refused = [(row, result) for row, result in results if result.outcome is Outcome.REFUSED]
    for row, result in refused[:MAX_PRINTED]:
        place = f"{row.sheet}, row {row.number}" if row.sheet else f"row {row.number}"
        for fault in result.faults:
            field = f", {fault.field}" if fault.field else ""
            known = f" [{result.item_id}]" if result.item_id else ""
            console.print(f"{place}{field}: {fault.text} ({fault.code}){known}", markup=False, soft_wrap=True)
    if len(refused) > MAX_PRINTED:
        console.print(f"… and {len(refused) - MAX_PRINTED:,} more rows")


@items.command("add-key")
def add(
    name: Annotated[str, typer.Argument(help="What the journal and the list call the program.")],
    office: Annotated[Drafter, typer.Option(help="The office that it drafts for.")],
    days: Annotated[int | None, typer.Option(min=1, help="For how many days the key holds.")] = None,
) -> None:
    """Make a key for a program of a drafting office, shown once. What it submits are drafts, and never more.

    Examples:
        gongshi items add-key case-system --office case_office
    """
    if not NAME.fullmatch(name):
        raise InvalidProgram(name)
    key = generate_key()
    asyncio.run(_add(Settings(), key, name, office, days))
    typer.echo(f"{name}: its key for POST /desk/api/items/KIND, shown only now")
    typer.echo(key)


@items.command("keys")
def list_keys() -> None:
    """List the programs that have a key.

    Examples:
        gongshi items keys
    """
    settings = Settings()
    table = Table("program", "office", f"since ({settings.zone})", "until")
    for key in asyncio.run(_list(settings)):
        until = local_time(key.expires_at, settings.zone) if key.expires_at else ""
        table.add_row(key.name, key.office, local_time(key.made_at, settings.zone), until)
    print_table(table, fold=True)


@items.command("revoke-key")
def revoke(name: Annotated[str, typer.Argument(help="As `gongshi items keys` shows it.")]) -> None:
    """Void the key of a program.

    Examples:
        gongshi items revoke-key case-system
    """
    asyncio.run(_revoke(Settings(), name))
    typer.echo(f"{name}: its key is void")


async def _add(settings: Settings, key: str, name: str, office: Drafter, days: int | None) -> None:
    at = now()
    made = ItemKey(name, office.value, at, at + timedelta(days=days) if days else None)
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        if not await item_keys.insert_key(uow.connection, key_hash(key), made):
            raise ProgramHasKey(name)
        uow.journal(JournalEntry(getpass.getuser(), "item_key_added", name, detail={"office": office.value}))


async def _list(settings: Settings) -> list[ItemKey]:
    async with open_database(settings, "publisher") as database, database.snapshot() as connection:
        return await item_keys.list_keys(connection)


async def _revoke(settings: Settings, name: str) -> None:
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        if not await item_keys.revoke_key(uow.connection, name):
            raise UnknownProgram(name)
        uow.journal(JournalEntry(getpass.getuser(), "item_key_revoked", name))
