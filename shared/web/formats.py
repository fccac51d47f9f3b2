"""Numbers, money and days as they stand on a page, in the page's language (LOOK: Charts, Wording)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from shared.rates import PERCENT_PLACES, percentage, rate, round_half_up
from shared.web.languages import Language

MISSING = "—"
MYRIAD = 10_000
HUNDRED_MILLION = 100_000_000

Number = Decimal | float
Form = Callable[[Number], str]


class Formats:
    """The formats of one language; moments are shown in `zone`."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._zh = language == "zh"
        # Parsed once: Babel would look a name up again with every number.
        self._locale = Locale.parse("zh_CN" if self._zh else "en_GB")

    def count(self, value: Number | None) -> str:
        """Return a count in full with commas: `8,642`; a dash for None, `0` for zero."""
        if value is None:
            return MISSING
        return format_decimal(int(value) if value == int(value) else value, locale=self._locale)

    def brief(self, value: Number | None) -> str:
        """Return a count as charts and screens write it: from 10,000 on `1.2万` in Chinese, `12,431` in English."""
        if value is None or not self._zh or value < MYRIAD:
            return self.count(value)
        myriads = round_half_up(Decimal(str(value)) / MYRIAD, 1)
        if myriads < HUNDRED_MILLION // MYRIAD:
            return f"{self.count(myriads)}万"
        return f"{self.count(round_half_up(Decimal(str(value)) / HUNDRED_MILLION, 1))}亿"

    def money(self, value: str | Number | None) -> str:
        """Return an amount in yuan with two decimals: `36,800.00元`, `¥36,800.00`."""
        if value is None:
            return MISSING
        plain = format_decimal(round_half_up(Decimal(str(value)), 2), format="#,##0.00", locale=self._locale)
        return f"{plain}元" if self._zh else f"¥{plain}"

    def rate(self, numerator: int | None, denominator: int | None, floor: int = 0) -> str:
        """Return a rate with one decimal, `85.0%`; a dash where the denominator is 0, unknown or under `floor`."""
        if numerator is None or not denominator or denominator < floor:
            return MISSING
        return f"{percentage(numerator, denominator)}%"

    def percent(self, share: Number | None, places: int = PERCENT_PLACES) -> str:
        """Return a share of one as a percentage, with one decimal unless more are asked for."""
        return MISSING if share is None else f"{round_half_up(Decimal(str(share)) * 100, places)}%"

    def ratio(self, numerator: int | None, denominator: int | None, places: int) -> str:
        """Return a quotient of counts that is no percentage, as per 10,000 residents: `17.2`; a dash where it has no value."""
        value = None if numerator is None or denominator is None else rate(numerator, denominator, places)
        return MISSING if value is None else self.decimal(value)

    def decimal(self, value: Decimal) -> str:
        """Return a number with the decimals that it has: `1,017.20`."""
        return f"{value:,f}"

    def fraction(self, numerator: int | None, denominator: int | None, unit: str = "") -> str:
        """Return the two counts of a rate: `6,891 / 8,105件`, `6,891 of 8,105`."""
        above, below = self.count(numerator), self.count(denominator)
        return f"{above} / {below}{unit}" if self._zh else f"{above} of {below}"

    def day(self, value: date | datetime | str) -> str:
        """Return a day for running text: `2026年10月9日`, `9 October 2026`."""
        return format_date(self._day(value), "y年M月d日" if self._zh else "d MMMM y", locale=self._locale)

    def short_day(self, value: date | datetime | str) -> str:
        """Return a day whose year is plain from what stands beside it: `10月9日`, `9 Oct`."""
        day = self._day(value)
        return format_date(day, "M月d日", locale=self._locale) if self._zh else f"{day.day} {_MONTHS[day.month - 1]}"

    def iso_day(self, value: date | datetime | str | None) -> str:
        """Return a day for tables: `2026-10-09`; a dash for None."""
        return MISSING if value is None else self._day(value).isoformat()

    def weekday(self, value: date | datetime | str) -> str:
        """Return the day of the week: `星期五`, `Friday`."""
        return str(get_day_names("wide", locale=self._locale)[self._day(value).weekday()])

    @property
    def weekday_names(self) -> list[str]:
        """The head of a calendar from Monday on: `一`, `Mon`."""
        names = get_day_names("narrow" if self._zh else "abbreviated", locale=self._locale)
        return [names[weekday] for weekday in range(7)]

    def clock(self, value: datetime) -> str:
        """Return the time of day, 24 hours: `08:00`."""
        return value.astimezone(self.zone).strftime("%H:%M")

    def moment(self, value: datetime) -> str:
        """Return a moment for running text: `2026年10月9日08:00`, `9 Oct 2026, 08:00`."""
        if self._zh:
            return f"{self.day(value)}{self.clock(value)}"
        return f"{self.short_day(value)} {self._day(value).year}, {self.clock(value)}"

    def stamp(self, value: datetime | None) -> str:
        """Return a moment for tables: `2026-10-09 08:00`; a dash for None."""
        return MISSING if value is None else value.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def _day(self, value: date | datetime | str) -> date:
        if isinstance(value, str):
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value


# CLDR writes "Sept" in en_GB; the look wants three letters.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def change_texts(before: Number, after: Number, forms: Iterable[Form]) -> tuple[str, str]:
    """Return both sides of a change in the first of the forms in which they differ, or in the last one.

    A change of 12,431 to 12,449 is `12,431` and `12,449`: both are `1.2万` in short.
    """
    texts = [(form(before), form(after)) for form in forms]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])
