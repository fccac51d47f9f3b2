"""The names in the name field of a complainant, as clerks fill it: with titles, remarks in brackets, two people in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.personal_data.surnames import is_chinese_name

MIN_LENGTH = 2
# A part of a dotted name shorter than this may be a common word.
MIN_PART_LENGTH = 3

# What clerks write where the name is unknown or withheld, and whom they name by relation; in a text these name nobody.
_PLACEHOLDERS = (
    "匿名 无 不详 未知 保密 不便透露 消费者 投诉人 举报人 来电人 来信人 当事人 顾客 客户 市民 群众 本人 先生 女士 "
    "男士 小姐 其妻 其夫 其父 其母 其子 其女 妻子 丈夫 父亲 母亲 儿子 女儿 家属 家人 家长 亲属 朋友 同事 代理人 "
    "委托人 监护人 经办人 联系人 男 女 已婚 未婚 老人 学生 代诉 代投诉 不愿透露 拒绝透露 匿名投诉 无名氏 某某 "
    "anonymous unknown none n/a na null consumer customer test mr mrs ms miss "
)
PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())

_SEPARATORS = re.compile(
    r"[、,，;；:/\\|&+*_~()\[\]【】《》<>\n\t]|[0-9][0-9 \-]{5,}|[0-9]{1,3} ?(?:周?岁|年生)| [男女](?![^ ])|以及|或者"
)
_CONJUNCTIONS = re.compile(r"[和与及跟同代 ]|妻子|丈夫|父亲|母亲|儿子|女儿|家属|之[妻夫父母子女]")
_ROLE = re.compile(
    r"^(?:匿名|代诉人|先生|女士|消费者|投诉人|举报人|来电人|来信人|联系人|委托人|代理人|监护人|经办人|当事人|顾客|客户|市民|本人|家长|姓名|其|妻子?|丈夫|父亲?|母亲?|儿子|女儿)"
    r"[:： ]{0,2}(?=.{2})"
)
_TITLE = re.compile(
    r"(?:先生|女士|男士|小姐|太太|夫人|老师|师傅|同志|阿姨|大爷|大妈|大姐|大哥|老板|医生|教授|律师|经理|夫妇|夫妻|同学|家长|业主|之[妻夫父母子女]|本人|等人?|等[0-9一二三四五六七八九十]+[人户位名家]"
    r"|代|男|女)+$"
)
_LATIN_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)[. ]+")
_BETWEEN_PARTS = re.compile(r"[\s·.。・-]+")


def names_of(field: str) -> tuple[str, ...]:
    """Return the comparable names in a normalized field, longest first: lower case, no spaces, no dots, no titles.

    Both people of a cell, and the longer parts of a name with dots, are names of their own.
    """
    found = {name for part in _SEPARATORS.split(field.lower()) for name in _names_of_part(part.strip())}
    return tuple(sorted(found, key=lambda name: (-len(name), name)))


def _names_of_part(part: str) -> Iterator[str]:
    person = _LATIN_TITLE.sub("", _ROLE.sub("", part))
    bare = _without_title(person)
    for name in (bare, *_pair(bare), *(each for each in re.split("[·.]", bare) if len(each) >= MIN_PART_LENGTH)):
        comparable = _BETWEEN_PARTS.sub("", name)
        if len(comparable) >= MIN_LENGTH and comparable not in PLACEHOLDERS:
            yield comparable


def _without_title(person: str) -> str:
    """Return the name without the title after it, unless no name would be left."""
    bare = _TITLE.sub("", person).strip()
    return bare if len(bare) >= MIN_LENGTH else person


def _pair(names: str) -> tuple[str, ...]:
    """Return two Chinese names that a conjunction or a space joins; nothing where either is none."""
    parts = tuple(map(_without_title, filter(None, _CONJUNCTIONS.split(names))))
    return parts if len(parts) > 1 and all(map(is_chinese_name, parts)) else ()
