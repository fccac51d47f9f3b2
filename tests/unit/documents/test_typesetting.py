"""Official documents: pages as GB/T 9704 has them, text that can be read out and copied, and what is missing is an error."""

from __future__ import annotations

import asyncio
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from services.publisher.domain.form import Form
from services.publisher.domain.report_figures import Numbers, Row
from services.publisher.domain.report_text import compose_blocks
from services.publisher.kinds.report_fields import FIGURES
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.report_documents import report_document
from shared.charts.renderer import ChartRenderer
from shared.charts.standalone import light_tokens
from shared.documents import press as press_module
from shared.documents.document import NotTypeset, OfficialDocument, Paragraph
from shared.documents.fonts import DocumentFonts
from shared.documents.press import Press, PressBusy
from shared.documents.typesetting import draw_pages, typeset
from shared.settings import Settings
from shared.web.formats import Formats
from shared.web.site import Site
from tests.unit.publisher.test_reports import figures

AT = datetime(2026, 10, 12, 1, 0, 0, 123456, tzinfo=UTC)
SETTINGS = Settings(home=Path("/nowhere"))
FONTS = DocumentFonts.of(SETTINGS)
MM = 72 / 25.4


def document(*texts, **changes):
    facts = {
        "title": "2026年第三季度消费投诉分析", "issuer": "云州市市场监督管理局", "number": "GS-2026-000412",
        "parts": [Paragraph(text=text) for text in texts], "day": "2026年10月12日", "printed": "2026年10月12日印发",
    }  # fmt: skip
    return OfficialDocument(**{**facts, **changes})


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def lines_of(page):
    """The lines of a page: (from its left edge, from its top, text), in millimetres."""
    found = []

    def visit(text, matrix, position, _font, _size):
        if text.strip():
            left, below = (position[4 + axis] * matrix[3 * axis] + matrix[4 + axis] for axis in (0, 1))
            found.append((left / MM, 297 - below / MM, text.strip()))

    page.extract_text(visitor_text=visit)
    return found


@pytest.fixture(scope="module")
def report():
    """A report with every kind of part."""
    report_figures = figures(
        total=Row(subject="", now=Numbers(complaints=1200, accepted=1100, resolved=990, recovered=Decimal(356_000)))
    )
    content = {
        FIGURES: report_figures.model_dump_json(),
        **{block.value: text for block, text in compose_blocks(report_figures, "").items()},
    }
    form = Form(kind="analysis_report", title="2026年第三季度消费投诉分析", content=content)
    presenter = FormPresenter("zh", Formats("zh", ZoneInfo("Asia/Shanghai")), str)
    renderer = ChartRenderer()
    site = Site("云州市市场监督管理局", "Yunzhou", synthetic=True)
    yield asyncio.run(report_document(form, "GS-2026-000412", "2026年10月12日", site, presenter, renderer))
    renderer.close()


def test_a_page_has_twenty_two_lines_of_twenty_eight_characters():
    page = read(typeset(document("字" * 28 * 60, red_head=False, number=""), FONTS, AT)).pages[1]

    lines = [line for line in page.extract_text().splitlines() if set(line.strip()) == {"字"}]
    assert len(lines) == 22
    assert {len(line.strip()) for line in lines} == {28}
    assert (float(page.mediabox.width) / MM, float(page.mediabox.height) / MM) == pytest.approx((210, 297), abs=0.1)


def test_the_pages_are_numbered_outside_and_the_margins_are_those_of_the_standard():
    pages = read(typeset(document("字" * 28 * 60), FONTS, AT)).pages
    numbers = [next((left, top) for left, top, text in lines_of(page) if re.fullmatch(r"—\s*\d\s*—", text)) for page in pages]

    assert [left > 105 for left, _top in numbers[:2]] == [True, False]
    for page, (_left, top) in zip(pages, numbers, strict=True):
        text_tops = [line_top for _line_left, line_top, text in lines_of(page) if "字" in text]
        assert min(text_tops, default=60) > 37
        assert 262 < top < 275


def test_the_text_can_be_copied_and_read_out():
    reader = read(typeset(document("为消费者挽回损失35.60万元。"), FONTS, AT))

    # Between Han and digits the setting leaves a little room, which is read as a space.
    text = "".join(reader.pages[0].extract_text().split())
    assert all(
        words in text
        for words in ("云州市市场监督管理局", "2026年第三季度消费投诉分析", "为消费者挽回损失35.60万元。", "10月12日印发")
    )
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata.title == "2026年第三季度消费投诉分析"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


def test_a_report_has_headings_tables_with_heads_and_drawings_with_words(report):
    pdf = typeset(report, FONTS, AT)
    text = "".join("".join(page.extract_text().split()) for page in read(pdf).pages)
    roles = structure_of(read(pdf))

    assert all(words in text for words in ("一、总体情况", "二、地区情况", "1,200", "湖东区", "演示数据，均为虚构"))
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure"} <= roles.keys()
    assert all(roles["/Figure"])


def structure_of(reader):
    """The roles of the structure tree, with their alternative texts."""
    roles = {}

    def walk(element):
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, list):
            for child in element:
                walk(child)
        elif isinstance(element, dict):
            if "/S" in element:
                roles.setdefault(element["/S"], []).append(element.get("/Alt", ""))
            if "/K" in element:
                walk(element["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return roles


def test_the_same_document_is_the_same_bytes(report):
    assert typeset(report, FONTS, AT) == typeset(report, FONTS, AT)


def test_a_character_that_no_font_has_is_an_error():
    with pytest.raises(NotTypeset, match="could not be displayed"):
        typeset(document("商品\U0002a6d0"), FONTS, AT)


def test_without_the_open_font_nothing_is_set(tmp_path):
    with pytest.raises(NotTypeset, match="missing"):
        typeset(document("投诉"), replace(FONTS, folders=(tmp_path,)), AT)


def test_text_is_never_markup():
    text = '#import "x" $a$ *粗* <b> = 标题 \\ `码`'

    assert "".join(text.split()) in "".join(read(typeset(document(text), FONTS, AT)).pages[0].extract_text().split())


def test_pages_can_be_drawn_for_looking_at(report):
    pages = draw_pages(report, FONTS, 40)

    assert len(pages) == len(read(typeset(report, FONTS, AT)).pages)
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_drawings_have_the_colours_of_the_pages(report):
    drawings = [part.svg for part in report.parts if part.type == "chart"]

    assert drawings
    assert not any("var(" in svg or "class=" in svg for svg in drawings)
    assert light_tokens()["--ch-1"] in drawings[0]


async def test_the_press_sets_in_a_process_of_its_own_and_keeps_what_it_set(monkeypatch):
    press = Press(SETTINGS)
    first = await press.set(document("投诉"), AT)
    monkeypatch.setattr("shared.documents.press._run", None)

    assert first.startswith(b"%PDF")
    assert await press.set(document("投诉"), AT) is first


async def test_the_press_tells_what_cannot_be_set_and_when_it_is_busy(monkeypatch):
    press = Press(SETTINGS)
    with pytest.raises(NotTypeset, match="could not be displayed"):
        await press.set(document("\U0002a6d0"), AT)
    monkeypatch.setattr("shared.documents.press.MAX_WAITING", 0)
    with pytest.raises(PressBusy):
        await Press(SETTINGS).set(document("投诉"), AT)


async def test_one_client_does_not_take_every_place_of_the_press(monkeypatch):
    started, finished = [], asyncio.Event()

    async def wait(order):
        started.append(order)
        await finished.wait()
        return b"%PDF"

    monkeypatch.setattr(press_module, "_run", wait)
    press = Press(SETTINGS)
    tasks = [asyncio.create_task(press.set(document(f"投诉{n}"), AT, "192.0.2.1")) for n in range(press_module.MAX_OF_CLIENT)]
    await asyncio.sleep(0)
    with pytest.raises(PressBusy):
        await press.set(document("又一份"), AT, "192.0.2.1")
    tasks.append(asyncio.create_task(press.set(document("别人的"), AT, "192.0.2.2")))
    finished.set()

    assert await asyncio.gather(*tasks) == [b"%PDF"] * len(tasks)
    assert await press.set(document("又一份"), AT, "192.0.2.1") == b"%PDF"
    assert len(started) == len(tasks) + 1, "one after another"
