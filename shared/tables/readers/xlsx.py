"""XLSX (ECMA-376): a ZIP archive of XML parts. Rows are parsed while they are read, so that no sheet is held in memory."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from posixpath import join, normpath
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from shared.tables.readers.cells import MAX_ROWS, MergedRange, SheetRow
from shared.tables.readers.number_formats import BUILT_IN, EPOCH_1900, EPOCH_1904
from shared.tables.readers.sheets import MAX_UNPACKED, MIB, FileUnreadable, Sheet
from shared.tables.readers.xlsx_rows import WorkbookContext, column_index, parse_rows, unescape
from shared.tables.readers.xml_events import Attributes, DoctypeFound, create_parser, finish, local_name, start_events

CHUNK = 256 * 1024
MAX_MERGED_RANGES = 200_000
MAX_STRINGS = 4_000_000
# What ZIP, zlib, expat and our own look-ups raise on a damaged archive.
_DAMAGES = (
    BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, EOFError, OSError, NotImplementedError,
)  # fmt: skip
_END_OF_STYLES = frozenset({"cellStyles", "dxfs", "tableStyles", "colors"})
_MERGED = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_DIMENSION = re.compile(rb'dimension\s[^>]*?ref="[A-Z]+[0-9]+:[A-Z]+([0-9]{1,7})"')
_LONGEST_TAG = 1_024
_LONGEST_HEAD = 4_096


def read_xlsx(path: Path) -> list[Sheet]:
    """Return the worksheets of a workbook, in their order. Raises `FileUnreadable`."""
    with _translate_errors(path), ZipFile(path) as archive:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            raise FileUnreadable("password", file=path.name)
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
            raise FileUnreadable("unpacks_too_large", file=path.name, limit=MAX_UNPACKED // MIB)
        return _read_workbook(path, archive)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (*_DAMAGES, DoctypeFound) as error:
        raise FileUnreadable("damaged_xlsx", file=path.name) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the archive that another one refers to."""

    kind: str
    name: str


def _read_workbook(path: Path, archive: ZipFile) -> list[Sheet]:
    names = {name.lower(): name for name in archive.namelist()}
    workbook = next(
        (part.name for part in _related_parts(archive, names, "").values() if part.kind == "officeDocument"), "xl/workbook.xml"
    )
    events = list(start_events(_read_chunks(archive, names[workbook.lower()])))
    parts = _related_parts(archive, names, workbook)
    context = _read_context(archive, names, parts, dict(events))
    sheets = []
    for attributes in (attributes for name, attributes in events if name == "sheet"):
        part = parts.get(attributes.get("id", ""))
        if part and part.kind == "worksheet" and part.name.lower() in names:
            sheets.append(_to_sheet(path, archive, names[part.name.lower()], attributes, context))
    return sheets


def _to_sheet(path: Path, archive: ZipFile, part: str, attributes: Attributes, context: WorkbookContext) -> Sheet:
    # What a sheet says of its own size is believed by the progress bar only.
    dimension = _DIMENSION.search(next(_read_chunks(archive, part), b"")[:_LONGEST_HEAD])
    return Sheet(
        attributes.get("name", part),
        partial(_read_rows, path, part, context),
        partial(_read_merged_ranges, path, part),
        is_hidden=attributes.get("state", "visible") != "visible",
        estimate=min(int(dimension.group(1)) - 1, MAX_ROWS) if dimension else 0,
    )


def _related_parts(archive: ZipFile, names: Mapping[str, str], source: str) -> dict[str, _Part]:
    """Return the parts that a part refers to, by relationship id; of the archive itself where `source` is empty."""
    folder, _, file = source.rpartition("/")
    relationships = names.get(join(folder, "_rels", f"{file}.rels").lower())
    if relationships is None:
        return {}
    return {
        attributes["Id"]: _Part(
            attributes["Type"].rpartition("/")[2], normpath(join("/", folder, attributes["Target"])).lstrip("/")
        )
        for name, attributes in start_events(_read_chunks(archive, relationships))
        if name == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _read_context(
    archive: ZipFile, names: Mapping[str, str], parts: Mapping[str, _Part], workbook: Mapping[str, Attributes]
) -> WorkbookContext:
    by_kind = {part.kind: names[part.name.lower()] for part in parts.values() if part.name.lower() in names}
    is_1904 = workbook.get("workbookPr", {}).get("date1904") in {"1", "true"}
    return WorkbookContext(
        strings=_read_strings(archive, by_kind["sharedStrings"]) if "sharedStrings" in by_kind else (),
        formats=_read_formats(archive, by_kind["styles"]) if "styles" in by_kind else ("General",),
        epoch=EPOCH_1904 if is_1904 else EPOCH_1900,
        recalculates=workbook.get("calcPr", {}).get("fullCalcOnLoad") in {"1", "true"},
    )


def _read_formats(archive: ZipFile, part: str) -> list[str]:
    """Return the number format of each cell style."""
    custom: dict[int, str] = {}
    formats: list[str] = []
    in_styles = False
    for name, attributes in start_events(_read_chunks(archive, part)):
        if name == "numFmt":
            custom[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name == "cellXfs":
            in_styles = True
        elif name in _END_OF_STYLES:
            in_styles = False
        elif name == "xf" and in_styles:
            number = int(attributes.get("numFmtId", 0))
            formats.append(custom.get(number) or BUILT_IN.get(number, "General"))
    return formats or ["General"]


def _read_strings(archive: ZipFile, part: str) -> list[str]:
    """Return the shared strings: the runs of each joined, without its phonetic guides."""
    strings: list[str] = []
    runs: list[str] = []
    open_elements: set[str] = set()

    def start(name: str, _: dict[str, str]) -> None:
        open_elements.add(local_name(name))

    def text(data: str) -> None:
        if "t" in open_elements and "rPh" not in open_elements:
            runs.append(data)

    def end(name: str) -> None:
        name = local_name(name)
        open_elements.discard(name)
        if name == "si":
            strings.append(unescape("".join(runs)))
            runs.clear()
            if len(strings) > MAX_STRINGS:
                raise FileUnreadable("too_many_texts", file=archive.filename, limit=MAX_STRINGS)

    parser = create_parser()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    for chunk in _read_chunks(archive, part):
        parser.Parse(chunk)
    finish(parser)
    return strings


def _read_chunks(archive: ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as file:
        yield from iter(partial(file.read, CHUNK), b"")


def _read_rows(path: Path, part: str, context: WorkbookContext) -> Iterator[SheetRow]:
    with _translate_errors(path), ZipFile(path) as archive:
        yield from parse_rows(_read_chunks(archive, part), context)


def _read_merged_ranges(path: Path, part: str) -> Sequence[MergedRange]:
    """Return the merged ranges, which stand behind the rows: the XML is searched, not parsed."""
    found: list[MergedRange] = []
    tail = b""
    with _translate_errors(path), ZipFile(path) as archive:
        for chunk in _read_chunks(archive, part):
            text = tail + chunk
            end = 0
            for match in _MERGED.finditer(text) if b"mergeCell" in text else ():
                first, first_row, last, last_row = (group.decode() for group in match.groups())
                found.append(MergedRange(int(first_row), int(last_row), column_index(first), column_index(last)))
                end = match.end()
            tail = text[max(end, len(text) - _LONGEST_TAG) :]
            if len(found) > MAX_MERGED_RANGES:
                raise FileUnreadable("too_many_merged_cells", file=path.name, limit=MAX_MERGED_RANGES)
    return found
