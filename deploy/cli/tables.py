"""Tables and times of the command line. A table is as wide as what stands in it, so that nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.table import Table

# No table is wider; rich wants a bound to measure within.
MAX_WIDTH = 100_000


class Format(StrEnum):
    """Output format."""

    TABLE = "table"
    JSON = "json"


def print_table(table: Table, *, fold: bool = False) -> None:
    """Print a table to standard output. On a terminal one with `fold` keeps to its width, long texts over several lines.

    A pipe or a file has no width: rich would assume 80 columns and cut there. Texts stand as they are, brackets included.
    """
    terminal = _console(None)
    keeps_width = fold and terminal.is_terminal
    (terminal if keeps_width else _console(max(terminal.width, _full_width(table)))).print(table)


def print_records(records: Sequence[Any]) -> None:
    """Print records (dataclasses) to standard output as one JSON array, for programs."""
    typer.echo(orjson.dumps([asdict(record) for record in records]).decode())


def _full_width(table: Table) -> int:
    wide = _console(MAX_WIDTH)
    return wide.measure(table).maximum


def _console(width: int | None) -> Console:
    return Console(width=width, markup=False, emoji=False, highlight=False)


def local_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment to the minute in the bureau's time zone; empty for None. The table's heading names the zone."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
