"""Surnames, and what a Chinese name with one of them looks like."""

from __future__ import annotations

import re

# The most frequent surnames of the census of 2020, and those of two characters.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季庞颜倪樊葛俞骆"
    "邢尤焦车祝齐庄包柴翁荆鲍华岳欧伍左聂路童翟游甘虞温费解翁萧兰牛章鲁闵安霍柯滕习盛涂阮管裴梅竺祁宫甄席单关屈尚冉耿辛靳"
)
# Surnames that are other words far more often: 于, 向, 任何, 常, 时.
WEAK_SURNAMES = "于向万何任常易时安单余费车付应成方连明经关尚都和计水边路金"
STRONG_SURNAMES = "".join(surname for surname in SURNAMES if surname not in WEAK_SURNAMES)
# Surnames that are no other word, among those that are seldom met.
UNMISTAKABLE_SURNAMES = (
    "佘佟刁匡卞邬臧奚邸揭蔺隋鞠冼郜糜詹邰郗雒仝逯褚辜宓荀晁晏娄谌蒯麻栾滕冉芮羿隗郏敖訾阚厍夔蔚竺逄祝耿柯昝郦邝缪闾蹇漆仉郇"
)
# Surnames that count behind a role only: elsewhere they are other words.
RARE_SURNAMES = UNMISTAKABLE_SURNAMES + (
    "纪谈柳时卜凌谷仲蒲冀项窦柏边景明计伏米贝湛禹狄戚支干贡劳姬申扶堵宰雍郤璩桑桂濮寿通扈燕农别瞿阎充慕连茹宦艾容古慎戈庾终暨"
    "居衡步都满弘国寇广禄阙东党银薄晋原官植练扬卓仇苑应盖穆简饶沙畅衣全池来封花强宗屠楚占司吉同和商木台巫云水山火丰井虎鹿苗凤"
    "幸钮钭巴乌牧蓝利师巩勾融冷那空毋乜养须巢相后红权益桓公粟佴随战斯麦青果阳海年信次秘黑生才宁展修真禚但"
)
COMPOUND_SURNAMES = (
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕|宇文|长孙|独孤|南宫|西门|闻人|钟离|百里"
    "|东郭|呼延|澹台|濮阳"
)
PERSON = rf"(?:(?:{COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_PERSON = re.compile(PERSON)


def is_chinese_name(text: str) -> bool:
    """Return whether the whole text has the form of a Chinese name: a known surname and one or two characters."""
    return _PERSON.fullmatch(text) is not None
