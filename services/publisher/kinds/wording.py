"""Words that titles and summaries of kinds are composed of; they are stored in Chinese, as everything that is published."""

from __future__ import annotations

from datetime import date

from shared.web.periods import period_name

SUMMARY_LENGTH = 120
_ENDS = "。！？"


def first_sentence(text: object) -> str:
    """Return the first sentence of a text, cut where it is long."""
    line = str(text or "").split("\n", 1)[0]
    ends = [position + 1 for mark in _ENDS if (position := line.find(mark)) >= 0]
    sentence = line[: min(ends)] if ends else line
    return sentence if len(sentence) <= SUMMARY_LENGTH else sentence[: SUMMARY_LENGTH - 1] + "…"


def period_of(period: object) -> str:
    """Return a period in words."""
    return period_name(str(period), "zh")


def day_of(day: object) -> str:
    """Return a day in words."""
    return "{0.year}年{0.month}月{0.day}日".format(date.fromisoformat(str(day)))


def counted(number: object) -> str:
    """Return a count with commas."""
    return f"{int(str(number)):,}"
