"""Patterns of personal data in normalized text: phones, identity numbers, bank cards, mail addresses.

Between any two digits one separator may stand (`138 0013 8000`, `6222-0212-…`). Shapes are enough in prose: a number with a
wrong check digit is still a person's. A pattern begins with a character class and looks behind after it, so that the engine
skips to candidates.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from shared.identifiers import canonical_uscc

PHONE = "[电话]"
IDENTITY = "[证件号]"
CARD = "[银行卡号]"
MAIL = "[邮箱]"

_SEP = r"[ \-\u2010-\u2015\t]?"

# Seven digits in a row (of any script, separators between), a sign of mail, or full-width and other compatibility forms of
# letters and digits, which could hide either: the text needs the full search.
_MARKS = (
    r"@\uff20\ufe6b\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u00b2\u00b3\u00b9\u2070-\u2099\u2460-\u24ff\U0001d400-\U0001d7ff"
)
CANDIDATE = re.compile(rf"[\d{_MARKS}](?:(?<=[{_MARKS}])|(?:[\s\-\u2010-\u2015().]{{0,2}}\d){{6}})")

# The local part is read backwards from the sign of mail, so that each character is visited once and an address glued to another
# is found as well. NFKC turns an ellipsis into three full stops, which belong to a local part.
_MAIL_DOMAIN = re.compile(r"@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")
_LOCAL_PART = frozenset(string.ascii_letters + string.digits + "._%+-…")


def _digits(count: str) -> str:
    return rf"(?:{_SEP}[0-9]){{{count}}}"


_YEAR = rf"(?:1{_SEP}[89]|2{_SEP}0)" + _digits("2")
_MONTH = rf"{_SEP}(?:0{_SEP}[1-9]|1{_SEP}[0-2])"
_DAY = rf"{_SEP}(?:0{_SEP}[1-9]|[12]{_SEP}[0-9]|3{_SEP}[01])"
_NUMBER = re.compile(
    r"[1-9](?<![0-9][1-9])(?:"
    rf"(?P<identity>{_digits('5')}{_SEP}{_YEAR}{_MONTH}{_DAY}{_digits('3')}{_SEP}[0-9Xx](?![0-9])"
    rf"|{_digits('5')}{_digits('2')}{_MONTH}{_DAY}{_digits('3')}(?!{_SEP}[0-9])"
    rf"|{_digits('16')}{_SEP}[Xx])"
    rf"|(?<=1){_SEP}(?P<mobile>[3-9]{_digits('9')})(?![0-9])"
    rf"|(?P<card>{_digits('15,18')})(?![0-9])"
    rf"|(?<=[48]){_SEP}(?P<service>00{_digits('7')})(?![0-9])"
    r")"
)
_PREFIXED = re.compile(
    rf"(?:\+|00)86{_SEP}1{_SEP}[3-9]{_digits('9')}(?![0-9])"
    rf"|86{_SEP}(?<![0-9]86)1[3-9]{_digits('9')}(?![0-9])"
)
_LANDLINE = re.compile(
    r"[0(](?<![0-9]0)(?<!单号.)(?<!编号.)(?:(?<=\()0)?(?:10|2[0-9]|[3-9][0-9]{2})\)?[ \-]{0,2}[2-9][0-9]{2,3}[ \-]?[0-9]{4}"
    r"(?:[转\- ]{1,2}[0-9]{1,6})?(?![0-9])"
)
_LOCAL = re.compile(
    r"[电座固致拨手联Tt](?:(?<=电)话|(?<=座)机|(?<=固)话|(?<=致)电|(?<=拨)打|(?<=手)机|(?<=联)系方式|(?<=[Tt])[Ee][Ll])"
    r"[^0-9\n]{0,6}(?P<number>[2-9][0-9]{2,3}[ \-]?[0-9]{4})(?![0-9])"
)
_DATE = re.compile(
    r"[12](?<![0-9].)(?:(?<=1)9|(?<=2)0)[0-9]{2}[\-./](?:0?[1-9]|1[0-2])[\-./](?:[12][0-9]|3[01]|0?[1-9])(?![0-9])"
)
_CREDIT_CODE = re.compile(r"[159](?<![0-9A-Za-z].)[1-39][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])")

Span = tuple[int, int, str]


def pattern_spans(text: str) -> Iterator[Span]:
    """Yield (start, end, token) of personal data in a normalized text; spans may overlap."""
    yield from _mail_spans(text) if "@" in text else ()
    masked = _mask_codes(text)
    for match in _PREFIXED.finditer(masked) if "86" in masked else ():
        yield *match.span(), PHONE
    for match in _NUMBER.finditer(masked):
        yield *match.span(), _TOKENS[match.lastgroup or "card"]
    for match in _LANDLINE.finditer(masked):
        yield *match.span(), PHONE
    for match in _LOCAL.finditer(masked):
        yield *match.span("number"), PHONE


_TOKENS = {"identity": IDENTITY, "mobile": PHONE, "card": CARD, "service": PHONE}


def _mail_spans(text: str) -> Iterator[Span]:
    end = 0
    for match in _MAIL_DOMAIN.finditer(text):
        start = match.start()
        while start > end and text[start - 1] in _LOCAL_PART:
            start -= 1
        if start < match.start():
            end = match.end()
            yield start, end, MAIL


def _mask_codes(text: str) -> str:
    """Replace dates and credit codes, which look like parts of numbers, by letters of the same length."""
    text = _DATE.sub(_mask, text)
    return _CREDIT_CODE.sub(lambda match: _mask(match) if _is_credit_code(match.group()) else match.group(), text)


def _mask(match: re.Match[str]) -> str:
    return "年" * len(match.group())


def _is_credit_code(text: str) -> bool:
    """With letters it is a code, mistyped or not; of digits alone, if its check digit is right and no birth date is in it."""
    if text[:-1].isdigit() and text[-1] in "0123456789X":
        return _NUMBER_OF_PERSON.match(text) is None and canonical_uscc(text) is not None
    return True


_NUMBER_OF_PERSON = re.compile(r"[1-9][0-9]{5}(?:1[89]|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$")
