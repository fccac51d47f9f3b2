"""The days that a text names, by which two texts of one dispute agree: when something was bought or paid."""

from __future__ import annotations

import re

from shared.personal_data.normalization import normalize

MAX_DAYS_NAMED = 6
_MONTH, _DAY_OF_MONTH = "(1[0-2]|0?[1-9])", "(3[01]|[12][0-9]|0?[1-9])"
_IN_WORDS = re.compile(rf"(?<![0-9]){_MONTH}\s?月\s?{_DAY_OF_MONTH}\s?[日号]")
_IN_NUMBERS = re.compile(rf"(?<![0-9])20[0-9]{{2}}([-./]){_MONTH}\1{_DAY_OF_MONTH}(?![0-9])")


def named_days(*texts: str | None) -> tuple[int, ...]:
    """Return the days that texts name, each as month * 100 + day, in order; the year is left out as people leave it out."""
    plain = [normalize(text).text for text in texts if text]
    found = {(month, day) for text in plain for month, day in _IN_WORDS.findall(text)}
    found |= {(month, day) for text in plain for _, month, day in _IN_NUMBERS.findall(text)}
    return tuple(sorted(int(month) * 100 + int(day) for month, day in found)[:MAX_DAYS_NAMED])
