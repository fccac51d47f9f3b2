"""JSON lines: one report a line, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import orjson

from services.intake.domain.unicode_repair import repair_unicode
from services.intake.files.readers.cells import Cell
from services.intake.files.readers.sheets import MIB

CHUNK = MIB


def count_lines(path: Path) -> int:
    """Return the number of line ends."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(partial(file.read, CHUNK), b""))


def read_json_lines(path: Path) -> Iterator[tuple[int, bytes, Mapping[str, Cell] | str]]:
    """Yield (line number, line, its members by path), or the code of a finding in place of the members."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(partial(file.readline, MIB + 1), b""), 1):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901
            if line.strip():
                yield number, line, _parse(line)


def _parse(line: bytes) -> Mapping[str, Cell] | str:
    if len(line) > MIB:
        return "too_large"
    try:
        members = _load(line)
    except orjson.JSONDecodeError:
        return "bad_json"
    return _flatten(members) if isinstance(members, dict) else "wrong_type"


def _load(line: bytes) -> object:
    """Parse a line; where it cannot be parsed, once more with cut characters replaced."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return orjson.loads(repair_unicode(line))


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
