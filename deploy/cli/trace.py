"""`gongshi trace`: why is this complaint not there, or where does it stand."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from deploy.cli.tables import Format, local_time, print_records, print_table
from deploy.trace import trace as find_steps
from shared.errors import PermanentError
from shared.settings import Settings


class NothingFound(PermanentError):
    """Nothing has this number."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Nothing has the number {number}: no complaint of any source, no refused record that still exists, no item and no"
            " application. A report that was sent just now may still be on its way: `gongshi wait`."
        )


def trace(
    number: Annotated[str, typer.Argument(help="A source's number, a complaint's id, an item's id, or a receipt number.")],
    output: Annotated[Format, typer.Option("--format", help="A table for people, JSON for programs.")] = Format.TABLE,
) -> None:
    """Follow one complaint or item: report, operator, figures, draft, review, release, screens, applications.

    Tells at each step what is so, and why it goes no further. Prints no texts
    and no personal data; exits with 1 where nothing has the number.

    Examples:
        gongshi trace GD20261103000871

        gongshi trace GS-2026-000412 --format json
    """
    settings = Settings()
    steps = asyncio.run(find_steps(settings, number))
    if not steps:
        raise NothingFound(number)
    if output is Format.JSON:
        print_records(steps)
        return
    table = Table("service", "subject", "what is so", f"since ({settings.zone})")
    for step in steps:
        since = local_time(step.at, settings.zone) if isinstance(step.at, datetime) else str(step.at or "")
        table.add_row(step.service, step.subject, step.finding, since)
    print_table(table, fold=True)
