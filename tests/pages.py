"""Checks of rendered pages for the tests of all services: no mixed languages, nothing inline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

# A browser on a busy machine needs longer than its library's 5 s; what is there ends the wait at once.
PAGE_TIMEOUT_S = 30.0

# Names, formats and numbers that stand in Chinese texts as they are.
LATIN = frozenset(
    {"CSV", "PDF", "JPG", "PNG", "XLSX", "MB", "KB", "HTTP", "JSON", "Atom", "English", "QR", "GB", "URL", "WCAG", "AA"}
    | {"CC", "BY", "SHA", "CSVW", "DCAT", "AP", "Data", "Package"}
    | {"CloudEvents", "Kafka", "HEIC", "Word", "WPS", "Excel", "OFD", "UTF"}
)
# Names that stay Chinese in English pages: the seal, and the other language's own name.
HAN = frozenset({"公示", "中文"})

READ_OUT = frozenset({"aria-label", "alt", "title", "placeholder", "data-l"})
SILENT = frozenset({"script", "style", "template"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})

_WORD = re.compile(r"[A-Za-z]{2,}")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
# Numbers of items, receipts and complaints, USCCs, reason codes, names of files, addresses and mail addresses are codes, not words.
_CODE = re.compile(
    r"[A-Z]{2}-\d{4}-\d+|[0-9A-HJ-NP-RTUW-Y]{18}|\b[A-Z]\d{2}\b|(?<![A-Za-z])[A-Z]+\d{6,}[0-9A-Z-]*|\bv\d+\b|https?://\S+|\S+@\S+|/[\w/.?=&-]+"
    r"|\S+\.(?:pdf|csv|jsonl?|jsonld|xlsx|parquet)\b|\b[0-9a-f]{16,}|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"
)


class _Texts(HTMLParser):
    """Collects what a reader sees or hears, apart from parts marked as being in another language or as code."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._language = language
        self._skipping: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        foreign = not (attributes.get("lang") or self._language).startswith(self._language)
        code = "code" in (attributes.get("class") or "").split()
        skipped = tag in SILENT or foreign or code or any(self._skipping)
        if tag not in VOID:
            self._skipping.append(skipped)
        if not skipped and tag != "html":
            self.found += [value for name, value in attributes.items() if name in READ_OUT and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._skipping:
            self._skipping.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._skipping):
            self.found.append(data)


def english_in_chinese(html: str, allowed: Iterable[str] = ()) -> set[str]:
    """Return the English words that a Chinese page shows or reads out, apart from `LATIN` and `allowed`."""
    known = LATIN | set(allowed)
    return {word for text in _texts(html, "zh") for word in _WORD.findall(_CODE.sub(" ", text))} - known


def chinese_in_english(html: str, allowed: Iterable[str] = ()) -> set[str]:
    """Return the Chinese that an English page shows or reads out, apart from `HAN` and `allowed`."""
    known = HAN | set(allowed)
    return {run for text in _texts(html, "en") for run in _HAN_RUN.findall(text)} - known


def inline_code(html: str) -> list[str]:
    """Return what a strict Content-Security-Policy blocks: inline styles, scripts and event handlers."""
    attributes = re.findall(r"<[^>]*\s(?:style|on[a-z]+)=[^>]*>", html)
    scripts = [tag for tag in re.findall(r"<script[^>]*>", html) if " src=" not in tag]
    return attributes + scripts + re.findall(r"<style[^>]*>", html) + re.findall(r"javascript:[^\"']*", html)


def _texts(html: str, language: str) -> Iterator[str]:
    parser = _Texts(language)
    parser.feed(html)
    parser.close()
    yield from parser.found
