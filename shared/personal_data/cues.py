"""Personal data that a cue announces: names (收件人…), home addresses (家住…), documents (护照…), accounts (微信号…), plates.

A name begins with a surname and ends with the phrase, an address ends with a door number. What no cue announces and no pattern
finds is left to the second stage, a model that searches texts before they are published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from shared.personal_data import documents
from shared.personal_data.announced_names import name_spans
from shared.personal_data.patterns import NUMERALS
from shared.personal_data.surnames import PERSON
from shared.personal_data.tokens import ADDRESS, CARD, IDENTITY, MAIL, NAME, PHONE, Span

_PERSON_CUES = ["收件人", "收货人", "代办人", "办卡人", "持卡人", "户名", "姓名", "姓 名", "我叫", "名叫", "联系人"]
_CONTACT_CUES = ["联系", "联络"]
# 与…联系 with two to four characters between: of the others, which are many, the engine sees by itself that they name nobody.
_CONTACT_WITH = "联(?:(?<=[与和找]..联)|(?<=[与和找]...联)|(?<=[与和找]....联))[系络]"
_BUILDING_CUES = ["幢", "栋", "号楼", "单元", "弄"]
_DELIVERIES = "送到 送至 寄到 寄至"
# 住 before a district; of 入住 in a hotel the engine sees by itself that it is no home.
_LIVING = "住(?<!入住)(?=[\u4e00-\u9fff]{1,5}[区县镇乡])"
_PHONE_CUES = "电话 手机 联系方式"
_TAIL_CUES = "尾号 尾数 后四位 后4位 后六位 后6位 后三位 后3位 末四位 末4位 末六位 末6位"
_BIRTH_CUES = "出生日期 出生年月 出生于 生于 生日"
_HOMES = "家住 现住 住址 我住 住在 居住在 居住于 家庭住址 家庭地址 收货地址 收件地址 户籍地 户口在 租住"
_MAIL_CUES = [" at ", " AT ", "(at)", "(AT)", "[at]", "[AT]", "艾特", "(a)", "[a]", "#163.", "#126.", "#qq.", " @ ", " @", "@ "]

_END = r"(?=[^\u4e00-\u9fff]|$|电话|手机|身份证|先生|女士|收)"
_NAME_AFTER = re.compile(rf"[: 为是叫]{{0,3}}(?P<name>{PERSON}){_END}")
_NAME_BEFORE_CONTACT = re.compile(rf"(?:与|和|找)(?P<name>{PERSON})$")
_NAME_BEFORE_DOCUMENT = re.compile(rf"(?P<name>{PERSON})[,，(]?$")
_PERSONAL_DOCUMENTS = frozenset({"身份证", "证件", "护照"})
_MAX_NAME_SPAN = 6
_TAIL_OF = re.compile(r"(?P<identity>身份证?|证件)|(?P<phone>手机|电话)|(?P<card>卡)")
_TAIL = re.compile(r"[号是为: ]{0,3}(?P<tail>[0-9]{3,6}[Xx]?)(?![0-9])")
_MAX_BEFORE_TAIL = 5
_BIRTH = re.compile(r"[: 为是]{0,2}(?P<day>(?:19|20)[0-9]{2}[年\-./][0-9]{1,2}[月\-./][0-9]{1,2}[日号]?)")
_CLASS = re.compile(r"(?P<first>[一二三四五六七八九1-9])年级(?P<last>\(?[0-9一二三四五六七八九十]{1,2}\)?班)")

_BUILDING_ADDRESS = re.compile(
    r"(?:家住|现住|居住在|居住于|住在|住|地址[为是:]?|住址[为是:]?|送到|送至)?"
    r"(?P<address>[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z]{1,30}?"
    r"[0-9A-Za-z一二三四五六七八九十]{1,4}(?:幢|栋|号楼|单元|弄)[0-9A-Za-z一二三四五六七八九十单元门号楼\-]{0,12}[0-9]{1,5}(?:室|号|户|房)?)"
)
_ROOM_ADDRESS = re.compile(r"[: 址为是在于]{0,3}(?P<address>[\u4e00-\u9fff]{2,12}[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,5})(?![0-9])")
_HOME_ADDRESS = re.compile(
    r"[: 址为是在于]{0,3}"
    r"(?=[\u4e00-\u9fffA-Za-z0-9#\-]{0,30}(?:路|街|道|巷|弄|小区|花园|家园|社区|苑|村|镇|乡|幢|栋|室|单元|号楼|公寓|新城|府))"
    r"(?P<address>[\u4e00-\u9fff](?:[\u4e00-\u9fffA-Za-z#\-]|[0-9]{1,6}(?![0-9]|年|月[0-9])){1,40}"
    r"(?<=[0-9室号户单元楼栋幢弄组村])(?:室|号楼?|户|单元|楼|栋|幢|弄|组|队|社|房)?(?:之[0-9]{1,3})?)"
)
_APART = re.compile(
    r"[^0-9\n]{0,5}?(?P<number>1[3-9][0-9](?:[^0-9\u4e00-\u9fff]{1,4}[0-9]{4}){2}(?![0-9])"
    # A date or a count right behind it: 138001380002026年.
    r"|(?:(?:\+|00)?86[)）\- ]{0,2})?1[3-9](?:[ \-.·_/]?[0-9]){9}(?=[0-9]{1,4}(?:[年月日号点时个次]|\.[0-9]))"
    rf"|[一幺][{NUMERALS}](?:[，、,. ]{{0,2}}[{NUMERALS}]){{9}}(?![{NUMERALS}]))"
)
_LOCAL_PART = re.compile(r"[A-Za-z0-9._%+\-]{1,64} ?$")
_DOMAIN = re.compile(r" ?[A-Za-z0-9\-]{1,40}(?: ?(?:\.|点|[\[(]?(?:dot|DOT|点)[\])]?) ?[A-Za-z]{2,10}){1,3}")
_MAX_LOCAL_PART = 66


def cued_spans(text: str) -> list[Span]:
    """Return (start, end, token) of announced personal data in a normalized text; spans may overlap."""
    spans = list(name_spans(text))
    has_building = False
    for cue in _CUE.finditer(text):
        search = _SEARCHES.get(cue.group(), documents.plate_spans)
        spans += search(text, cue)
        has_building = has_building or search is _note_building
    if has_building:
        spans += [(*address.span("address"), ADDRESS) for address in _BUILDING_ADDRESS.finditer(text)]
    return spans


def _search_person(text: str, cue: re.Match[str]) -> Sequence[Span]:
    if name := _NAME_AFTER.match(text, cue.end()):
        return ((*name.span("name"), NAME),)
    return _search_contact(text, cue) if cue.group() == "联系人" else ()


def _search_contact(text: str, cue: re.Match[str]) -> Sequence[Span]:
    start = cue.start()
    name = _NAME_BEFORE_CONTACT.search(text, start - _MAX_NAME_SPAN if start > _MAX_NAME_SPAN else 0, start)
    return ((*name.span("name"), NAME),) if name else ()


def _search_document(text: str, cue: re.Match[str]) -> Sequence[Span]:
    spans = documents.document_spans(text, cue)
    if cue.group() not in _PERSONAL_DOCUMENTS:
        return spans
    name = _NAME_BEFORE_DOCUMENT.search(text, max(0, cue.start() - _MAX_NAME_SPAN), cue.start())
    return (*spans, (*name.span("name"), NAME)) if name else spans


def _search_tail(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Find the last digits of a number: 身份证尾号1234. Those of an order number name nobody."""
    start = cue.start()
    number, tail = _TAIL_OF.search(text, max(0, start - _MAX_BEFORE_TAIL), start), _TAIL.match(text, cue.end())
    return ((*tail.span("tail"), _TAIL_TOKENS[number.lastgroup or ""]),) if number and tail else ()


def _search_home(text: str, cue: re.Match[str]) -> Sequence[Span]:
    address = _HOME_ADDRESS.match(text, cue.end()) or _ROOM_ADDRESS.match(text, cue.end())
    return ((*address.span("address"), ADDRESS),) if address else ()


def _search_phone(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Find a mobile number whose parts stand apart by any sign or by spoken commas, or that a date is glued to."""
    number = _APART.match(text, cue.end())
    return ((*number.span("number"), PHONE),) if number else ()


def _search_delivery(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Find a room that things are sent to. A street may be a shop's."""
    address = _ROOM_ADDRESS.match(text, cue.end())
    return ((*address.span("address"), ADDRESS),) if address else ()


def _search_mail(text: str, cue: re.Match[str]) -> Sequence[Span]:
    local_part = _LOCAL_PART.search(text, max(0, cue.start() - _MAX_LOCAL_PART), cue.start())
    domain = _DOMAIN.match(text, cue.start() + 1 if cue.group().startswith("#") else cue.end())
    return ((local_part.start(), domain.end(), MAIL),) if local_part and domain else ()


def _search_birth(text: str, cue: re.Match[str]) -> Sequence[Span]:
    day = _BIRTH.match(text, cue.end())
    return ((*day.span("day"), IDENTITY),) if day else ()


def _search_class(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Find a child's class at school: 三年级(2)班."""
    found = _CLASS.match(text, max(0, cue.start() - 1))
    return ((*found.span(), ADDRESS),) if found else ()


_TAIL_TOKENS = {"identity": IDENTITY, "phone": PHONE, "card": CARD}
Search = Callable[[str, re.Match[str]], Sequence[Span]]


def _note_building(_: str, __: re.Match[str]) -> Sequence[Span]:
    """Find nothing at the cue: one search of the whole text finds the addresses of all buildings."""
    return ()


_SEARCHES: Mapping[str, Search] = {
    **dict.fromkeys(_CONTACT_CUES, _search_contact),
    **dict.fromkeys(_PERSON_CUES, _search_person),
    **dict.fromkeys(_BUILDING_CUES, _note_building),
    **dict.fromkeys(_HOMES.split(), _search_home),
    **dict.fromkeys(_PHONE_CUES.split(), _search_phone),
    **dict.fromkeys(_DELIVERIES.split(), _search_delivery),
    "住": _search_home,
    "证": documents.document_spans,
    **dict.fromkeys(_MAIL_CUES, _search_mail),
    **dict.fromkeys(_TAIL_CUES.split(), _search_tail),
    **dict.fromkeys(_BIRTH_CUES.split(), _search_birth),
    "年级": _search_class,
    **dict.fromkeys(documents.DOCUMENT_CUES, _search_document),
    **dict.fromkeys(documents.ACCOUNT_CUES, documents.account_spans),
    **dict.fromkeys(documents.ORDER_CUES, documents.order_spans),
    **dict.fromkeys(documents.VEHICLE_CUES, documents.vehicle_spans),
}


def _join_by_first(words: Iterable[str]) -> Iterator[str]:
    """Yield one alternative for all words with the same first character, the longer ones first."""
    for first, group in groupby(sorted(words), itemgetter(0)):
        rests = sorted((word[1:] for word in group), key=len, reverse=True)
        yield re.escape(first) + "(?:" + "|".join(map(re.escape, rests)) + ")"


# All cues in one pass over the text. Each alternative begins with a literal, so that the engine skips to the characters with
# which a cue can begin; the fewer alternatives, the less it tries there.
_WORDS = _join_by_first(_SEARCHES.keys() - {*_CONTACT_CUES, *documents.ORDER_CUES, "住", "证"})
_CUE = re.compile(
    "|".join([*documents.PLATE_BEGINNINGS, *_WORDS, *documents.ORDERS, _CONTACT_WITH, _LIVING, documents.CERTIFICATES])
)
