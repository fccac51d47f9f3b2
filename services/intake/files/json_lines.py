"""JSON lines: one report a line, in the shape of the contract, or an event with one.

Beside UTF-8 a file may be in UTF-16, as Windows' own shell writes, or a line in GB18030; a comma behind a line is passed over.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import orjson

from services.intake.domain.unicode_repair import repair_unicode
from shared.tables.readers.cells import Cell
from shared.tables.readers.sheets import MIB
from shared.tables.readers.text_encoding import decode_line, is_gb_line

CHUNK = MIB
_UTF_8 = codecs.BOM_UTF8
_BLANKS = b" \t\r\n\x00\x1e"


def count_lines(path: Path) -> int:
    """Return the number of line ends."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(partial(file.read, CHUNK), b""))


def read_json_lines(path: Path) -> Iterator[tuple[int, bytes, Mapping[str, Cell] | str]]:
    """Yield (line number, line, its members by path), or the code of a finding in place of the members."""
    for number, line in enumerate(_read_lines(path), 1):
        text = line.strip(_BLANKS)
        if text:
            yield number, line, _parse(text)


def _read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        mark = file.read(len(_UTF_8))
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with path.open(encoding="utf-16", errors="replace") as text:
            yield from (line.encode("utf-8", "replace") for line in iter(partial(text.readline, MIB + 1), ""))
        return
    with path.open("rb") as file:
        file.seek(len(_UTF_8) if mark == _UTF_8 else 0)
        yield from iter(partial(file.readline, MIB + 1), b"")


def _parse(line: bytes) -> Mapping[str, Cell] | str:
    if len(line) > MIB:
        return "too_large"
    try:
        members = _load(line.removesuffix(b","))
    except orjson.JSONDecodeError:
        return "bad_json"
    if isinstance(members, dict) and "specversion" in members and isinstance(members.get("data"), dict):
        members = members["data"]
    return _flatten(members) if isinstance(members, dict) else "wrong_type"


def _load(line: bytes) -> object:
    """Parse a line; where it cannot be parsed, once more with cut characters replaced."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return orjson.loads(decode_line(line).encode() if is_gb_line(line) else repair_unicode(line))


def _flatten(members: Mapping[str, object]) -> dict[str, Cell]:
    """Return the members by name, those of an object within under `name.member`."""
    cells: dict[str, Cell] = {}
    for name, value in members.items():
        if isinstance(value, dict):
            cells |= {f"{name}.{member}": _to_cell(part) for member, part in value.items()}
        else:
            cells[name] = _to_cell(value)
    return cells


def _to_cell(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else orjson.dumps(value).decode()
