"""`gongshi report`: draft an analysis report from released figures."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.progress import spinner
from deploy.databases import open_database
from services import publisher
from services.publisher import reporting
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import DRAFTER
from services.publisher.domain.report_figures import ReportKind
from services.publisher.report_figures import ReportRequest
from services.publisher.reporting import DraftedReport
from services.publisher.web.dependencies import create_presenter
from services.publisher.web.report_documents import report_document
from shared.charts.renderer import ChartRenderer
from shared.documents.press import Press
from shared.settings import Settings
from shared.web.site import Site
from shared.web.templating import Pages


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
        return drafted, await _set(drafted, settings, database.clock()) if is_set else None


async def _set(drafted: DraftedReport, settings: Settings, at: datetime) -> bytes:
    """Return the draft as a PDF."""
    pages = Pages(Path(publisher.__file__).parent, Site.from_settings(settings, "publisher"))
    presenter = create_presenter(pages, "zh")
    renderer = ChartRenderer()
    try:
        day = presenter.formats.day(at)
        document = await report_document(drafted.form, drafted.item_id, day, pages.site, presenter, renderer)
        return await Press(settings).set(document, at)
    finally:
        renderer.close()
