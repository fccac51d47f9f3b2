"""The types of fields that a kind of item is declared with: what may be typed, how it is stored, how it is written.

A stored value is a text or an integer, the same in the form, the topic and JSON; money is a text and keeps its decimals.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar, NamedTuple

from shared.errors import PermanentError
from shared.identifiers import canonical_uscc
from shared.reference import categories_by_path, category_path, industries, office_name
from shared.text import to_line
from shared.web.formats import Formats
from shared.web.i18n import Text, _
from shared.web.languages import Language
from shared.web.periods import is_period, period_name

Value = str | int
Values = Mapping[str, Value | None]


_MYRIAD_YUAN = _("万元")
# No office decides outside this, and terms of publication can be reckoned from each day.
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2100, 12, 31)


class Reader(NamedTuple):
    """For whom values are written: the formats of a language, and the language."""

    formats: Formats
    language: Language

    def plain(self, value: Value) -> str:
        """Return a value as it is stored."""
        return str(value)


class FieldFault(PermanentError):
    """A value that a field can't take: `code` and what it allows, in the words of the form."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(ABC):
    """A field of a kind: its name in the content, its label, a hint for who types, and whether it may be empty."""

    name: str
    label: Text
    hint: Text | None = None
    required: bool = True
    widget: ClassVar[str] = "line"
    is_narrative: ClassVar[bool] = False
    """Whether its text is about what happened, so that nobody may be named or called by a surname in it."""
    is_kept: ClassVar[bool] = False
    """Whether the program fills it in and nobody types it."""

    @abstractmethod
    def parse(self, typed: str) -> Value:
        """Return what is stored of a text that is not empty. Raises `FieldFault`."""

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return a stored value as it is read."""
        return reader.plain(value)

    def choices(self) -> Mapping[str, Text | str]:
        """Return the values to choose from, where there are such."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Field):
    """A text on one line."""

    max_length: int = 100
    is_narrative: ClassVar[bool] = True

    def parse(self, typed: str) -> Value:
        """Return the text with single blanks."""
        text = to_line(typed)
        if len(text) > self.max_length:
            raise FieldFault("too_long", _("最多%(count)s字", count=self.max_length))
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Line):
    """A number or name of a document, an office or a product."""

    is_narrative: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCode(Code):
    """A unified social credit code."""

    def parse(self, typed: str) -> Value:
        """Return the code in canonical form."""
        code = canonical_uscc(to_line(typed))
        if code is None:
            raise FieldFault("bad_uscc", _("信用代码校验不通过"))
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose(Field):
    """A text of paragraphs."""

    max_length: int = 5_000
    widget: ClassVar[str] = "prose"
    is_narrative: ClassVar[bool] = True

    def parse(self, typed: str) -> Value:
        """Return the paragraphs, a line each."""
        text = "\n".join(filter(None, map(to_line, typed.splitlines())))
        if len(text) > self.max_length:
            raise FieldFault("too_long", _("最多%(count)s字", count=self.max_length))
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A decimal number of at most `places` decimals from `minimum` to `maximum`, in a unit."""

    places: int
    minimum: Decimal = Decimal(0)
    maximum: Decimal
    unit: Text | None = None
    widget: ClassVar[str] = "number"

    def parse(self, typed: str) -> Value:
        """Return the number with all its decimals."""
        plain = typed.strip().replace(",", "").replace("，", "")
        try:
            number = Decimal(plain)
        except InvalidOperation:
            raise FieldFault("no_number", _("请填写数字，例如12.5")) from None
        if not number.is_finite() or not self.minimum <= number <= self.maximum:
            limits = {"low": f"{self.minimum:f}", "high": f"{self.maximum:f}"}
            raise FieldFault("out_of_range", _("应在%(low)s到%(high)s之间", **limits))
        if number != round(number, self.places):
            raise FieldFault("too_many_decimals", _("最多%(count)s位小数", count=self.places))
        # Without the sign of a zero.
        return f"{number + 0:.{self.places}f}"

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the number with its unit, without zeros at its end."""
        plain = reader.formats.decimal(Decimal(value).normalize() + 0)
        return _("%(number)s%(unit)s", number=plain, unit=self.unit) if self.unit else plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Yuan(Number):
    """An amount in yuan."""

    places: int = 2
    maximum: Decimal = Decimal("99999999999.99")

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the amount."""
        return reader.formats.money(str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class MyriadYuan(Number):
    """An amount in 10,000 yuan with six decimals, as 双公示 has it: to the hundredth of a yuan."""

    places: int = 6
    maximum: Decimal = Decimal("999999999999.999999")
    unit: Text | None = _MYRIAD_YUAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Field):
    """A whole number of things."""

    maximum: int = 10_000_000
    widget: ClassVar[str] = "number"

    def parse(self, typed: str) -> Value:
        """Return the number."""
        plain = typed.strip().replace(",", "").replace("，", "")
        if not re.fullmatch(r"\d{1,12}", plain, re.ASCII):
            raise FieldFault("no_count", _("请填写整数，例如12"))
        if int(plain) > self.maximum:
            raise FieldFault("out_of_range", _("应在%(low)s到%(high)s之间", low=0, high=self.maximum))
        return int(plain)

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the number with commas."""
        return reader.formats.count(int(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Field):
    """A day."""

    widget: ClassVar[str] = "day"

    def parse(self, typed: str) -> Value:
        """Return the day as `2026-10-09`."""
        try:
            day = date.fromisoformat(typed.strip())
        except ValueError:
            raise FieldFault("no_day", _("请填写日期，例如2026-10-09")) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise FieldFault("out_of_range", _("应在%(low)s到%(high)s之间", low=FIRST_DAY, high=LAST_DAY))
        return day.isoformat()

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the day in words."""
        return reader.formats.day(str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Field):
    """A month, quarter, half-year or year: `2026-10`, `2026-Q3`, `2026-H1`, `2026`."""

    def parse(self, typed: str) -> Value:
        """Return the period."""
        period = typed.strip().upper()
        if not is_period(period):
            raise FieldFault("no_period", _("请填写时段，例如2026-10、2026-Q3、2026-H1、2026"))
        return period

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the period in words."""
        return period_name(str(value), reader.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    """One of a list."""

    options: Mapping[str, Text]
    widget: ClassVar[str] = "choice"

    def parse(self, typed: str) -> Value:
        """Return the code of the choice; its words are understood too."""
        words = {str(text): code for code, text in self.options.items()}
        code = typed.strip()
        if code not in self.options and code not in words:
            raise FieldFault("no_choice", _("请从列表中选择"))
        return code if code in self.options else words[code]

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the words of the choice."""
        return self.options.get(str(value)) or reader.plain(value)

    def choices(self) -> Mapping[str, Text | str]:
        """Return the list."""
        return self.options


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry(Field):
    """An industry of the reference data."""

    widget: ClassVar[str] = "choice"

    def parse(self, typed: str) -> Value:
        """Return the code of the industry."""
        if typed.strip() not in industries():
            raise FieldFault("no_choice", _("请从列表中选择"))
        return typed.strip()

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the name of the industry."""
        known = industries().get(str(value))
        return reader.plain(value) if known is None else (known.zh if reader.language == "zh" else known.en)

    def choices(self) -> Mapping[str, Text | str]:
        """Return the industries."""
        return {code: industry.zh for code, industry in industries().items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Line):
    """A problem in two levels of the table of categories, in Chinese with `->` between, or as its source has it."""

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the words, in the language of the reader where the table has them."""
        code = categories_by_path().get(str(value), "")
        return category_path(code, reader.language) or reader.plain(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office(Code):
    """The code of an office."""

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return the name of the office."""
        return office_name(str(value), reader.language)
