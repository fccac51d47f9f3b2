"""Names and home addresses that a cue word announces: 收件人…, 家住…, 与…联系.

The name begins with a surname and ends with the phrase, the address ends with a door number. What no cue announces is left to
the second stage, a model that searches texts before they are published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.intake.redaction.known_identity import ADDRESS, NAME
from services.intake.redaction.patterns import Span

# All cues in one pass over the text; the cue decides what is searched before or after it.
_CUE = re.compile("收[件货]人|联(?:系人?|络)|代办人|办卡人|持卡人|户名|姓名|我叫|名叫|身份证|证件号|幢|栋|号楼")

# The most frequent surnames of the census of 2020, and those of two characters.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季庞颜倪樊葛俞骆"
    "邢尤焦车祝齐庄包柴翁荆鲍华岳欧伍左聂路童翟游甘虞温费解翁"
)
_COMPOUND_SURNAMES = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕|宇文|长孙|独孤|南宫|西门|闻人"
_PERSON = rf"(?:(?:{_COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_END = r"(?=[^\u4e00-\u9fff]|$|电话|手机|身份证|先生|女士)"

_NAME_AFTER = re.compile(rf"[:：为是叫]?(?P<name>{_PERSON}){_END}")
_NAME_BEFORE_CONTACT = re.compile(rf"(?:与|和|找)(?P<name>{_PERSON})$")
_NAME_BEFORE_DOCUMENT = re.compile(rf"(?P<name>{_PERSON})[,，(（]?$")
_MAX_NAME_SPAN = 6
_BEFORE = {
    "联系": _NAME_BEFORE_CONTACT,
    "联系人": _NAME_BEFORE_CONTACT,
    "联络": _NAME_BEFORE_CONTACT,
    "身份证": _NAME_BEFORE_DOCUMENT,
    "证件号": _NAME_BEFORE_DOCUMENT,
}
_AFTER = frozenset({"收件人", "收货人", "联系人", "代办人", "办卡人", "持卡人", "户名", "姓名", "我叫", "名叫"})
_BUILDINGS = frozenset({"幢", "栋", "号楼"})

_HOME_ADDRESS = re.compile(
    r"(?:家住|现住|居住在|居住于|住在|住|地址[为是:：]?|住址[为是:：]?|送到|送至)?"
    r"(?P<address>[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z]{1,30}?"
    r"[0-9A-Za-z一二三四五六七八九十]{1,4}(?:幢|栋|号楼)[0-9A-Za-z一二三四五六七八九十单元门号楼\-]{0,12}[0-9]{1,5}(?:室|号|户)?)"
)


def cued_spans(text: str) -> Iterator[Span]:
    """Yield (start, end, token) of announced names and addresses."""
    has_building = False
    for cue in _CUE.finditer(text):
        word, start, end = cue.group(), cue.start(), cue.end()
        if word in _AFTER and (name := _NAME_AFTER.match(text, end)):
            yield *name.span("name"), NAME
        if (before := _BEFORE.get(word)) and (name := before.search(text, max(0, start - _MAX_NAME_SPAN), start)):
            yield *name.span("name"), NAME
        has_building = has_building or word in _BUILDINGS
    if has_building:
        for address in _HOME_ADDRESS.finditer(text):
            yield *address.span("address"), ADDRESS
