"""Fields of a report from the cells of a row: how each is read is settled once for a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from services.intake.files.mapping import SourceMapping
from services.intake.files.mapping_rules import AnyOf, Joined
from services.intake.files.target_words import BOOLEANS, INTEGERS, MONEY
from shared.tables.amounts import parse_amount
from shared.tables.dates import parse_datetime
from shared.tables.headings import normalize_heading
from shared.tables.readers.cells import Cell, CellFault, Number, is_blank
from shared.tables.readers.number_formats import EPOCH_1900, serial_to_datetime
from shared.tables.readers.text_encoding import is_damaged, is_misread
from shared.tables.texts import CellError, to_text

MOMENTS = frozenset({"received_at", "accepted_at", "due_at", "closed_at"})
CODES = frozenset({"region", "industry", "category"})
"""Fields with a code of a reference table, which may hold any other word, too: it is counted as unmapped."""

PROSE = frozenset({"title", "text", "goods", "goods_class", "demand", "operator.scope"})

NO_DAY = "0000-00-00"
"""What MySQL writes for no date."""

HIDDEN = "*＊"
"""What systems show in place of a value that the reader may not see."""

MAX_INTEGER_DIGITS = 18
"""Digits of an integer of 64 bits."""

_TRUE = frozenset(
    {"true", "yes", "y", "t", "1", "1.0", "是", "有", "同意", "愿意", "公开", "同意公开", "同意公示", "√", "✓", "✔", "☑"}
)
_FALSE = frozenset(
    {"false", "no", "n", "f", "0", "0.0", "否", "不同意", "不愿意", "不公开", "不同意公开", "不同意公示", "×", "✗", "☐"}
)

_DAY_NUMBER = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")

_LOST = re.compile(r"[\u4e00-\u9fff]\?+[\u4e00-\u9fff]|\?{2}")

_NOTHING: tuple[Cell, ...] = (None, "")

FieldReader = Callable[[Mapping[str, Cell]], object]


def field_reader(field: str, mapping: SourceMapping) -> FieldReader:
    """Return the function that reads a field of a row; it returns None for an empty one and raises `CellError`."""
    if field in mapping.constants:
        constant = mapping.constants[field]
        return lambda _: constant
    headings, default, column = mapping.headings_of(field), mapping.defaults.get(field), mapping.columns.get(field)
    if field == "external_id" and isinstance(column, Joined):
        return _key_reader(column, mapping)
    takes_one = isinstance(column, AnyOf)
    convert = _moment_converter(mapping) if field in MOMENTS else _text_converter(field, mapping)

    def read(cells: Mapping[str, Cell]) -> object:
        if len(headings) == 1 and cells.get(headings[0]) in _NOTHING:
            return default
        filled: list[Cell] = [cell for heading in headings if not is_blank(cell := cells.get(heading))]
        for cell in filled:
            if isinstance(cell, CellFault):
                raise CellError(cell.code)
        return convert(filled[:1] if takes_one else filled, default) if filled else default

    return read


def _key_reader(column: Joined, mapping: SourceMapping) -> FieldReader:
    """Return the function that reads a key of several columns, all of which have to be filled.

    A moment in it is written in one way, whatever the file does: the key must not change with the format of a cell.
    """
    moments = frozenset(mapping.headings_of("received_at"))

    def read_part(heading: str, cell: Cell) -> str:
        if isinstance(cell, CellFault):
            raise CellError(cell.code)
        if heading in moments:
            moment = parse_moment(cell, mapping)
            return f"{moment:%Y-%m-%dT%H:%M:%S}" if moment else ""
        return to_text(cell, is_prose=False)

    def read(cells: Mapping[str, Cell]) -> object:
        parts = [read_part(heading, cells.get(heading)) for heading in column.joined]
        return column.by.join(parts) if all(parts) else None

    return read


Converter = Callable[[list[Cell], object], object]


def _moment_converter(mapping: SourceMapping) -> Converter:
    zone = mapping.zone

    def convert(cells: list[Cell], default: object) -> object:
        moment = _to_datetime(cells[0], mapping)
        if moment is None:
            return default
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()

    return convert


def _text_converter(field: str, mapping: SourceMapping) -> Converter:
    is_prose, is_number = field in PROSE, field in MONEY | INTEGERS
    empty_words = frozenset() if is_prose else mapping.empty_words
    parse, part = _parser_of(field, mapping), mapping.parts.get(field)
    column = mapping.columns.get(field)
    between = column.by if isinstance(column, Joined) else mapping.joined_by

    def convert(cells: list[Cell], default: object) -> object:
        texts = [to_text(_unformat(cell) if is_number else cell, is_prose=is_prose) for cell in cells]
        text = texts[0] if len(texts) == 1 else between.join(filter(None, texts))
        if not text or text in empty_words or (not is_prose and not text.strip(HIDDEN)):
            return default
        return parse(part.take(text) if part else text)

    return convert


def _unformat(cell: Cell) -> Cell:
    return cell.value if isinstance(cell, Number) else cell


def _parser_of(field: str, mapping: SourceMapping) -> Callable[[str], object]:
    """Return what turns the text of a field into its value."""
    if field in mapping.values or field in mapping.prefixes or field in mapping.otherwise:
        return _translator(field, mapping)
    if field in MONEY:
        return partial(_parse_money, factor=mapping.factors.get(field, Decimal(1)))
    if field in INTEGERS:
        return _parse_integer
    if field in BOOLEANS:
        return _parse_boolean
    return _check_name if field == "operator.name" else _check_characters


def _check_characters(text: str) -> str:
    if not text.isascii() and (is_damaged(text) or is_misread(text)):
        raise CellError("bad_encoding")
    return text


def _check_name(text: str) -> str:
    """Return a name. Question marks within one stand for characters that a program could not write."""
    if "?" in text and _LOST.search(text):
        raise CellError("bad_encoding")
    return _check_characters(text)


def _translator(field: str, mapping: SourceMapping) -> Callable[[str], object]:
    words = mapping.values.get(field, {})
    prefixes = sorted(mapping.prefixes.get(field, {}).items(), key=lambda pair: -len(pair[0]))
    targets = frozenset(words.values())
    plain_words = {normalize_heading(word): target for word, target in words.items()}

    def translate(text: str) -> object:
        if text in words:
            return words[text]
        if (plain := normalize_heading(text)) in plain_words:
            return plain_words[plain]
        for prefix, target in prefixes:
            if text.startswith(prefix):
                return target
        if field in mapping.otherwise:
            return mapping.otherwise[field]
        if text in targets or field in CODES:
            return text
        raise CellError("unknown_value")

    return translate


def _parse_money(text: str, factor: Decimal) -> str:
    amount = parse_amount(text, factor)
    if amount is None:
        raise CellError("not_decimal")
    return amount


def _parse_integer(text: str) -> int:
    whole, _, zeros = text.partition(".")
    if not whole.removeprefix("-").isdecimal() or len(whole) > MAX_INTEGER_DIGITS or zeros.strip("0"):
        raise CellError("wrong_type")
    return int(whole)


def _parse_boolean(text: str) -> bool:
    lower = text.lower()
    if lower not in _TRUE | _FALSE:
        raise CellError("unknown_value")
    return lower in _TRUE


def parse_moment(cell: Cell, mapping: SourceMapping) -> datetime | None:
    """Return the moment that a cell names, with a time zone; None where it is empty. Raises `CellError`."""
    moment = _to_datetime(cell, mapping)
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=mapping.zone)


def _to_datetime(cell: Cell, mapping: SourceMapping) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool | time | timedelta):
        raise CellError("bad_date")
    text = to_text(cell, is_prose=False)
    if not text or text in mapping.empty_words or text.startswith(NO_DAY):
        return None
    day = _day_number(cell)
    if mapping.day_numbers and day is not None:
        return day
    moment = _parse_with_formats(text, mapping.date_formats) or parse_datetime(text)
    if moment is None:
        raise CellError("bad_date" if day is None else "day_number")
    return moment


def _day_number(cell: Cell) -> datetime | None:
    """Return the moment of a day number in a sheet or in a text, as Excel saves such a column; None of anything else."""
    if isinstance(cell, str) and not _DAY_NUMBER.fullmatch(cell.strip()):
        return None
    number = float(cell) if isinstance(cell, str) else cell
    moment = serial_to_datetime(number, EPOCH_1900) if isinstance(number, int | float) else None
    return moment if isinstance(moment, datetime) else None


def _parse_with_formats(text: str, forms: tuple[str, ...]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the mapping's
        except ValueError:
            continue
    return None
