"""The periods of figures as words: `2026-10`, `2026-Q3`, `2026-H1`, `2026`, `30d`."""

from __future__ import annotations

import re

from shared.web.languages import Language

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_QUARTERS = "一二三四"
_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half>[12])))?|(?P<days>\d+)d", re.ASCII
)


def period_name(period: str, language: Language) -> str:
    """Return the name of a period: `2026年10月`, `2026年第三季度`, `2026年上半年`, `近30天`; unknown ones as given."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return period
    return _chinese(found) if language == "zh" else _english(found)


def is_period(text: str) -> bool:
    """Return whether a text names a month, quarter, half-year or year."""
    found = _PERIOD.fullmatch(text)
    return found is not None and found["days"] is None


def month_name(month: str, language: Language) -> str:
    """Return the month of `2026-10` alone, as the axis of a chart has it: `10月`, `Oct`."""
    number = int(month[5:7])
    return f"{number}月" if language == "zh" else _MONTHS[number - 1][:3]


def _chinese(found: re.Match[str]) -> str:
    if found["days"]:
        return f"近{found['days']}天"
    year = f"{found['year']}年"
    if found["month"]:
        return f"{year}{int(found['month'])}月"
    if found["quarter"]:
        return f"{year}第{_QUARTERS[int(found['quarter']) - 1]}季度"
    return year + {"1": "上半年", "2": "下半年", None: ""}[found["half"]]


def _english(found: re.Match[str]) -> str:
    if found["days"]:
        return f"last {found['days']} days"
    if found["month"]:
        return f"{_MONTHS[int(found['month']) - 1]} {found['year']}"
    if found["quarter"]:
        return f"Q{found['quarter']} {found['year']}"
    return {"1": "first half of ", "2": "second half of ", None: ""}[found["half"]] + found["year"]
