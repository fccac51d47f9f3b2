"""Items from a table: which heading holds which field of a kind, and each row as the texts of its fields.

Without a mapping the headings are the labels of the form's fields, and the words of choices those of its lists; a file in
another shape comes with a mapping in YAML.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from services.publisher.domain.submitted import REGION, ItemFault
from services.publisher.kinds import Field, Kind
from services.publisher.kinds.fields import Day, MyriadYuan, Prose
from shared.reference import regions
from shared.tables.dates import parse_datetime
from shared.tables.headings import SEARCHED_ROWS, KnownHeadings, find_heading
from shared.tables.nearest import suggestion
from shared.tables.readers.cells import Cell, CellFault, Number, SheetRow, is_blank
from shared.tables.readers.faults import FileRefused
from shared.tables.readers.file_kind import detect_kind
from shared.tables.readers.opening import read_sheets
from shared.tables.readers.sheets import FileUnreadable, Sheet
from shared.tables.texts import CellError, to_text
from shared.web.i18n import Text, _

YUAN_OF_UNIT = 10_000
REGION_HEADINGS = ("地区", "地区代码", REGION)
CELL_FAULTS: Mapping[str, Text] = {
    "cell_error": _("单元格是公式错误"),
    "not_calculated": _("公式没有计算结果，请打开保存一次"),
    "bad_encoding": _("文字编码有误"),
    "lost_digits": _("数字丢了位数，请把该列设为文本"),
    "bad_date": _("读不出的日期"),
}


class ItemMapping(BaseModel):
    """How to read a table of items: `columns` by field; `values`: what a word of the file means; `constants` of every row.

    `yuan`: fields that the form has in 10,000 yuan and the file in yuan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = {}
    constants: Mapping[str, str] = {}
    yuan: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path, kind: Kind) -> ItemMapping:
        """Return the mapping of a file for a kind. Raises `FileRefused` with what to mend."""
        try:
            mapping = cls.model_validate(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise FileRefused("bad_mapping", file=path.name, findings=str(error)) from error
        except ValidationError as error:
            findings = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise FileRefused("bad_mapping", file=path.name, findings=findings) from error
        faults = list(mapping.faults(kind))
        if faults:
            raise FileRefused("bad_mapping", file=path.name, findings="; ".join(faults))
        return mapping

    def faults(self, kind: Kind) -> Iterator[str]:
        """Yield what does not fit a kind, in words."""
        fields = {each.name: each for each in kind.typed_fields()}
        known = [*fields, REGION]
        for name in dict.fromkeys((*self.columns, *self.values, *self.constants)):
            if name not in known:
                yield f"{kind.name} has no field {name}{suggestion(name, known)}"
        for name in sorted(self.yuan):
            if not isinstance(fields.get(name), MyriadYuan):
                yield f"{name} is no amount in 10,000 yuan"
        for each in fields.values():
            if kind.is_required(each) and each.name not in self.columns and each.name not in self.constants:
                yield f"{each.name} is required: name its column, or a constant"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a file: its number as a spreadsheet program shows it, its sheet, the texts of its fields, what is no text."""

    number: int
    sheet: str
    values: Mapping[str, str]
    faults: tuple[ItemFault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """A field and how its cells are read."""

    field: str
    declared: Field | None
    words: Mapping[str, str]
    is_yuan: bool

    def read(self, cell: Cell) -> str:
        """Return the text of a cell. Raises `CellError`."""
        if isinstance(cell, CellFault):
            raise CellError(cell.code)
        text = self._day(cell) if isinstance(self.declared, Day) else self._text(cell)
        return self.words.get(text, text)

    def _text(self, cell: Cell) -> str:
        text = to_text(cell, is_prose=isinstance(self.declared, Prose))
        if self.is_yuan:
            try:
                return f"{Decimal(text.replace(',', '')) / YUAN_OF_UNIT:f}" if text else ""
            except InvalidOperation:
                return text
        return text

    @staticmethod
    def _day(cell: Cell) -> str:
        if isinstance(cell, datetime):
            return cell.date().isoformat()
        if isinstance(cell, date):
            return cell.isoformat()
        if isinstance(cell, int | float | Number) and not isinstance(cell, bool):
            compact = parse_datetime(to_text(cell, is_prose=False))
            if compact is None:
                raise CellError("bad_date")
            return compact.date().isoformat()
        text = to_text(cell, is_prose=False)
        moment = parse_datetime(text) if text else None
        return moment.date().isoformat() if moment else text


def read_rows(path: Path, kind: Kind, mapping: ItemMapping | None = None, limit: int | None = None) -> Iterator[FileRow]:
    """Yield the rows of a file's sheets that have the headings of a kind, of a mapping where there is one.

    Raises `FileRefused` for a file that is none, and where a required column is missing.
    """
    headings = _headings(kind, mapping)
    known = KnownHeadings(list(headings))
    rows = _rows(path, kind, mapping, headings, known)
    return rows if limit is None else islice(rows, limit)


def _rows(
    path: Path, kind: Kind, mapping: ItemMapping | None, headings: Mapping[str, str], known: KnownHeadings
) -> Iterator[FileRow]:
    columns, first, found = _columns(kind, mapping), "", False
    for sheet in read_sheets(path, detect_kind(path), known.count):
        top = list(islice((row for row in sheet.read_rows() if not row.is_empty()), SEARCHED_ROWS))
        heading = find_heading(top, sheet.read_merged_ranges(), known)
        first = first or ", ".join(str(cell) for cell in top[0].cells if not is_blank(cell)) if top else first
        if heading is None:
            continue
        by_place = {place: headings[name] for place, name in enumerate(heading.names) if name in headings}
        if _missing(kind, mapping, by_place.values()):
            continue
        found = True
        for row in sheet.read_rows():
            if row.number > heading.last_row and not row.is_empty() and not _repeats(row, heading.texts):
                yield _read(row, sheet, by_place, columns, mapping.constants if mapping else {})
    if not found:
        raise FileUnreadable("no_headings", missing="、".join(_missing(kind, mapping, ())), first=first or "-")


def _headings(kind: Kind, mapping: ItemMapping | None) -> dict[str, str]:
    """Return which field each heading stands for."""
    if mapping is not None:
        return {heading: field for field, heading in mapping.columns.items()}
    named = dict.fromkeys(REGION_HEADINGS, REGION)
    for each in kind.typed_fields():
        unit = ("（万元）",) if isinstance(each, MyriadYuan) else ()
        named |= dict.fromkeys((str(each.label), each.name, *(f"{each.label}{one}" for one in unit)), each.name)
    return named


def _columns(kind: Kind, mapping: ItemMapping | None) -> dict[str, _Column]:
    declared = {each.name: each for each in kind.typed_fields()}
    names = {region.zh: code for code, region in regions().items()}
    values = mapping.values if mapping else {}
    return {
        name: _Column(
            name,
            declared.get(name),
            {**({} if name in declared else names), **values.get(name, {})},
            mapping is not None and name in mapping.yuan,
        )
        for name in (*declared, REGION)
    }


def _missing(kind: Kind, mapping: ItemMapping | None, found: Collection[str]) -> list[str]:
    """Return the headings of required fields that are not among the fields found."""
    constants = mapping.constants if mapping else {}
    wanted = [each for each in kind.typed_fields() if kind.is_required(each) and each.name not in constants]
    return [mapping.columns[each.name] if mapping else str(each.label) for each in wanted if each.name not in set(found)]


def _repeats(row: SheetRow, headings: frozenset[str]) -> bool:
    """Return whether a row only repeats the headings, as lists do that were put together."""
    filled = [cell for cell in row.cells if not is_blank(cell)]
    return all(isinstance(cell, str) and cell in headings for cell in filled)


def _read(
    row: SheetRow,
    sheet: Sheet,
    by_place: Mapping[int, str],
    columns: Mapping[str, _Column],
    constants: Mapping[str, str],
) -> FileRow:
    values, faults = dict(constants), list[ItemFault]()
    if row.fault:
        return FileRow(row.number, sheet.name, {}, (ItemFault("", row.fault, _("读不出这一行")),))
    for place, field in by_place.items():
        cell = row.cells[place] if place < len(row.cells) else None
        if is_blank(cell):
            continue
        try:
            values[field] = columns[field].read(cell)
        except CellError as error:
            code = str(error)
            faults.append(ItemFault(field, code, CELL_FAULTS.get(code, _("读不出这个单元格"))))
    return FileRow(row.number, sheet.name, values, tuple(faults))


def headings_of(kind: Kind) -> Sequence[str]:
    """Return the headings of an empty table for a kind."""
    return [*(str(each.label) for each in kind.typed_fields()), REGION_HEADINGS[0]]
