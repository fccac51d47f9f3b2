"""Line breaks: none inside numbers with their units, dates and codes; long company names break at their parts."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

# Measure words that follow a number; longest first so that 个工作日 wins over 个.
UNITS = (
    "个工作日", "工作日", "小时", "分钟", "万元", "亿元", "件", "元", "户", "条", "家", "人", "起", "次", "天",
    "个", "项", "处", "版", "号", "份", "块", "名", "年", "月", "日", "秒", "字", "行", "层", "岁", "台", "部",
)  # fmt: skip
_UNIT = "|".join(UNITS)
_WHOLE = re.compile(
    r"\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"  # a date in words
    r"|\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?"  # a date in a table
    r"|[A-Z]{2}-\d{4}-\d+"  # the number of an item or a receipt
    r"|[0-9A-HJ-NP-RTUW-Y]{18}"  # USCC
    rf"|¥?\d[\d,]*(?:\.\d+)?(?:–\d[\d,]*(?:\.\d+)?)?(?:[万亿]?(?:{_UNIT})|[万亿]|%)"  # number + unit
)

# Joints of a company name, in the order of the rules for names of enterprises: place, trade name, industry, form.
_FORM = re.compile(
    r"(?=(?:股份有限公司|有限责任公司|有限公司|集团有限公司|合伙企业|个人独资企业|农民专业合作社|"
    r"经营部|营业部|服务部|分公司|第[一二三四五六七八九十]+分店|旗舰店|专卖店|直营店)(?:$|[（(\u4e00-\u9fff]))"
)
_INDUSTRY = re.compile(
    r"(?<=[\u4e00-\u9fff]{4})(?=(?:通讯|汽车|电子|电器|家居|家具|建材|装饰|服饰|服装|餐饮|食品|健身|体育|教育|培训|科技|"
    r"信息|网络|文化|旅游|旅行|酒店|物业|物流|快递|商贸|贸易|百货|超市|医疗|美容|美发|摄影|婚庆|家政|租赁|"
    r"生物|医药|珠宝|眼镜|母婴|宠物|房地产|能源|电力|燃气|水务|通信|传媒|咨询))"
)


# How the titles of major complaints end, and how many characters of a heading fit into a line of a phone.
_DISPUTE = "争议"
_LONG_SUBJECT = 10

# Chinese in a page of another language: from the first Han character to the last one or its full stop.
_CHINESE = re.compile(r"[\u3400-\u9fff](?:[^A-Za-z\n]*[\u3400-\u9fff。！？…）”])?")


def has_chinese(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return _CHINESE.search(text) is not None


def mark_chinese(text: str, set_type: Callable[[str], Markup]) -> Markup:
    """Return `text` set by `set_type`, its Chinese in `<span lang>` for screen readers, fonts and line breaks."""
    parts: list[Markup] = []
    end = 0
    for found in _CHINESE.finditer(text):
        chinese = Markup('<span lang="zh-Hans">{}</span>').format(set_type(found[0]))
        parts += [set_type(text[end : found.start()]), chinese]
        end = found.end()
    return Markup("").join([*parts, set_type(text[end:])])


def join_units(text: str) -> Markup:
    """Return `text` with no line break inside a number and its unit, a date or a code."""
    parts: list[str] = []
    end = 0
    for found in _WHOLE.finditer(text):
        parts += [escape(text[end : found.start()]), nowrap(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def nowrap(text: str) -> Markup:
    """Return `text` in a span that never breaks."""
    return Markup('<span class="nb">{}</span>').format(text)


def break_name(name: str) -> Markup:
    """Return a company name with line breaks allowed before its industry and before its form."""
    joints = sorted({first(name) for first in (_joint(_INDUSTRY), _joint(_FORM))} - {None, 0}, key=lambda at: at or 0)
    ends = [*joints, len(name)]
    starts = [0, *joints]
    return Markup("<wbr>").join(escape(name[start:end]) for start, end in zip(starts, ends, strict=True))


def break_title(text: str) -> Markup:
    """Return a title such as 某争议：某公司 with line breaks allowed after the colon and at the joints of the name.

    A subject that is longer than a line of a phone may also break before 争议.
    """
    subject, colon, name = text.partition("：")
    if not colon:
        return join_units(text)
    about = join_units(subject)
    if subject.endswith(_DISPUTE) and len(subject) > _LONG_SUBJECT:
        about = Markup("{}<wbr>{}").format(join_units(subject.removesuffix(_DISPUTE)), _DISPUTE)
    return Markup("{}：<wbr>{}").format(about, break_name(name))


def _joint(pattern: re.Pattern[str]) -> Callable[[str], int | None]:
    def find(name: str) -> int | None:
        found = pattern.search(name)
        return found.start() if found else None

    return find
