"""Number formats of spreadsheets (ECMA-376 part 1, 18.8.30): which are dates, and what an integer looks like under one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite

from shared.tables.readers.cells import Cell, Number

# Formats that files refer to by number only; 27 to 36 and 50 to 58 are the dates of Chinese Excel.
BUILT_IN: Mapping[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??",
    14: "yyyy-m-d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-m-d h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-m-d"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}  # fmt: skip

EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001  # a serial number has no time zone
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
MIN_SERIAL, MAX_SERIAL = 1, 2_958_466
DAY_S = 86_400

_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\[\]]*\]')
_TOKENS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\[\]]*\]|(.)')
_DATE_LETTERS = re.compile(r"[ymdhs]|a{3}|上午|下午", re.IGNORECASE)
_DECIMALS = re.compile(r"[^0#?.,%E/]{0,8}[#,]*[0#?]+\.(0{2,6})[^0#?.,%E/]{0,8}")
# Unquoted, each of these makes a format one of decimals, thousands, percentages, exponents, fractions or text.
_OTHER_THAN_INTEGER = frozenset(".,%Ee/@G")
_PLACES = frozenset("0#?")


@lru_cache(maxsize=1_024)
def is_date_format(code: str) -> bool:
    """Return whether numbers under this format are moments or times of day."""
    positive = _LITERALS.sub("", code.split(";", 1)[0])
    if "General" in positive or "G/通用格式" in positive or "@" in positive:
        return False
    return _DATE_LETTERS.search(positive) is not None


def to_cell(value: float, code: str, epoch: datetime) -> Cell:
    """Convert a number of a sheet to a cell: a moment, a number with another look, or the number itself."""
    if is_date_format(code):
        return serial_to_datetime(value, epoch)
    shown = show_integer(value, code)
    return round_as_shown(value, code) if shown is None else Number(value, shown)


def round_as_shown(value: float, code: str) -> float:
    """Return a number rounded to the places that a format shows, where these are cents or less: 12.3449 under `0.00` is 12.34.

    Under fewer places it is the whole value that was meant.
    """
    places = _decimal_places(code) if isfinite(value) and not float(value).is_integer() else None
    if places is None:
        return value
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


@lru_cache(maxsize=1_024)
def _decimal_places(code: str) -> int | None:
    """Return how many places, at least two, a format of plain decimals shows; None of any other format."""
    match = _DECIMALS.fullmatch(_LITERALS.sub("", code.split(";", 1)[0]).strip())
    return len(match[1]) if match else None


def serial_to_datetime(serial: float, epoch: datetime) -> Cell:
    """Return the moment of a serial day number, to the second; a number that is no moment stays one."""
    if not MIN_SERIAL <= serial < MAX_SERIAL:
        return serial
    # Excel counts 29 February 1900, which never was; before it a day is one later.
    days = serial + 1 if epoch is EPOCH_1900 and serial < 60 else serial  # noqa: PLR2004
    return epoch + timedelta(seconds=round(days * DAY_S))


def show_integer(value: float, code: str) -> str | None:
    """Return how an integer is shown where that is not just its digits: with leading zeros or words around it.

    None for every other number or format: thousands separators, decimals, percentages and exponents change no digit.
    """
    tokens = _integer_tokens(code)
    if tokens is None or value < 0 or not float(value).is_integer():
        return None
    shown = _fill(tokens, str(int(value)))
    return None if shown == str(int(value)) else shown


@lru_cache(maxsize=1_024)
def _integer_tokens(code: str) -> tuple[tuple[str, bool], ...] | None:
    """Return the texts and digit places of a format that shows an integer with other characters than its digits, else None."""
    found = [match.groups() for match in _TOKENS.finditer(code.split(";", 1)[0])]
    tokens = tuple(
        (quoted or escaped or char, char is not None and char in _PLACES)
        for quoted, escaped, char in found
        if quoted or escaped or char
    )
    bare = {char for _, _, char in found if char}
    zeros = sum(is_place and char == "0" for char, is_place in tokens)
    has_text = any(not is_place for _, is_place in tokens)
    if bare & _OTHER_THAN_INTEGER or not bare & _PLACES or not (zeros > 1 or has_text):
        return None
    return tokens


def _fill(tokens: Sequence[tuple[str, bool]], digits: str) -> str:
    """Put digits into the places from the right: `0` shows a zero where there is no digit, `#` and `?` nothing."""
    remaining = list(digits)
    first = next(index for index, (_, is_place) in enumerate(tokens) if is_place)
    shown: list[str] = []
    for index in range(len(tokens) - 1, -1, -1):
        text, is_place = tokens[index]
        if not is_place:
            shown.append(text)
            continue
        if remaining:
            shown.append(remaining.pop())
        elif text == "0":
            shown.append("0")
        if index == first:
            shown.append("".join(remaining))
    return "".join(reversed(shown))
