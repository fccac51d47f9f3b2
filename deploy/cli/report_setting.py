"""A drafted report as an official document."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from services import publisher
from services.publisher.reporting import DraftedReport
from services.publisher.web.dependencies import create_presenter
from services.publisher.web.report_documents import report_document
from shared.charts.renderer import ChartRenderer
from shared.documents.press import Press
from shared.settings import Settings
from shared.web.site import Site
from shared.web.templating import Pages


async def set_report(drafted: DraftedReport, settings: Settings, at: datetime) -> bytes:
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
