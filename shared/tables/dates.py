"""Dates and times as people and programs write them: the year first, or a month in English letters.

Anything else, in which month and day could be exchanged, a mapping has to name.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone

_DASHES = str.maketrans("‐‑‒–—―−〜～", "---------")
_DIGITS = {
    character: index
    for numerals in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "○１弍参", "O", "o", "Ο", "О", "◯", "0123456789")
    for index, character in enumerate(numerals)
}
_DIGIT = "".join(_DIGITS)

# What most programs write, for which nothing has to be tried.
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
# Numbers in Chinese: a year digit by digit, others up to 59 with a ten or without.
_CHINESE_YEAR = re.compile(rf"^([{_DIGIT}]{{4}})(?=\s*年)")
_CHINESE_NUMBER = re.compile(rf"([{_DIGIT}]?[十拾廿][{_DIGIT}]?|[{_DIGIT}]{{1,2}})(?=\s*[月日号时點点分秒])")
_ENGLISH = re.compile(
    r"""(?:[A-Za-z]{3,9},?\s+)?
    (?:(?P<day>\d{1,2})[-\s](?P<month>[A-Za-z]{3,9})[-\s,]\s*(?P<year>\d{4})(?P<time>.*)
      |(?P<month2>[A-Za-z]{3,9})\s+(?P<day2>\d{1,2}),?\s+(?:(?P<year2>\d{4})(?P<time2>.*)
        |(?P<time3>\d\d:\d\d:\d\d\s.*?)\s*(?P<year3>\d{4})))""",
    re.VERBOSE | re.DOTALL,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Milliseconds or seconds since 1970 as programs write them; other numbers of these lengths are no day.
_UNIX = re.compile(r"(?:/Date\()?(?P<seconds>1[0-8]\d{8})(?P<millis>\d{3})?(?:[+-]\d{4})?(?:\)/)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T _-]?(\d{2})(\d{2})(\d{2})?)?(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(
    r"""(?P<year>\d{4})\s*
    (?:(?P<mark>[-/.、。·,_\\ ])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})日?
      |年\s*(?P<month2>\d{1,2})\s*月\s*(?P<day2>\d{1,2})\s*[日号]?
      |(?P<month3>\d{2})(?P<day3>\d{2})(?!\d))
    \s*(?:\((?:星期|周|礼拜)?[一二三四五六日天]\)|(?:星期|周|礼拜)[一二三四五六日天])?""",
    re.VERBOSE,
)
_TIME = re.compile(
    r"""(?:(?P<t>T)|[\s,]*+|[-_](?=\d{1,2}:))
    (?P<half>上午|下午|午后|中午|午间|早上|早晨|清晨|早|凌晨|晚上|晚|夜里|夜间|深夜|傍晚|am|pm)?\s*
    (?P<hour>\d{1,2})
    (?:\s*(?P<mark>[:;.'h时點点])\s*
       (?:(?P<minute>\d{1,2})(?:\s*(?:[:;.'分]|(?<=\d)m)\s*(?:(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?\s*(?:秒|s)?)?)?
         |(?P<words>半|整|一刻|三刻))?
    )?
    \s*(?P<half2>am|pm|上午|下午)?
    \s*(?P<offset>Z|UTC|(?:UTC|GMT)?\s*[+-]\d{1,2}(?::?\d{2})?)?
    (?P<china>(?:\s*[(\[]?(?:北京时间|中国标准时间|China\s+Standard\s+Time|CST|UTC\+8|GMT\+8|Asia/Shanghai|PRC)[)\]]?){1,2})?""",
    re.VERBOSE | re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?$")
_AFTERNOON = frozenset({"下午", "午后", "傍晚", "晚上", "晚", "夜间", "pm"})
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "早", "凌晨", "am"})
_NOON = frozenset({"中午", "午间"})
_EVENING = frozenset({"晚上", "晚", "夜间"})
_NIGHT = frozenset({"夜里", "深夜"})
_DUSK = 5
_CHINA = timezone(timedelta(hours=8))
_WORDS = {"半": 30, "一刻": 15, "三刻": 45}
_HALF_DAY = 12
_DAY = 24


def parse_datetime(text: str) -> datetime | None:
    """Return the moment that a text names, a day as its first moment; None where it names none for sure.

    Without an offset in the text the result has no time zone. Of the time, a dot is as good as a colon: 09.30 is half past
    nine.
    """
    if _ISO.fullmatch(text) and (moment := _parse_iso(text)):
        return moment
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().rstrip(".。,、;")
    plain = _CHINESE_NUMBER.sub(_to_number, _CHINESE_YEAR.sub(_to_year, plain))
    try:
        return _parse_compact(plain) or _parse_unix(plain) or _parse_spelled(_year_first(plain))
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


def _parse_unix(text: str) -> datetime | None:
    match = _UNIX.fullmatch(text)
    if match is None:
        return None
    return datetime.fromtimestamp(int(match["seconds"]), UTC) + timedelta(milliseconds=int(match["millis"] or 0))


def _year_first(text: str) -> str:
    """Return a text whose month is in English letters (`Thu Oct 01 09:30:00 CST 2026`) with the year first."""
    match = _ENGLISH.fullmatch(text)
    month = (match["month"] or match["month2"])[:3].lower() if match else ""
    if match is None or month not in _MONTHS:
        return text
    year = match["year"] or match["year2"] or match["year3"]
    moment = match["time"] or match["time2"] or f" {match['time3'] or ''}"
    return f"{year}-{_MONTHS.index(month) + 1}-{match['day'] or match['day2']}{moment}".strip()


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
    if match["mark"] in {":", ".", ";", "'"} and not match["minute"]:
        return None
    if match["mark"] == "." and len(match["minute"]) == 1:  # 9.3 may be three or thirty minutes
        return None
    if "-" in (match["offset"] or "") and not (match["t"] or match["second"]):  # 9:30-10:00 is a span of time
        return None
    minute = _WORDS.get(match["words"], minute)
    moment = _combine(day, hour, minute, int(match["second"] or 0), match["offset"])
    if match["china"] and moment.tzinfo is None:
        moment = moment.replace(tzinfo=_CHINA)
    return moment + timedelta(microseconds=int((match["fraction"] or "0")[:6].ljust(6, "0")))


def _to_24_hours(hour: int, half: str) -> int:
    """Return the hour of the day. Raises `ValueError` where the words leave it open: 晚上12点 may begin a day or end it."""
    if half in _EVENING and not (_DUSK <= hour < _HALF_DAY or hour > _HALF_DAY):
        raise ValueError
    if half in _NIGHT:
        return _to_24_hours(hour, "晚" if hour > _DUSK else "凌晨")
    if half in _AFTERNOON or (half in _NOON and hour < _HALF_DAY - 1):
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


def _to_year(match: re.Match[str]) -> str:
    return "".join(str(_DIGITS[character]) for character in match.group(1))


def _to_number(match: re.Match[str]) -> str:
    """Return the digits of a Chinese number up to 99."""
    numeral = match.group(1).replace("拾", "十").replace("廿", "二十")
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[character]) for character in numeral)
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
