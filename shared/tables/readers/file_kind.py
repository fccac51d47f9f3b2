"""What a file is, by its first bytes. Names lie: half of what is called .xls is text, HTML or XML."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from shared.tables.readers.compound import SIGNATURE as COMPOUND
from shared.tables.readers.sheets import FileUnreadable
from shared.tables.readers.spreadsheetml import NAMESPACE as SPREADSHEETML

SAMPLE = 64 * 1024

_FOREIGN = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"RIFF", "picture"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "seven_zip"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3", "sqlite"),
    (b"{\\rtf", "rtf"),
    (b"ID;P", "sylk"),
    (b"MIME-Version:", "web_archive"),
    (b"\x09\x00\x04\x00", "excel_2"),
    (b"\x09\x02\x06\x00", "excel_3"),
    (b"\x09\x04\x06\x00", "excel_4"),
    (b"\x09\x08", "excel_5"),
)
_HTML = (b"<table", b"<html", b"<!doctype html", b"<body", b"<head", b"<meta", b"<style", b"<div", b"<tr")
_DBASE = frozenset({0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5})


class FileKind(Enum):
    """The kinds of files that can be read."""

    XLSX = auto()
    XLS = auto()
    SPREADSHEETML = auto()
    HTML = auto()
    JSON_LINES = auto()
    TEXT = auto()


def detect_kind(path: Path) -> FileKind:
    """Return what a file is. Raises `FileUnreadable` with what it is and what to do, where it cannot be read."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise FileUnreadable("empty_file", file=path.name)
    if sample.startswith(b"PK"):
        return _detect_in_archive(path)
    if sample.startswith(COMPOUND):
        return FileKind.XLS
    for signature, code in _FOREIGN:
        if sample.lstrip(b" \r\n").startswith(signature):
            raise FileUnreadable(code, file=path.name)
    if sample[0] in _DBASE and len(sample) > 4 and 1 <= sample[2] <= 12 and 1 <= sample[3] <= 31:  # noqa: PLR2004  # month, day
        raise FileUnreadable("dbase", file=path.name)
    return _detect_in_text(path, sample)


def _detect_in_archive(path: Path) -> FileKind:
    try:
        with ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FileUnreadable("damaged_archive", file=path.name) from error
    if "xl/workbook.bin" in names:
        raise FileUnreadable("xlsb", file=path.name)
    if "content.xml" in names and "mimetype" in names:
        raise FileUnreadable("ods", file=path.name)
    if "word/document.xml" in names:
        raise FileUnreadable("word", file=path.name)
    if "[content_types].xml" not in names:
        raise FileUnreadable("zip", file=path.name)
    return FileKind.XLSX


def _detect_in_text(path: Path, sample: bytes) -> FileKind:
    """Tell the kinds of text apart; NUL bytes are left out, so that UTF-16 looks like ASCII here."""
    start = sample.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        if SPREADSHEETML in start:
            return FileKind.SPREADSHEETML
        if any(tag in start for tag in _HTML):
            return FileKind.HTML
        raise FileUnreadable("xml", file=path.name)
    if start.startswith(b"{"):
        if start.split(b"\n", 1)[0].strip() == b"{":
            raise FileUnreadable("json_document", file=path.name)
        return FileKind.JSON_LINES
    if start.startswith((b"[{", b"[\n", b"[\r", b"[ ")):
        raise FileUnreadable("json_array", file=path.name)
    return FileKind.TEXT
