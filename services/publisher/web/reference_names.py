"""The names of regions, industries and categories in a language; an unknown code is its own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from shared.reference import categories, industries, office_name, regions
from shared.web.languages import Language


@lru_cache(maxsize=1)
def city_name() -> str:
    """Return the name of the city without 市: on its own screens it is redundant."""
    return next((region.zh.removesuffix("市") for region in regions().values() if region.level == "city"), "")


def region_name(code: str, language: Language) -> str:
    """Return the name of a region."""
    known = regions().get(code)
    return code if known is None else (known.zh if language == "zh" else known.en)


def industry_name(code: str, language: Language) -> str:
    """Return the name of an industry."""
    known = industries().get(code)
    return code if known is None else (known.zh if language == "zh" else known.en)


def category_name(code: str, language: Language) -> str:
    """Return the name of a category."""
    known = categories().get(code)
    return code if known is None else (known.zh if language == "zh" else known.en)


NAME_OF_CODE: Mapping[str, Callable[[str, Language], str]] = {
    "industry": industry_name,
    "category": category_name,
    "region": region_name,
    "office": office_name,
}
