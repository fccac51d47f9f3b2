"""Trees of subjects: which stored subjects a code stands for, and which ones lie directly below it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from shared.reference import categories, industries


class CountedKind(StrEnum):
    """What complaints are counted by. The figures of those from `OFFICE` on are answered, and not said in the topic."""

    ALL = "all"
    OPERATOR = "operator"
    REGION = "region"
    INDUSTRY = "industry"
    CATEGORY = "category"
    CHANNEL = "channel"
    OFFICE = "office"
    SITE = "site"
    PLATFORM = "platform"
    SALE_MODE = "sale_mode"


# All regions: provinces, and whatever lies in none.
NATION = "000000"
_REGION = re.compile(r"[0-9]{6}([0-9]{3})?([0-9]{3})?")
# How many digits of a region's code say where it lies, level by level.
_REGION_DIGITS = (0, 2, 4, 6, 9, 12)
# An industry is a letter, then one digit more at each level: section, division, group, class (GB/T 4754).
_INDUSTRY_LENGTHS = (1, 3, 4, 5)


def stored_subjects(kind: CountedKind, code: str) -> tuple[CountedKind, tuple[str, ...]]:
    """Return the kind and the subjects whose sums make up a code: regions are stored level by level, other trees as leaves."""
    match kind:
        case CountedKind.REGION if code == NATION:
            return CountedKind.ALL, ("",)
        case CountedKind.INDUSTRY:
            return kind, tuple(dict.fromkeys((code, *(each for each in industries() if each.startswith(code)))))
        case CountedKind.CATEGORY:
            return kind, tuple(dict.fromkeys((code, *(each for each in categories() if each.startswith(f"{code}.")))))
        case _:
            return kind, (code,)


def is_tree_code(kind: CountedKind, code: str) -> bool:
    """Return whether the tables know a code or something below it."""
    table: Mapping[str, object] = industries() if kind is CountedKind.INDUSTRY else categories()
    return any(each.startswith(code) for each in table)


def parts_of(kind: CountedKind, code: str, stored: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the codes one level below `code` with the stored subjects that make up each of them."""
    match kind:
        case CountedKind.REGION:
            return {each: (each,) for each in stored if _region_parent(each) == code}
        case CountedKind.INDUSTRY:
            return _grouped((each for each in stored if each.startswith(code) and each != code), _industry_part(code))
        case CountedKind.CATEGORY:
            prefix = f"{code}." if code else ""
            below = (each for each in stored if each.startswith(prefix) and each != code)
            return _grouped_by_dot(below, prefix)
        case _:
            return {}


def _region_parent(code: str) -> str | None:
    """Return the region that a code of some level lies in, the nation for a province; None for a code of another shape."""
    if not _REGION.fullmatch(code) or code == NATION:
        return None
    digits = code.rstrip("0") if len(code) == _REGION_DIGITS[3] else code
    level = next(index for index, length in enumerate(_REGION_DIGITS) if length >= len(digits))
    parent = code[: _REGION_DIGITS[level - 1]]
    return parent.ljust(_REGION_DIGITS[3], "0")


def _industry_part(code: str) -> int:
    return next((length for length in _INDUSTRY_LENGTHS if length > len(code)), len(code) + 1)


def _grouped(codes: Iterable[str], length: int) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for each in codes:
        groups[each[:length]] = (*groups.get(each[:length], ()), each)
    return groups


def _grouped_by_dot(codes: Iterable[str], prefix: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for each in codes:
        part = prefix + each[len(prefix) :].split(".")[0]
        groups[part] = (*groups.get(part, ()), each)
    return groups
