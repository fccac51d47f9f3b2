"""Sets a document by Typst. A character that no font has, and a missing font, are errors: nothing goes out unreadable."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import typst

from shared.documents.document import NoticeSheet, NotTypeset, OfficialDocument
from shared.documents.fonts import OPEN_FONT, DocumentFonts

TEMPLATES: dict[type[OfficialDocument | NoticeSheet], Path] = {
    OfficialDocument: Path(__file__).with_name("official.typ"),
    NoticeSheet: Path(__file__).with_name("notice.typ"),
}
Document = OfficialDocument | NoticeSheet
# Words that the template adds to a document's own.
WORDS = {
    "zh": {"colon": "：", "copies_to_label": "抄送：", "region": "cn"},
    "en": {"colon": ":", "copies_to_label": "Copies: ", "region": "gb"},
}
ORDINALS = "一二三四五六七八九十"


def typeset(document: Document, fonts: DocumentFonts, at: datetime) -> bytes:
    """Return the PDF; the same document at the same time is the same bytes. Raises `NotTypeset`."""
    compiler, second = _compiler(fonts), at.replace(microsecond=0)
    try:
        pdf = compiler.compile(
            TEMPLATES[type(document)].read_bytes(),
            format="pdf",
            sys_inputs=_inputs(document, fonts),
            pdf_standards="ua-1",
            timestamp=second,
        )
    except typst.TypstError as error:
        raise NotTypeset(error.message) from error
    if not isinstance(pdf, bytes):
        raise NotTypeset("a PDF is one file")
    return pdf


def draw_pages(document: Document, fonts: DocumentFonts, resolution: float = 60) -> list[bytes]:
    """Return the pages as PNG, for looking at. Raises `NotTypeset`."""
    try:
        pages = _compiler(fonts).compile(
            TEMPLATES[type(document)].read_bytes(), format="png", ppi=resolution, sys_inputs=_inputs(document, fonts)
        )
    except typst.TypstError as error:
        raise NotTypeset(error.message) from error
    return pages if isinstance(pages, list) else [pages] if pages else []


def _compiler(fonts: DocumentFonts) -> typst.Compiler:
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in fonts.folders]
    )
    # Without any font Typst sets empty pages, and says nothing.
    if OPEN_FONT not in found.families():
        raise NotTypeset(f"the font {OPEN_FONT} is missing")
    return typst.Compiler(font_paths=found)


def _inputs(document: Document, fonts: DocumentFonts) -> dict[str, str]:
    content: dict[str, Any] = document.model_dump(mode="json") | WORDS[document.language]
    content["fonts"] = {use: list(families) for use, families in fonts.families.items()}
    if document.language == "zh" and isinstance(document, OfficialDocument):
        content["parts"] = _numbered(content["parts"])
    return {"document": orjson.dumps(content).decode()}


def _numbered(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts with their headings numbered 一、二、… where there is more than one."""
    headings = [part for part in parts if part["type"] == "heading"]
    if 1 < len(headings) <= len(ORDINALS):
        for ordinal, part in zip(ORDINALS, headings, strict=False):
            part["text"] = f"{ordinal}、{part['text']}"
    return parts
