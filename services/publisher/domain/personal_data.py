"""The last check for personal data: intake has removed it, so anything found here blocks the item."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from functools import lru_cache

from services.publisher.domain.form import Form
from services.publisher.kinds import find_kind
from shared.personal_data import find_spans, search_patterns, tokens
from shared.personal_data.normalization import normalize
from shared.personal_data.surnames import COMPOUND_SURNAMES, STRONG_SURNAMES, SURNAMES, WEAK_SURNAMES


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


_KINDS = {
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
# Texts about what happened; a title and an address hold the operator's own data, so that patterns alone are searched for.
STORIES = ("issue", "result", "goods")
# A form that names no day is of no year: then every birth date that ever was may be one.
ANY_YEAR = 9999


def find_personal_data(form: Form) -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data that the texts of a form still contain."""
    year, name = _find_year(form), form.operator.name if form.operator else ""
    kinds: set[PersonalDataKind] = set()
    for text in _stories(form):
        kinds |= find_in_story(text, year, operator=name)
    for text in _operator_texts(form):
        kinds |= _find_by_pattern(text, year)
    return frozenset(kinds)


# Names of classes, offices and operators are the same in thousands of forms that are drafted or released together.
@lru_cache(maxsize=4_096)
def _find_by_pattern(text: str, year: int) -> frozenset[PersonalDataKind]:
    return frozenset(_KINDS[token] for _, _, token in search_patterns(normalize(text).text, year))


def find_in_story(text: str, year: int = ANY_YEAR, *, operator: str = "") -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data in a text about what happened; the operator's name in it is no person's."""
    form = normalize(text).text
    if operator:
        form = form.replace(normalize(operator).text, " ")
    kinds = {_KINDS[token] for _, _, token in find_spans(form, year)}
    if _APPELLATION.search(form):
        kinds.add(PersonalDataKind.NAME)
    if _PLACEHOLDER.search(form):
        kinds.add(PersonalDataKind.PLACEHOLDER)
    return frozenset(kinds)


def _find_year(form: Form) -> int:
    """Return the year that a form is about."""
    day = (form.content or {}).get("received_on") or form.period
    return int(day[:4]) if day else ANY_YEAR


def narratives(form: Form) -> Iterator[str]:
    """Yield the texts of a form's content that tell what happened."""
    content = form.content or {}
    yield from filter(None, (content.get(name) for name in _narrative_fields(form)))


def _narrative_fields(form: Form) -> Collection[str]:
    kind = find_kind(form.kind)
    return STORIES if kind is None else [each.name for each in kind.fields if each.is_narrative]


def _stories(form: Form) -> Iterator[str]:
    # A desk's kind composes its summary of what its fields say, names of products and offices among them.
    yield from filter(None, (None if find_kind(form.kind) else form.summary, form.reason))
    yield from narratives(form)
    yield from _new_values(form, _narrative_fields(form))


def _operator_texts(form: Form) -> Iterator[str]:
    """Yield the texts that name an operator, an office, a product or a document."""
    yield from filter(None, (form.title, form.summary, form.operator.address if form.operator else None))
    yield from _new_values(form, ("title", "operator.address"))
    kind = find_kind(form.kind)
    for each in kind.fields if kind else ():
        value = (form.content or {}).get(each.name)
        if isinstance(value, str) and not each.is_narrative and not each.is_kept:
            yield value


def _new_values(form: Form, fields: Iterable[str]) -> Iterator[str]:
    return (new for name, _, new in form.changes if name in fields and new)
