"""`gongshi figures` and `gongshi close-month`: figures recounted, and a month's figures closed."""

from __future__ import annotations

import asyncio
import csv
import getpass
import io
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from deploy.cli.progress import spinner
from deploy.cli.tables import local_time, print_table
from deploy.cli.values import InvalidValue
from deploy.databases import open_database
from services.stats.closing import close_month as close_stats_month
from services.stats.domain.periods import Period, parse_period
from services.stats.domain.recount import GroupKey, RecountRow
from services.stats.store.closing import ClosedMonth
from services.stats.store.recount import recount
from shared import clock
from shared.contracts import Measures, PeriodKind
from shared.settings import Settings
from shared.spreadsheet import to_cell

MEASURES = tuple(Measures.model_fields)
MONEY = frozenset({"amount", "recovered"})


class Layout(StrEnum):
    """How to show figures."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class InvalidPeriod(InvalidValue):
    """A period is like 2026-10, 2026-Q3, 2026-H2 or 2026."""


class InvalidMonth(InvalidValue):
    """A month is like 2026-10."""


class InvalidKey(InvalidValue):
    """Figures are grouped by operator, category, region, industry, channel, month, year, with commas between."""


def figures(
    by: Annotated[str, typer.Option(help="Keys, commas between: operator, category, region, industry, channel, month, year.")],
    within: Annotated[str, typer.Option("--period", help="2026-10, 2026-Q3, 2026-H2 or 2026; default all days.")] = "",
    layout: Annotated[Layout, typer.Option("--format", help="A table for people, CSV or JSON for programs.")] = Layout.TABLE,
) -> None:
    """Recount figures from the single complaints that stats stores, independently of its maintained sums.

    Rates lie between 0 and 1, empty where the denominator is 0; money is in yuan, days are working days.

    Examples:
        gongshi figures --by operator --period 2026-10

        gongshi figures --by category,year --format csv > figures.csv
    """
    keys, days = _parse_keys(by), _parse_period(within)
    with spinner("Recounting single complaints"):
        rows = asyncio.run(_recount(keys, days))
    headings = [head for key in keys for head in ((key.value, "operator_name") if key is GroupKey.OPERATOR else (key.value,))]
    print_rows([*headings, *MEASURES], [_cells(keys, row) for row in rows], layout)


def close_month(month: Annotated[str, typer.Argument(help="The month, like 2026-10; it must be over.")]) -> None:
    """Close a month: its figures are emitted, and each later change is emitted as a restatement.

    The service closes months by itself when the rules say so; this command does not wait. A closed month stays closed.

    Examples:
        gongshi close-month 2026-10
    """
    found = parse_period(month)
    if found is None or found.kind is not PeriodKind.MONTH:
        raise InvalidMonth(month)
    zone = Settings().zone
    with spinner(f"Closing {found.name}"):
        closed = asyncio.run(_close_month(found))
    typer.echo(
        f"{found.name} closed at {local_time(closed.closed_at, zone)} ({zone}): "
        f"{closed.complaints} complaints about {closed.operators} operators"
    )


async def _recount(keys: Sequence[GroupKey], within: Period | None) -> list[RecountRow]:
    days: tuple[date, date] | tuple[()] = (within.first, within.last) if within else ()
    async with open_database(Settings(), "stats") as database, database.snapshot() as connection:
        return await recount(connection, keys, *days)


async def _close_month(month: Period) -> ClosedMonth:
    settings = Settings()
    async with open_database(settings, "stats") as database:
        today = clock.local_day(database.clock(), settings.zone)
        return await close_stats_month(database, month, today, f"cli:{getpass.getuser()}")


def _parse_keys(by: str) -> list[GroupKey]:
    try:
        keys = [GroupKey(name.strip()) for name in by.split(",")]
    except ValueError as error:
        raise InvalidKey(by) from error
    return list(dict.fromkeys(keys))


def _parse_period(name: str) -> Period | None:
    if not name:
        return None
    found = parse_period(name)
    if found is None:
        raise InvalidPeriod(name)
    return found


def _cells(keys: Sequence[GroupKey], row: RecountRow) -> list[Any]:
    cells: list[Any] = []
    for key, value in zip(keys, row.keys, strict=True):
        cells += [value, row.operator_name] if key is GroupKey.OPERATOR else [value]
    return cells + [getattr(row.measures, name) for name in MEASURES]


def _to_object(headings: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    """Return a row as `/stats` answers it: money as a decimal string, rates and days as numbers."""
    return {
        head: (str(cell) if head in MONEY else float(cell)) if isinstance(cell, Decimal) else cell
        for head, cell in zip(headings, row, strict=True)
    }


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[Any]], layout: Layout) -> None:
    """Print rows under their headings."""
    match layout:
        case Layout.JSON:
            typer.echo(orjson.dumps([_to_object(headings, row) for row in rows]).decode())
        case Layout.CSV:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(headings)
            writer.writerows(map(to_cell, row) for row in rows)
            sys.stdout.write(text.getvalue())
        case Layout.TABLE:
            table = Table(*(head.replace("_", " ") for head in headings))
            for row in rows:
                table.add_row(*("" if cell is None else str(cell) for cell in row))
            # A number broken over two lines is unreadable; a long line wraps in the terminal.
            print_table(table)
