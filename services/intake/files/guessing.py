"""A first draft of a mapping from a file's headings and values, with what is not sure about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import yaml

from services.intake.domain.operators import parse_uscc
from services.intake.files.mapping import REQUIRED, SourceMapping, Target
from services.intake.files.target_words import INTEGERS, allowed_words
from services.intake.files.vocabulary import Vocabulary, load_vocabulary
from shared.tables.dates import parse_datetime
from shared.tables.headings import SEARCHED_ROWS, KnownHeadings, find_heading, normalize_heading
from shared.tables.nearest import ALIKE, find_nearest
from shared.tables.readers.cells import Cell, SheetRow, is_blank
from shared.tables.readers.file_kind import FileKind, detect_kind
from shared.tables.readers.opening import read_sheets
from shared.tables.readers.sheets import FileUnreadable

SAMPLED_ROWS = 500
MAX_WORDS = 20
"""Different words of a column, above which it is no closed list."""

_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
_MOST = 0.8
_LEAST_HEADINGS = 3
PASSED_OVER = ("咨询", "建议", "求助", "表扬")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to decide before the draft is used, in both languages."""

    zh: str
    en: str


@dataclass(slots=True)
class Draft:
    """A drafted mapping. `fits`: a mapping that ships and has every required column in the file, the one that knows most."""

    headings: Sequence[str]
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Target]] = field(default_factory=dict)
    pass_over: dict[str, list[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    day_numbers: bool = False
    unnamed_operator: bool = False
    fits: str | None = None
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, zh: str, en: str) -> None:
        """Add something to decide."""
        self.doubts.append(Doubt(zh, en))

    def to_mapping(self) -> dict[str, object]:
        """Return the draft as the content of a mapping file."""
        parts = {
            "day_numbers": self.day_numbers, "columns": self.columns, "values": self.values, "pass_over": self.pass_over,
            "constants": self.constants, "unnamed_operator": self.unnamed_operator,
        }  # fmt: skip
        return {name: part for name, part in parts.items() if part} | {"revisions": {"by": "file_date"}}


def to_yaml(name: str, draft: Draft) -> str:
    """Return the draft as a mapping file, with what is to be decided above it."""
    lines = [f"# {name}"]
    if draft.fits:
        lines += [
            f"# 随附的对应表“{draft.fits}”可以直接用。",
            f"# The mapping {draft.fits}, which ships, has every column it needs here.",
        ]
    for doubt in draft.doubts:
        lines += [f"# ? {doubt.zh}", f"# ? {doubt.en}"]
    comments = "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines)
    return f"{comments}\n{yaml.safe_dump(draft.to_mapping(), allow_unicode=True, sort_keys=False, width=1000)}"


def guess_mapping(path: Path) -> Draft:
    """Return a draft of the mapping for a file. Raises `FileUnreadable` for what is no table."""
    kind = detect_kind(path)
    if kind is FileKind.JSON_LINES:
        raise FileUnreadable("not_a_table", file=path.name)
    vocabulary = load_vocabulary()
    headings, rows = _read_sample(path, kind, KnownHeadings(vocabulary.fields.keys()))
    cells = {name: [row.cells[at] for row in rows if at < len(row.cells)] for at, name in enumerate(headings) if name}
    draft = Draft([name for name in headings if name])
    draft.fits = _find_fitting(vocabulary.mappings, draft.headings)
    _assign_by_heading(draft, vocabulary.fields)
    _assign_by_values(draft, cells)
    _translate_words(draft, cells, vocabulary)
    _complete(draft, cells)
    return draft


def _read_sample(path: Path, kind: FileKind, known: KnownHeadings) -> tuple[Sequence[str], list[SheetRow]]:
    """Return the headings as the file writes them, and the first rows below, of the sheet with the most known headings."""
    best: tuple[int, Sequence[str], list[SheetRow]] | None = None
    for sheet in read_sheets(path, kind, known.count):
        if sheet.is_hidden:
            continue
        rows = list(islice((row for row in sheet.read_rows() if not row.is_empty()), SEARCHED_ROWS + SAMPLED_ROWS))
        # Row by row: headings in two rows are not guessed, since a row of data below one could be taken for the second.
        found = [each for row in rows[:SEARCHED_ROWS] if (each := find_heading([row], (), known))]
        best_row = max(found, key=lambda each: each.known, default=None)
        number, score = (best_row.last_row, best_row.known) if best_row else (_first_heading_row(rows), 0)
        top = next((row for row in rows if row.number == number), None)
        if top is not None and (best is None or score > best[0]):
            names = [str(cell).strip() if isinstance(cell, str) else "" for cell in top.cells]
            best = (score, names, [row for row in rows if row.number > number and not row.fault])
    if best is None:
        raise FileUnreadable("no_rows", file=path.name, notes="it has no row that could be headings")
    return best[1], best[2]


def _first_heading_row(rows: Sequence[SheetRow]) -> int:
    texts = ((row.number, sum(isinstance(cell, str) and not is_blank(cell) for cell in row.cells)) for row in rows)
    return next((number for number, count in texts if count >= _LEAST_HEADINGS), 0)


def _find_fitting(mappings: Mapping[str, SourceMapping], headings: Sequence[str]) -> str | None:
    plain = {normalize_heading(heading) for heading in headings}

    def known(mapping: SourceMapping) -> list[str]:
        return [heading for heading in mapping.headings() if normalize_heading(heading) in plain]

    fitting = {name: known(mapping) for name, mapping in mappings.items() if not mapping.missing_headings(known(mapping))}
    return max(fitting, key=lambda name: len(fitting[name]), default=None)


def _assign_by_heading(draft: Draft, fields: Mapping[str, str]) -> None:
    """Assign the headings that are known; after them those that resemble a known one, which are doubts."""
    for heading in draft.headings:
        known = fields.get(normalize_heading(heading))
        if known and known not in draft.columns:
            draft.columns[known] = heading
        elif known:
            draft.doubt(
                f"“{heading}”和“{draft.columns[known]}”都像是{known}，取了后者",
                f"{heading} and {draft.columns[known]} both look like {known}; the latter was taken",
            )
    for heading in draft.headings:
        if heading in draft.columns.values() or normalize_heading(heading) in fields:
            continue
        similar = find_nearest(normalize_heading(heading), fields, ALIKE)
        if similar and fields[similar] not in draft.columns:
            draft.columns[fields[similar]] = heading
            draft.doubt(
                f"“{heading}”像“{similar}”，取作{fields[similar]}", f"{heading} was taken as {fields[similar]}, like {similar}"
            )


def _assign_by_values(draft: Draft, cells: Mapping[str, Sequence[Cell]]) -> None:
    """Assign columns that no heading tells by what stands in them."""
    tests = {
        "operator.uscc": lambda text: parse_uscc(text) is not None,
        "complainant.phone": lambda text: _PHONE.fullmatch(text) is not None,
        "received_at": lambda text: parse_datetime(text) is not None,
    }
    for name, fits in tests.items():
        for heading in draft.headings:
            texts = _texts(cells[heading])
            is_free = heading not in draft.columns.values() and name not in draft.columns
            if is_free and texts and sum(map(fits, texts)) >= _MOST * len(texts):
                draft.columns[name] = heading
                draft.doubt(f"“{heading}”按内容取作{name}", f"{heading} was taken as {name} by what stands in it")


def _translate_words(draft: Draft, cells: Mapping[str, Sequence[Cell]], vocabulary: Vocabulary) -> None:
    """Translate the words of closed lists; those that nobody knows are doubts, with their number of rows only where many."""
    for name, heading in draft.columns.items():
        allowed = allowed_words(name)
        if allowed is None and name not in INTEGERS - {"revision"}:
            continue
        words, texts = vocabulary.values.get(name, {}), _texts(cells[heading])
        found = sorted(set(texts) - (allowed or frozenset()))
        draft.values[name] = {word: words[word] for word in found if word in words}
        unknown = [word for word in found if word not in words]
        if name == "kind":
            draft.pass_over = {heading: over} if (over := [word for word in unknown if word.startswith(PASSED_OVER)]) else {}
            unknown = [word for word in unknown if not word.startswith(PASSED_OVER)]
        if len(unknown) > MAX_WORDS:
            draft.doubt(f"“{heading}”有{len(unknown)}种不认识的值", f"{heading} has {len(unknown)} unknown words")
        elif unknown:
            listed = ", ".join(unknown)
            draft.doubt(f"“{heading}”（{name}）的值不认识：{listed}", f"{heading} ({name}) has unknown words: {listed}")
    draft.values = {name: words for name, words in draft.values.items() if words}


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [f"{cell:g}" if isinstance(cell, float) else str(cell).strip() for cell in cells if not is_blank(cell)]


def _complete(draft: Draft, cells: Mapping[str, Sequence[Cell]]) -> None:
    """Give required fields without a column what can be supposed, each with a doubt."""
    supposed = {"channel": "other", "kind": "complaint", "status": "received"}
    for name in (*REQUIRED, "title"):
        if name in draft.columns or (name == "title" and "text" in draft.columns):
            continue
        if name in supposed:
            draft.constants[name] = supposed[name]
            draft.doubt(
                f"没有{name}列，先都当作{supposed[name]}", f"no column holds {name}: {supposed[name]} is supposed for all"
            )
        elif name == "operator.name":
            draft.unnamed_operator = True
            draft.doubt("没有经营者名称列，每件由登记员确定", "no column names the operator: a clerk assigns each")
        else:
            draft.doubt(f"没有找到{name}列，须补上", f"no column was found for {name}, which is required")
    moments = cells.get(draft.columns.get("received_at", ""), ())
    draft.day_numbers = any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in moments)
    used = set(draft.columns.values())
    if unused := [heading for heading in draft.headings if heading not in used]:
        draft.doubt(f"未用的列：{'、'.join(unused)}", f"columns that are not used: {', '.join(unused)}")
