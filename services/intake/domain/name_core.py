"""The distinctive part of an operator's name: what is left without the place before it and the form of business behind it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "分公司", "总公司", "公司", "专业合作社", "合作社", "个体工商户", "旗舰店",
    "专卖店", "专营店", "连锁店", "加盟店", "直营店", "便利店", "门市部", "经营部", "服务部", "营业部", "商行", "商店", "门店",
    "分店", "总店", "中心", "店", "厂", "馆", "部", "行", "社",
)  # fmt: skip
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]")
MIN_CORE = 2


def name_core(name: str, places: Iterable[str]) -> str:
    """Return the distinctive part of a name; the name without spaces where nothing of two characters would be left.

    `places` are names of regions, which people write or leave out.
    """
    plain = re.sub(r"\s", "", _BRACKETED.sub("", unicodedata.normalize("NFKC", name)))
    core = plain
    for place in sorted(places, key=len, reverse=True):
        for written in (place, place.rstrip("市区县")):
            if len(written) >= MIN_CORE and core.startswith(written) and len(core) - len(written) >= MIN_CORE:
                core = core[len(written) :]
    while form := next((each for each in FORMS if core.endswith(each) and len(core) - len(each) >= MIN_CORE), None):
        core = core[: -len(form)]
    return core if len(core) >= MIN_CORE else plain or name
