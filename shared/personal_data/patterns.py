"""Patterns of personal data in normalized text: phones, identity numbers, bank cards, mail addresses.

Between any two digits one separator may stand (`138 0013 8000`, `6222-0212-…`). In prose the form of an identity number is
enough, since a mistyped one is still a person's; the day of an order number is no birth date. A pattern begins with a character
class and looks behind after it, so that the engine skips to candidates; every repetition is bounded.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from shared.identifiers import canonical_uscc
from shared.identity_numbers import has_birth_date, is_old_identity_number
from shared.personal_data.tokens import CARD, IDENTITY, MAIL, PHONE, Span

_SEP = r"[ \-]?"
_GAP = r"[ \-.·/_()~…]{1,4}"
NUMERALS = "零〇○一幺二三四五六七八九壹贰叁肆伍陆柒捌玖"
_SPELLED_DIGITS = str.maketrans(NUMERALS, "00011234567891" + "23456789")

# Seven digits in a row, in numerals or spelled, separators between, or a sign of mail: the text needs the full search.
CANDIDATE = re.compile(rf"[@0-9{NUMERALS}](?:(?<=@)|(?:[ \-.·/_()~*…×Oo,，、\n]{{0,8}}[0-9{NUMERALS}]){{6}})")

# The local part is read backwards from the sign of mail, so that each character is visited once and an address glued to another
# is found as well. NFKC turns an ellipsis into three full stops, which belong to a local part.
_MAIL_DOMAIN = re.compile(r"@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*")
_LOCAL_PART = frozenset(string.ascii_letters + string.digits + "._%+-…")


def _digits(count: str) -> str:
    return rf"(?:{_SEP}[0-9]){{{count}}}"


_YEAR = rf"(?:1{_SEP}[89]|2{_SEP}0)" + _digits("2")
_MONTH = rf"{_SEP}(?:0{_SEP}[1-9]|1{_SEP}[0-2])"
_DAY = rf"{_SEP}(?:0{_SEP}[1-9]|[12]{_SEP}[0-9]|3{_SEP}[01])"
_IDENTITY = rf"{_digits('5')}{_SEP}{_YEAR}{_MONTH}{_DAY}{_digits('3')}{_SEP}[0-9Xx×*ХχΧ](?![0-9])"
_NUMBER = re.compile(
    r"[1-9](?<![0-9][1-9])(?:"
    rf"(?P<identity>{_IDENTITY})"
    rf"|(?P<old>{_digits('5')}{_digits('2')}{_MONTH}{_DAY}{_digits('3')}(?!{_SEP}[0-9]))"
    rf"|(?P<mistyped>{_digits('16')}{_SEP}[Xx])"
    rf"|(?<=1){_SEP}(?P<mobile>[3-9]{_digits('9')})(?![0-9])"
    rf"|(?P<card>{_digits('15,18')})(?![0-9])"
    rf"|(?<=[48]){_SEP}(?P<service>00{_digits('7')})(?![0-9])"
    r")"
)
_MOBILE = re.compile(
    rf"1[3-9](?<![0-9]..)[0-9](?:{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}|[)\n.·][0-9]{{8}}"
    rf"|[0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}|[0-9]{{1,7}}\n(?<=[0-9\n]{{4}})[0-9]{{1,7}}(?<=1[0-9\n]{{11}}))(?![0-9]|[元块])"
)
# A sign between any two digits: 1.3.8.0…
_DIGIT_BY_DIGIT = re.compile(r"1(?<![0-9]1)(?<![0-9][.,，、·/]1)[.,，、·/][3-9](?:[.,，、·/][0-9]){9}(?![.,，、·/]?[0-9])")
# What reads as a zero or a one, and numbers that are masked in part.
_WITH_LETTERS = re.compile(
    r"[1lI][3-9](?<![0-9A-Za-z]..)(?:(?<=[lI].)|(?=[0-9 \-]{0,10}[Oo]))(?:[ \-]?[0-9Oo]){9}(?![0-9A-Za-z])"
)
_LETTERS_OF_DIGITS = frozenset("OolI")
_MASKED = re.compile(r"1[3-9](?<![0-9]..)[0-9][*×]{4}[0-9]{4}(?![0-9])")
_MASKED_IDENTITY = re.compile(r"[1-9](?<![0-9].)[0-9]{5}(?:[0-9]{4})?[*×]{4,8}[0-9]{3}[0-9Xx](?![0-9])")
_ABROAD = re.compile(
    r"\+(?<![0-9A-Za-z]\+)(?!86)[1-9](?:[ \-()]{0,2}[0-9]){7,13}(?![0-9]|[元块万%])"
    r"|00(?<![0-9]00)(?:852|853|886)(?:[ \-]{0,2}[0-9]){8,9}(?![0-9])"
)
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
_PREFIXED = re.compile(
    rf"(?:\+|00)86\)?{_SEP}\(?(?:0\)?)?"
    rf"(?:{_SEP}1{_SEP}[3-9]{_digits('9')}|{_SEP}{_AREA}\)?[ \-]{{0,2}}[2-9][0-9]{{2,3}}{_SEP}[0-9]{{4}})(?![0-9])"
    rf"|86\)?{_SEP}(?<![0-9]86)(?<![0-9]86.)(?<![0-9]86\).)(?:1[3-9]{_digits('9')}|-0?{_AREA}-[2-9][0-9]{{6,7}})(?![0-9])"
)
_LANDLINE = re.compile(
    r"[0(](?<![0-9A-KM-Za-km-z]0)(?<![A-Za-z]-0)"
    rf"(?:(?:(?<=\()0)?{_AREA}\)?[ \-.·~/]{{0,2}}[2-9][0-9]{{2,3}}[ \-]{{0,2}}[0-9]{{4}}"
    r"(?:(?:转|分机|[\- ]){1,2}[0-9]{1,6})?"
    # A mobile number behind the zero of a trunk call.
    r"|(?<=0)1[3-9][0-9]{9})(?![0-9])"
)
_LOCAL = re.compile(
    r"[电座固致拨手联通宅Tt](?:(?<=宅)电|(?<=灵通)|(?<=电)话|(?<=座)机|(?<=固)话|(?<=致)电|(?<=拨)打|(?<=手)机|(?<=联)系方式|(?<=[Tt])[Ee][Ll])"
    r"[^0-9\n]{0,6}(?P<number>[2-9][0-9]{2,3}[ \-]{0,2}[0-9]{4})(?![0-9])"
)
_DATE = re.compile(
    r"[12](?<![0-9].)(?:(?<=1)9|(?<=2)0)[0-9]{2}[\-./](?:0?[1-9]|1[0-2])[\-./](?:[12][0-9]|3[01]|0?[1-9])(?![0-9])"
)
_CREDIT_CODE = re.compile(
    r"[1-9A-HJ-NP-RTUWXY](?<![0-9A-Za-z].)[1-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}(?![0-9A-Za-z])"
)

# What stands before a number of 16 to 19 digits says whose it is.
_BEFORE = 12
_REFERENCE_CUE = re.compile(
    r"(?:[单票]号?|订单|编号|编码|流水号?|序列号?|条码|合同号?|案号|凭证号?|[型货批]号|注册号|文号|证书号|许可证号?|执照号?|交易号?"
    r"|(?:S/?N|IMEI|No\.?|ID))[码号为是: #]{0,3}$",
    re.IGNORECASE,
)
_CARD_CUE = re.compile(r"(?:[卡账帐户]号?|银行|[工农中建交招]行)[码号为是: ]{0,3}$")
_IDENTITY_CUE = re.compile(r"(?:身份证?|证件|居[民住留]证|身份)[件号码为是: ]{0,5}$")
_IDENTITY_AFTER = re.compile(r"[^0-9\n]{0,6}身份证")
# Issuer identification numbers of cards in China: UnionPay, its members' older ones, Visa, Mastercard, JCB.
_CARD_ISSUER = re.compile(r"62|60|81|955|103|690|4|5[1-5]|2[2-7]|35")


def pattern_spans(text: str, year: int) -> Iterator[Span]:
    """Yield (start, end, token) of personal data in a normalized text of a complaint of `year`; spans may overlap."""
    yield from _mail_spans(text) if "@" in text else ()
    text = text.translate(_SPELLED_DIGITS) if _SPELLED.search(text) else text
    masked = _mask_codes(text, year)
    for match in _PREFIXED.finditer(masked) if "86" in masked else ():
        yield *match.span(), PHONE
    for match in _NUMBER.finditer(masked):
        token = _number_token(match, year)
        if token:
            yield *match.span(), token
    for match in _MOBILE.finditer(masked):
        yield *match.span(), PHONE
    for match in _LANDLINE.finditer(masked):
        if not _REFERENCE_CUE.search(masked, max(0, match.start() - _BEFORE), match.start()):
            yield *match.span(), PHONE
    for match in _LOCAL.finditer(masked):
        yield *match.span("number"), PHONE
    for match in _ABROAD.finditer(masked) if "+" in masked or "0085" in masked or "00886" in masked else ():
        yield *match.span(), PHONE
    yield from _written_otherwise(masked)


def _written_otherwise(text: str) -> Iterator[Span]:
    """Yield numbers with letters in place of digits, those of which a part is masked, and those that signs take apart."""
    yield from ((*match.span(), PHONE) for match in _DIGIT_BY_DIGIT.finditer(text))
    if not _LETTERS_OF_DIGITS.isdisjoint(text):
        yield from ((*match.span(), PHONE) for match in _WITH_LETTERS.finditer(text))
    if "*" in text or "×" in text:
        yield from ((*match.span(), PHONE) for match in _MASKED.finditer(text))
        yield from ((*match.span(), IDENTITY) for match in _MASKED_IDENTITY.finditer(text))


_SPELLED = re.compile(rf"[{NUMERALS}](?:[ \-.,，、·]?[0-9{NUMERALS}]){{6}}")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")
# Signs that stand for the X of an identity number: a cross, a star, the Greek and the Cyrillic letter.
_CROSSES = str.maketrans("×*ХхΧχ", "XXXXXX")


def _number_token(match: re.Match[str], year: int) -> str | None:
    """Return the token of a number, or None where it is nobody's: an order number, an amount of many digits."""
    kind = match.lastgroup
    if kind in {"mobile", "service"}:
        return PHONE
    number, start = _NOT_ALPHANUMERIC.sub("", match.group().translate(_CROSSES)), match.start()
    before = match.string[max(0, start - _BEFORE) : start]
    if _IDENTITY_CUE.search(before) or (kind == "identity" and has_birth_date(number, year)):
        return IDENTITY
    if kind == "old":
        is_announced = _IDENTITY_AFTER.match(match.string, match.end())
        return (
            IDENTITY if is_old_identity_number(number, year) and (is_announced or not _REFERENCE_CUE.search(before)) else None
        )
    if kind == "mistyped":
        return None if _REFERENCE_CUE.search(before) else IDENTITY
    return CARD if _is_card(number, before) else None


def _is_card(number: str, before: str) -> bool:
    """Return whether 16 to 19 digits are a bank card's: announced as one, or of a known issuer with the right check digit."""
    if _CARD_CUE.search(before):
        return True
    if _REFERENCE_CUE.search(before):
        return False
    return number.startswith("62") or (_CARD_ISSUER.match(number) is not None and has_luhn_digit(number))


def has_luhn_digit(number: str) -> bool:
    """Return whether the last digit of a card's number is the right one (ISO/IEC 7812)."""
    odd, even = number[-1::-2], number[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)) % 10 == 0


def _mail_spans(text: str) -> Iterator[Span]:
    end = 0
    for match in _MAIL_DOMAIN.finditer(text):
        start = match.start()
        while start > end and text[start - 1] in _LOCAL_PART:
            start -= 1
        if start < match.start():
            end = match.end()
            yield start, end, MAIL


def _mask_codes(text: str, year: int) -> str:
    """Replace dates and credit codes, which look like parts of numbers, by letters of the same length."""
    text = _CREDIT_CODE.sub(lambda match: _mask(match) if _is_credit_code(match.group(), year) else match.group(), text)
    return _DATE.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    return "年" * len(match.group())


def _is_credit_code(text: str, year: int) -> bool:
    """With letters it is a code, mistyped or not; of digits alone, if its check digit is right and no birth date is in it."""
    if text[:-1].isdigit() and text[-1] in "0123456789X":
        return not has_birth_date(text, year) and canonical_uscc(text) is not None
    return True
