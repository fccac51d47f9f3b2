"""What in a response would act instead of being shown: script and event handlers in pages, formulas in files, broken documents."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from html.parser import HTMLParser

from lxml import etree

FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ActiveParts(HTMLParser):
    """Collects what acts and holds a mark."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._mark = mark
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag: handlers, addresses that are scripts, and names that a text has become."""
        self._in_script = tag in {"script", "style"}
        for name, value in attrs:
            text = (value or "").strip().lower()
            acts = name.startswith("on") or text.startswith(("javascript:", "data:text/html", "vbscript:"))
            if self._mark in name or (acts and self._mark in text):
                self.faults.append(f"{tag} {name}={value}")

    def handle_endtag(self, _: str) -> None:
        """Leave a script."""
        self._in_script = False

    def handle_data(self, data: str) -> None:
        """Look at the text of a script."""
        if self._in_script and self._mark in data:
            self.faults.append(f"script: {data[:80]}")


def active_parts(kind: str, body: bytes, mark: str) -> Iterator[str]:
    """Yield what in a response of a content type would act, and whether it cannot be read at all."""
    text = body.decode(errors="replace")
    if kind == "text/html":
        page = ActiveParts(mark)
        page.feed(text)
        yield from page.faults
    elif kind == "text/csv":
        cells = [cell for row in csv.reader(text.splitlines()) for cell in row if mark in cell]
        yield from (f"a formula: {cell}" for cell in cells if cell.startswith(FORMULA))
    elif kind.endswith(("xml", "json", "jsonl")):
        try:
            _read(kind, body)
        except (etree.XMLSyntaxError, ValueError):
            yield "not readable"


def _read(kind: str, body: bytes) -> None:
    """Read a document. Raises `XMLSyntaxError` and `ValueError`."""
    if kind.endswith("xml"):
        etree.fromstring(body)
        return
    for document in body.splitlines() if kind.endswith(("ndjson", "jsonl")) else [body]:
        json.loads(document)
