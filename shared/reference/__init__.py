"""Reference tables as data: regions, industries and complaint categories, with their Chinese and English names.

The regions are invented (云州市 does not exist): their codes have the shape of GB/T 2260, under a province number that is not
assigned. Industry codes and names follow GB/T 4754-2017. A bureau that runs the system puts its own tables in their place.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

RegionLevel = Literal["province", "city", "district", "county"]


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative region. `residents` counts persons; `tile` is (row, column), 1-based, in the schematic tile layout."""

    code: str
    parent: str | None
    level: RegionLevel
    zh: str
    en: str
    residents: int | None
    tile: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Industry:
    """One class of GB/T 4754-2017, with the section under which pages group it."""

    code: str
    section_zh: str
    section_en: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Category:
    """What a complaint is about; a category with a parent refines it."""

    code: str
    parent: str | None
    zh: str
    en: str


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Region]:
    """Return every region by code, parents before their children."""
    return MappingProxyType({row["code"]: _region(row) for row in _rows("regions.csv")})


@lru_cache(maxsize=1)
def districts() -> tuple[Region, ...]:
    """Return the districts and counties of the city, in the order of their codes."""
    return tuple(region for region in regions().values() if region.level in ("district", "county"))


@lru_cache(maxsize=1)
def industries() -> Mapping[str, Industry]:
    """Return every industry by code."""
    return MappingProxyType({row["code"]: Industry(**row) for row in _rows("industries.csv")})


@lru_cache(maxsize=1)
def categories() -> Mapping[str, Category]:
    """Return every category by code, parents before their children."""
    return MappingProxyType({row["code"]: _category(row) for row in _rows("categories.csv")})


# As the national platform writes the levels of a class.
LEVELS = "->"


def category_path(code: str, language: str) -> str | None:
    """Return a category with the one that it refines in words, as in 合同与退款->不履行约定; None where no table knows it."""
    category, levels = categories().get(code), list[Category]()
    while category:
        levels.append(category)
        category = categories().get(category.parent or "")
    return LEVELS.join(each.zh if language == "zh" else each.en for each in reversed(levels)) or None


@lru_cache(maxsize=1)
def categories_by_path() -> Mapping[str, str]:
    """Return the code of each category by its path in Chinese."""
    return MappingProxyType({path: code for code in categories() if (path := category_path(code, "zh"))})


def office_name(code: str, language: str) -> str:
    """Return the name of an office: its code is that of its region with 000, or with another number where it is a station."""
    region, station = regions().get(code[:6]), code[6:].strip("0")
    if region is None:
        return code
    name = region.zh if language == "zh" else region.en
    if station:
        return f"{name}（{code}）" if language == "zh" else f"{name} ({code})"
    return f"{name}市场监督管理局" if language == "zh" else f"{name} Administration for Market Regulation"


def _region(row: dict[str, str]) -> Region:
    tile = (int(row["tile_row"]), int(row["tile_column"])) if row["tile_row"] else None
    residents = int(row["residents"]) if row["residents"] else None
    return Region(row["code"], row["parent"] or None, _level(row["level"]), row["zh"], row["en"], residents, tile)


def _category(row: dict[str, str]) -> Category:
    return Category(row["code"], row["parent"] or None, row["zh"], row["en"])


def _level(text: str) -> RegionLevel:
    match text:
        case "province" | "city" | "district" | "county":
            return text
        case _:
            raise ValueError(f"regions.csv: unknown level {text!r}")


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files(__package__) / name).read_text(encoding="utf-8").splitlines()))
