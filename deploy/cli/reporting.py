"""`gongshi report`: draft an analysis report from released figures."""

from __future__ import annotations

import asyncio
import json
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
) -> None:
    """Draft an analysis report from released figures; the last line is JSON.

    The draft waits at the desk: its office may word it otherwise, a reviewer approves it, the gatekeeper releases it. Its
    numbers are those of the figures, and a figure that is restated later marks the part that says it.

    Examples:
        gongshi report quarter --period 2026-Q3
        gongshi report industry --period 2026-10 --subject F5273
        gongshi report special --period 2026-10 --subject 国庆
    """
    with spinner(f"Drafting the report of {period}"):
        drafted = asyncio.run(_draft(ReportRequest(kind, period, subject)))
    typer.echo(f"{drafted.form.title}: a draft, waits for review at /desk")
    typer.echo(json.dumps({"item": drafted.item_id, "title": drafted.form.title}, ensure_ascii=False))


async def _draft(request: ReportRequest) -> DraftedReport:
    settings = Settings()
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        return await reporting.draft(uow, BureauContext.load(settings), DRAFTER, request)
