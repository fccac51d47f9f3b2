"""Measure words: Chinese puts one after every number, English names the counted thing or omits it."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from shared.web.formats import MISSING, Formats
from shared.web.typesetting import nowrap

# Chinese measure word: English singular and plural.
ENGLISH: dict[str, tuple[str, str]] = {
    "件": ("complaint", "complaints"),
    "户": ("operator", "operators"),
    "条": ("item", "items"),
    "人": ("person", "people"),
    "起": ("case", "cases"),
    "次": ("time", "times"),
    "份": ("file", "files"),
    "处": ("place", "places"),
    "项": ("item", "items"),
    "行": ("row", "rows"),
    "块": ("screen", "screens"),
    "天": ("day", "days"),
    "小时": ("hour", "hours"),
    "分钟": ("minute", "minutes"),
    "秒": ("second", "seconds"),
    "工作日": ("working day", "working days"),
    "个工作日": ("working day", "working days"),
    "万人": ("×10,000 people", "×10,000 people"),
}
# English omits these beside a label: the label names the counted thing.
OMITTED = frozenset("件户家条人起次份处项行块个字名")


def format_with_unit(formats: Formats, value: Decimal | float | None, unit: str = "") -> Markup:
    """Return a count with its unit as one word: `8,642件`, `8,642 complaints`; a dash for None."""
    if value is None:
        return nowrap(MISSING)
    return nowrap(formats.count(value) + unit_suffix(formats, value, unit))


def unit_suffix(formats: Formats, value: Decimal | float, unit: str) -> str:
    """Return the suffix of the number `value`: `件`, ` complaints`, or nothing."""
    if formats.language == "zh" or not unit:
        return unit
    singular, plural = ENGLISH.get(unit, ("", ""))
    name = singular if value == 1 else plural
    return f" {name}" if name else ""


def format_cell(formats: Formats, value: Decimal | float | None, unit: str) -> Markup:
    """Return a count for a column whose head names the unit: `52件`, `52`; a dash for None."""
    if value is None:
        return nowrap(MISSING)
    return nowrap(formats.count(value) + label_unit(formats, unit))


def label_unit(formats: Formats, unit: str) -> str:
    """Return the unit of a number beside its label: English omits it for plain counts."""
    if formats.language == "zh" or not unit:
        return unit
    return "" if unit in OMITTED else ENGLISH.get(unit, ("", unit))[1]
