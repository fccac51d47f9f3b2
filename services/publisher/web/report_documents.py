"""An item as an official document: its text block by block, and for a report the tables and charts of its figures."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher.domain.form import Form
from services.publisher.kinds.report_fields import read_figures
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.report_parts import report_charts, report_tables
from shared.charts.chart import Chart, Table
from shared.charts.renderer import ChartRenderer
from shared.charts.spec import Label
from shared.charts.standalone import standalone_svg
from shared.contracts import PublicItem
from shared.documents import document
from shared.documents.document import OfficialDocument
from shared.documents.fonts import OPEN_FONT
from shared.web.documents import DOCUMENT_MARK
from shared.web.site import Site


async def report_document(
    form: Form | PublicItem, number: str, day: str, site: Site, presenter: FormPresenter, renderer: ChartRenderer
) -> OfficialDocument:
    """Return the document of an item: `number` stands under the bureau's name, `day` (in words) at the end.

    The presenter writes Chinese: that is the language of what is published.
    """
    figures = read_figures(form.content)
    tables = report_tables(figures, presenter) if figures else {}
    charts = await report_charts(figures, presenter, renderer) if figures else {}
    parts: list[document.Heading | document.Paragraph | document.Table | document.Chart] = []
    for name, heading, paragraphs in presenter.kind_paragraphs(form):
        parts.append(document.Heading(text=heading))
        parts += [document.Paragraph(text=paragraph) for paragraph in paragraphs]
        parts += _drawings(charts.get(name, ()), presenter)
        if name in tables:
            parts.append(_table(tables[name], heading, presenter))
    return OfficialDocument(
        title=form.title or number, issuer=site.bureau("zh"), number=number, parts=tuple(parts), day=day,
        printed=f"{day}印发", mark=str(DOCUMENT_MARK) if site.synthetic else "",
    )  # fmt: skip


def _drawings(charts: Sequence[Chart], presenter: FormPresenter) -> list[document.Chart]:
    return [
        document.Chart(
            caption=_caption(chart, presenter),
            alt="".join(_words(sentence, presenter) for sentence in chart.summary) or _words(chart.title, presenter),
            svg=standalone_svg(chart.wide, OPEN_FONT),
        )
        for chart in charts
        if chart.wide
    ]


def _caption(chart: Chart, presenter: FormPresenter) -> str:
    """Return the title of a drawing with its second line; several bars of a name are told apart by their order."""
    names = [_words(name, presenter) for name, _sign in chart.legend]
    order = f"；每组自上而下为{'、'.join(names)}" if len(names) > 1 else ""
    return f"{_words(chart.title, presenter)}（{_words(chart.note, presenter)}{order}）"


def _table(table: Table, caption: str, presenter: FormPresenter) -> document.Table:
    return document.Table(
        caption=caption,
        header=tuple(_words(cell, presenter) for cell in table.header),
        rows=tuple(tuple(_words(cell, presenter) for cell in row) for row in table.rows),
    )


def _words(label: Label, presenter: FormPresenter) -> str:
    return presenter.translate(label)
