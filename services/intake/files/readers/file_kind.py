"""What a file is, by its first bytes. Names lie: half of what is called .xls is text, HTML or XML."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from services.intake.files.readers.compound import SIGNATURE as COMPOUND
from services.intake.files.readers.sheets import FileUnreadable
from services.intake.files.readers.spreadsheetml import NAMESPACE as SPREADSHEETML

SAMPLE = 64 * 1024
SAVE = "open it in Excel or WPS and save it as .xlsx"

_FOREIGN = (
    (b"%PDF", "a PDF document: ask for the list as .xlsx or .csv"),
    (b"\x89PNG", "a picture: ask for the list as .xlsx or .csv"),
    (b"\xff\xd8\xff", "a picture: ask for the list as .xlsx or .csv"),
    (b"GIF8", "a picture: ask for the list as .xlsx or .csv"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it first"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"SQLite format 3", "a SQLite database: export the table as .csv"),
    (b"{\\rtf", "an RTF document: copy its table into a spreadsheet and save that as .xlsx"),
    (b"ID;P", f"a SYLK table: {SAVE}"),
    (b"MIME-Version:", f"a web archive: {SAVE}"),
    (b"\x09\x00\x04\x00", f"a sheet of Excel 2: {SAVE}"),
    (b"\x09\x02\x06\x00", f"a sheet of Excel 3: {SAVE}"),
    (b"\x09\x04\x06\x00", f"a sheet of Excel 4: {SAVE}"),
    (b"\x09\x08", f"a workbook of Excel 5 or 95: {SAVE}"),
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
        raise FileUnreadable(f"{path.name} is empty")
    if sample.startswith(b"PK"):
        return _detect_in_archive(path)
    if sample.startswith(COMPOUND):
        return FileKind.XLS
    for signature, words in _FOREIGN:
        if sample.lstrip(b" \r\n").startswith(signature):
            raise FileUnreadable(f"{path.name} is {words}")
    if sample[0] in _DBASE and len(sample) > 4 and 1 <= sample[2] <= 12 and 1 <= sample[3] <= 31:  # noqa: PLR2004  # month, day
        raise FileUnreadable(f"{path.name} is a dBase table: {SAVE}")
    return _detect_in_text(path, sample)


def _detect_in_archive(path: Path) -> FileKind:
    try:
        with ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FileUnreadable(f"{path.name} is cut off or damaged: {SAVE} again") from error
    if "xl/workbook.bin" in names:
        raise FileUnreadable(f"{path.name} is a binary workbook (.xlsb): {SAVE}")
    if "content.xml" in names and "mimetype" in names:
        raise FileUnreadable(f"{path.name} is an OpenDocument file (.ods): {SAVE}")
    if "word/document.xml" in names:
        raise FileUnreadable(f"{path.name} is a Word document: copy its table into a spreadsheet and save that as .xlsx")
    if "[content_types].xml" not in names:
        raise FileUnreadable(f"{path.name} is a ZIP archive: unpack it first")
    return FileKind.XLSX


def _detect_in_text(path: Path, sample: bytes) -> FileKind:
    """Tell the kinds of text apart; NUL bytes are left out, so that UTF-16 looks like ASCII here."""
    start = sample.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith(b"<"):
        if SPREADSHEETML in start:
            return FileKind.SPREADSHEETML
        if any(tag in start for tag in _HTML):
            return FileKind.HTML
        raise FileUnreadable(f"{path.name} is XML, but no spreadsheet: ask for the list as .xlsx or .csv")
    if start.startswith(b"{"):
        return FileKind.JSON_LINES
    if start.startswith((b"[{", b"[\n", b"[\r", b"[ ")):
        raise FileUnreadable(f"{path.name} is one JSON array: write one report a line, without brackets and commas around them")
    return FileKind.TEXT
