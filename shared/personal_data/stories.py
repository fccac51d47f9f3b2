"""Personal data in a text about what happened, as the last check before publication finds it."""

from __future__ import annotations

import re
from enum import StrEnum

from shared.personal_data import find_spans, tokens
from shared.personal_data.normalization import normalize
from shared.personal_data.surnames import COMPOUND_SURNAMES, STRONG_SURNAMES, SURNAMES, WEAK_SURNAMES

# A form that names no day is of no year: then every birth date that ever was may be one.
ANY_YEAR = 9999


class PersonalDataKind(StrEnum):
    """The kinds of personal data that are recognised."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"
    EMAIL = "email"
    NAME = "name"
    ADDRESS = "address"
    PLATE = "plate"
    ACCOUNT = "account"
    ORDER = "order"
    PLACEHOLDER = "placeholder"


KIND_OF_TOKEN = {
    tokens.PHONE: PersonalDataKind.PHONE,
    tokens.IDENTITY: PersonalDataKind.ID_NUMBER,
    tokens.CARD: PersonalDataKind.CARD,
    tokens.MAIL: PersonalDataKind.EMAIL,
    tokens.NAME: PersonalDataKind.NAME,
    tokens.ADDRESS: PersonalDataKind.ADDRESS,
    tokens.PLATE: PersonalDataKind.PLATE,
    tokens.VEHICLE: PersonalDataKind.PLATE,
    tokens.ACCOUNT: PersonalDataKind.ACCOUNT,
    tokens.ORDER: PersonalDataKind.ORDER,
}
# 唐女士, 欧阳先生, 王某, 李某某: whom the operator knows. Surnames that are mostly other words (任何阿姨, 向师傅说明) stand
# before the rarer forms of address at a beginning or behind whom they name only, and never before a trade.
_TITLES = "先生|女士|小姐|太太"
_FORMS_OF_ADDRESS = "某{1,2}|阿姨|大爷|大妈|大姐|大哥|奶奶|爷爷"
_TRADES = "老师|师傅|同学"
_APPELLATION = re.compile(
    rf"(?:[{SURNAMES}]|{COMPOUND_SURNAMES})(?:{_TITLES})"
    rf"|(?:[{STRONG_SURNAMES}]|{COMPOUND_SURNAMES})(?:{_FORMS_OF_ADDRESS}|{_TRADES})"
    rf"|(?:(?<![\u4e00-\u9fff])|(?<=[者人客主民户长员据由与及是为称给还向找]))[{WEAK_SURNAMES}](?:{_FORMS_OF_ADDRESS})"
)
# What redaction put in place of something: a text with it is the caller's own.
_PLACEHOLDER = re.compile(r"\[(?:姓名|地址|电话|证件号|银行卡号|邮箱|车牌号|车架号|账号|单号|编号隐去|名称隐去)\]")


def find_in_story(text: str, year: int = ANY_YEAR, *, operator: str = "") -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data in a text about what happened; the operator's name in it is no person's."""
    form = normalize(text).text
    if operator:
        form = form.replace(normalize(operator).text, " ")
    kinds = {KIND_OF_TOKEN[token] for _, _, token in find_spans(form, year)}
    if _APPELLATION.search(form):
        kinds.add(PersonalDataKind.NAME)
    if _PLACEHOLDER.search(form):
        kinds.add(PersonalDataKind.PLACEHOLDER)
    return frozenset(kinds)
