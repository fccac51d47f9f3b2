"""Cells as texts: what exporters put around values so that Excel leaves them alone, and numbers that have lost digits."""

from __future__ import annotations

import re
from datetime import datetime

from shared.tables.readers.cells import Cell, Number
from shared.tables.readers.private_use import standardize
from shared.text import undo_entities

# Excel keeps fifteen digits of a number; the rest of a longer one is lost.
EXACT_LIMIT = 10**15

_FORMULA_GUARD = re.compile(r'=\s*(?:T\s*\(\s*)?"((?:[^"]|"")*)"\s*\)?')
_FORMULA = re.compile(r"=\s*[-+(A-Za-z0-9$]")
_ERROR = re.compile(r"#(?:N/A|VALUE!|REF!|DIV/0!|NUM!|NAME\?|NULL!|SPILL!|CALC!|GETTING_DATA)|#{3,}")
_EXPONENT = re.compile(r"[-+]?[0-9](?:\.[0-9]+)?E[-+]?[0-9]{2,3}", re.IGNORECASE)
_INJECTION_GUARD = re.compile(r"['‘`](?=[=+\-@\t])")
_INVISIBLE = "\x00\ufeff\u200b\u200c\u200d\u2060\u200e\u200f"
# Texts out of an editor of a web page keep its tags.
_BREAK = re.compile(r"<br\b[^<>]{0,50}>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|div|span|b|i|u|em|strong|font|a|img|ul|ol|li|table|tbody|tr|td|th|h[1-6]|section|o:p)(?:\s[^<>]{0,500})?/?>"
    r"|<!\[CDATA\[|\]\]>",
    re.IGNORECASE,
)
_GUARDS = "'‘’`"
# A text that begins otherwise, and is no number with an exponent, is what it is.
_SUSPICIOUS = frozenset("=#+-'‘’`")


class CellError(ValueError):
    """A cell does not fit its field; the argument is the code of the finding."""


def to_text(cell: Cell, *, is_prose: bool) -> str:
    """Return a cell as text, without the guards of exporters. Raises `CellError`.

    In prose a quotation mark at the front may be meant; only one that guards against a formula goes.
    """
    if isinstance(cell, str):
        return _clean(cell, is_prose=is_prose)
    if isinstance(cell, Number):
        _check_digits(cell.value)
        return cell.shown
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return to_digits(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def to_digits(number: float) -> str:
    """Return a number in digits. Raises `CellError` where it has more of them than a spreadsheet keeps."""
    _check_digits(number)
    if float(number).is_integer():
        return str(int(number))
    return f"{round(number, 6):f}".rstrip("0").rstrip(".")


def _check_digits(number: float) -> None:
    if isinstance(number, float) and not abs(number) < EXACT_LIMIT:
        raise CellError("lost_digits")


def _clean(text: str, *, is_prose: bool) -> str:
    plain = text.strip().strip(_INVISIBLE).strip()
    if "&" in plain:
        plain = undo_entities(plain).replace("\xa0", " ").strip()
    if "<" in plain and ">" in plain:
        plain = _TAG.sub("", _BREAK.sub("\n", plain)).strip()
    if not plain.isascii():
        plain = standardize(plain)
    if plain[:1] not in _SUSPICIOUS and not _EXPONENT.fullmatch(plain):
        return plain
    guarded = _FORMULA_GUARD.fullmatch(plain)
    if guarded:
        plain = guarded.group(1).replace('""', '"').strip()
    if _ERROR.fullmatch(plain):
        raise CellError("cell_error")
    if is_prose:
        return _INJECTION_GUARD.sub("", plain, count=1) if _INJECTION_GUARD.match(plain) else plain
    plain = plain.strip(_GUARDS).strip() if plain[:1] in _GUARDS else plain
    if _EXPONENT.fullmatch(plain):
        raise CellError("lost_digits")
    if not guarded and _FORMULA.match(plain):
        raise CellError("not_calculated")
    return plain
