"""`gongshi report`: draft an analysis report from released figures."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.progress import spinner
from deploy.databases import open_database
from services.publisher import reporting
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import DRAFTER
from services.publisher.domain.report_figures import ReportKind
from services.publisher.report_figures import ReportRequest
from services.publisher.reporting import DraftedReport
from shared.settings import Settings


def report(
    kind: Annotated[ReportKind, typer.Argument(help="What it is about.")],
    period: Annotated[str, typer.Option(help="A closed period: 2026-10, 2026-Q3, 2026-H1 or 2026.")],
    subject: Annotated[
        str, typer.Option(help="The code of the industry or operator, or the name of the special time, as 国庆.")
    ] = "",
    pdf: Annotated[Path | None, typer.Option(help="Write the draft as an official document into this file.")] = None,
) -> None:
    """Draft an analysis report from released figures; the last line is JSON.

    The draft waits at the desk: its office may word it otherwise, a reviewer approves it, the gatekeeper releases it. Its
    numbers are those of the figures, and a figure that is restated later marks the part that says it.

    Examples:
        gongshi report quarter --period 2026-Q3
        gongshi report quarter --period 2026-Q3 --pdf report.pdf
        gongshi report industry --period 2026-10 --subject F5273
        gongshi report special --period 2026-10 --subject 国庆
    """
    with spinner(f"Drafting the report of {period}"):
        drafted, document = asyncio.run(_draft(ReportRequest(kind, period, subject), is_set=pdf is not None))
    if pdf is not None and document is not None:
        pdf.write_bytes(document)
    typer.echo(f"{drafted.form.title}: a draft, waits for review at /desk")
    typer.echo(json.dumps({"item": drafted.item_id, "title": drafted.form.title}, ensure_ascii=False))


async def _draft(request: ReportRequest, *, is_set: bool) -> tuple[DraftedReport, bytes | None]:
    """Draft a report; return it with its PDF, where one `is_set`."""
    settings = Settings()
    async with open_database(settings, "publisher") as database:
        async with database.unit_of_work() as uow:
            drafted = await reporting.draft(uow, BureauContext.load(settings), DRAFTER, request)
        if not is_set:
            return drafted, None
        # What sets a document costs seconds to import.
        from deploy.cli.report_setting import set_report

        return drafted, await set_report(drafted, settings, database.clock())
