"""`gongshi rules`: what is wrong in a rules file, and what other rules would have decided."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from deploy.cli.progress import progress_bars
from deploy.cli.tables import print_table
from deploy.databases import open_database
from services.publisher.domain.rule_replay import FateDifference, find_fate_differences
from services.publisher.domain.terms import find_kind_faults
from services.publisher.store.rule_replay import iterate_decided_items
from shared.calendar import FIRST_DAY
from shared.database.logins import READER
from shared.rules import RuleBook, RulesError, RulesFault
from shared.settings import Settings

rules = typer.Typer(name="rules", help="The publication rules: check a file, replay decisions.", no_args_is_help=True)

COLUMNS = ("item", "title", "rule", "was", "would be")


@rules.command()
def check(file: Annotated[Path, typer.Argument(help="A rules file, as deploy/rules/gongshi.yaml.")]) -> None:
    """Tell what is wrong in a rules file, by line; exits with 1 where something is.

    Of a good file it lists the versions, and how many rules of each rest on no
    document that was checked. The last line is JSON.

    Examples:
        gongshi rules check deploy/rules/gongshi.yaml
    """
    try:
        book = RuleBook.load(file)
    except RulesError as error:
        if not error.faults:  # it could not be read at all
            raise
        _print_faults(error.faults)
        raise typer.Exit(1) from error
    unknown = [
        RulesFault(0, f"versions.{number}.{place}", message)
        for number, version in enumerate(book.versions)
        for place, message in find_kind_faults(version)
    ]
    if unknown:
        _print_faults(unknown)
        raise typer.Exit(1)
    table = Table("version", "in force from", "rests on", "unverified")
    for version in book.versions:
        table.add_row(version.version, str(version.effective_from), version.citation, str(version.count_unverified()))
    print_table(table)
    summary = [
        {"version": each.version, "effective_from": str(each.effective_from), "unverified": each.count_unverified()}
        for each in book.versions
    ]
    typer.echo(orjson.dumps({"versions": summary, "faults": []}).decode())


def _print_faults(found: Sequence[RulesFault]) -> None:
    for fault in found:
        typer.echo(fault)
    faults = [{"line": fault.line, "place": fault.place, "message": fault.message} for fault in found]
    typer.echo(orjson.dumps({"versions": [], "faults": faults}).decode())


@rules.command()
def replay(
    under: Annotated[str, typer.Option("--under", help="A version in the rules file (GONGSHI_RULES).")],
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only items drafted from this day on.")
    ] = None,
) -> None:
    """List the items whose fate would differ under another version, with the rule that makes the difference.

    Terms, reviewers, notices, the amount of a major complaint and grounds not to
    publish are compared. Complaints that never became an item are not looked at.
    Nothing is changed. The last line is JSON.

    Examples:
        gongshi rules replay --under 2026-04-15 --since 2026-01-01
    """
    settings = Settings()
    first = since.date() if since else FIRST_DAY
    items, found = asyncio.run(_replay(settings, RuleBook.load(settings.rules), under, first))
    if found:
        table = Table(*COLUMNS)
        for each in found:
            table.add_row(each.item_id, each.title, each.rule, each.was, each.would_be)
        print_table(table)
    by_rule = dict(sorted(Counter(each.rule for each in found).items()))
    differ = len({each.item_id for each in found})
    typer.echo(orjson.dumps({"under": under, "items": items, "differ": differ, "by_rule": by_rule}).decode())


async def _replay(settings: Settings, book: RuleBook, under: str, since: date) -> tuple[int, list[FateDifference]]:
    """Return how many items were looked at, and what would differ."""
    other, items = book.version(under), 0
    found: list[FateDifference] = []
    async with open_database(settings, "publisher", login=READER) as database, database.snapshot() as connection:
        with progress_bars() as bar:
            advance = bar("Items", None)
            async for item, made_under in iterate_decided_items(connection, since, settings.zone):
                found += find_fate_differences(item, book.version(made_under), other)
                items += 1
                advance(1)
    return items, found
