"""Dates and times as people and programs write them. The year comes first; anything else a mapping has to name."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone

_DASHES = str.maketrans("‐‑‒–—―−〜～", "---------")
_NUMERALS = {character: index for index, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_NUMERAL = "[零〇○一二三四五六七八九十]"

# What most programs write, for which nothing has to be tried.
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
_CHINESE_DATE = re.compile(rf"([零〇○一二三四五六七八九]{{4}})年({_NUMERAL}{{1,3}})月({_NUMERAL}{{1,3}})[日号]")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(
    r"""(?P<year>\d{4})\s*
    (?:(?P<mark>[-/.])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})
      |年\s*(?P<month2>\d{1,2})\s*月\s*(?P<day2>\d{1,2})\s*[日号]?
      |(?P<month3>\d{2})(?P<day3>\d{2})(?!\d))
    \s*(?:\((?:星期|周|礼拜)?[一二三四五六日天]\)|(?:星期|周|礼拜)[一二三四五六日天])?""",
    re.VERBOSE,
)
_TIME = re.compile(
    r"""(?:(?P<t>T)|[\s,]*+)
    (?P<half>上午|下午|中午|早上|凌晨|晚上|傍晚|am|pm)?\s*
    (?P<hour>\d{1,2})
    (?:\s*(?P<mark>[:.h时點点])\s*
       (?:(?P<minute>\d{1,2})(?:\s*(?:[:.'分]|(?<=\d)m)\s*(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?\s*(?:秒|s)?)?)?
         |(?P<words>半|整))?
    )?
    \s*(?P<half2>am|pm)?
    \s*(?P<offset>Z|UTC|(?:UTC|GMT)?\s*[+-]\d{1,2}(?::?\d{2})?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?$")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "pm"})
_MORNING = frozenset({"上午", "早上", "凌晨", "am"})
_NOON = "中午"
_HALF_DAY = 12
_DAY = 24


def parse_datetime(text: str) -> datetime | None:
    """Return the moment that a text names, a day as its first moment; None where it names none for sure.

    Without an offset in the text the result has no time zone. Of the time, a dot is as good as a colon: 09.30 is half past
    nine.
    """
    if _ISO.fullmatch(text) and (moment := _parse_iso(text)):
        return moment
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    plain = _CHINESE_DATE.sub(_to_digits, plain)
    try:
        return _parse_compact(plain) or _parse_spelled(plain)
    except ValueError:
        return None


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _parse_compact(text: str) -> datetime | None:
    match = _COMPACT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    return _combine(date(int(year), int(month), int(day)), int(hour or 0), int(minute or 0), int(second or 0), offset)


def _parse_spelled(text: str) -> datetime | None:
    found = _DATE.match(text)
    if found is None:
        return None
    month = found["month"] or found["month2"] or found["month3"]
    day = date(int(found["year"]), int(month), int(found["day"] or found["day2"] or found["day3"]))
    rest = text[found.end() :]
    if not rest:
        return datetime.combine(day, time())
    match = _TIME.fullmatch(rest)
    if match is None or not _is_separated(text, found.end(), match):
        return None
    return _parse_time(day, match)


def _is_separated(text: str, end: int, match: re.Match[str]) -> bool:
    """Return whether something stands between day and hour: `2026-10-19` is no ninth hour of the first."""
    return not text[end - 1].isdigit() or not text[end].isdigit() or bool(match["half"])


def _parse_time(day: date, match: re.Match[str]) -> datetime | None:
    half = (match["half"] or match["half2"] or "").lower()
    hour, minute = _to_24_hours(int(match["hour"]), half), int(match["minute"] or 0)
    if not match["mark"] and not half:
        return None
    if match["mark"] in {":", "."} and not match["minute"]:
        return None
    if match["mark"] == "." and len(match["minute"]) == 1:  # 9.3 may be three or thirty minutes
        return None
    if "-" in (match["offset"] or "") and not (match["t"] or match["second"]):  # 9:30-10:00 is a span of time
        return None
    if match["words"] == "半":
        minute = 30
    moment = _combine(day, hour, minute, int(match["second"] or 0), match["offset"])
    return moment + timedelta(microseconds=int((match["fraction"] or "0")[:6].ljust(6, "0")))


def _to_24_hours(hour: int, half: str) -> int:
    if half in _AFTERNOON or (half == _NOON and hour < _HALF_DAY - 1):
        if hour == _HALF_DAY and half == "晚上":
            raise ValueError
        return hour + _HALF_DAY if hour < _HALF_DAY else hour
    if half in _MORNING:
        if hour > _HALF_DAY:
            raise ValueError
        return hour % _HALF_DAY
    return hour


def _combine(day: date, hour: int, minute: int, second: int, offset: str | None) -> datetime:
    """Return the moment; the 24th hour ends a day. Raises `ValueError`."""
    if hour == _DAY and minute == second == 0:
        return datetime.combine(day, time(), _to_zone(offset)) + timedelta(days=1)
    return datetime.combine(day, time(hour, minute, second), _to_zone(offset))


def _to_zone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    match = _OFFSET.search(offset)
    if match is None:
        return UTC
    sign, hours, minutes = match.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-span if sign == "-" else span)


def _to_digits(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    return f"{''.join(str(_NUMERALS[character]) for character in year)}年{_to_number(month)}月{_to_number(day)}日"


def _to_number(numeral: str) -> int:
    """Return the number of a Chinese numeral up to 99."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int("".join(str(_NUMERALS[character]) for character in numeral))
    return (_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0)
