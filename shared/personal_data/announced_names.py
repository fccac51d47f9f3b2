"""Names that a role or kinship announces (消费者张三, 其妻李四), and names before a title (张三先生).

A name is a surname with one or two characters that a sentence or a verb of reporting ends. Surnames that mostly begin another
word behind a role (于, 向) count behind a colon only, and words that begin like a name are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.personal_data.surnames import COMPOUND_SURNAMES, PERSON, STRONG_SURNAMES, SURNAMES
from shared.personal_data.tokens import NAME, Span

_ROLES = (
    "投诉人 举报人 反映人 反应人 来电人 来信人 来访人 诉求人 申诉人 当事人 消费者 市民 群众 顾客 乘客 旅客 患者 病人 "
    "学员 学生 业主 车主 会员 租客 租户 房客 游客 户主 房主 买家 网友 村民 居民 委托人 代理人 监护人 收款人 付款人 "
    "汇款人 寄件人 发件人 签收人 付款方 本人 我是 名为 签名 签字 署名 落款 此致 敬礼 客户 抬头 "
)
_KIN = (
    "其妻 其夫 其父 其母 其子 其女 妻子 丈夫 老公 老婆 爱人 配偶 母亲 父亲 妈妈 爸爸 儿子 女儿 孩子 小孩 哥哥 弟弟 姐姐 "
    "妹妹 爷爷 奶奶 外公 外婆 姥姥 姥爷 婆婆 公公 岳父 岳母 孙子 孙女 外孙 儿媳 女婿 家属 家人 朋友 同事 同学 邻居 "
)
ROLES = [*_ROLES.split(), *_KIN.split()]
TITLE_LENGTH = 2
TITLES = ["先生", "女士", "小姐", "同志", "阿姨", "老师"]

_WORDS = (
    "丁香 严格 严重 包厢 包含 包括 包装 包裹 包间 华为 古董 史上 叶子 周一 周三 周二 周五 周六 周到 周四 周围 周岁 周日 "
    "周期 周末 周边 唐突 夏令 夏天 夏季 孙女 孙子 季度 季节 尤其 屈服 左侧 左右 左手 左眼 左脚 左腿 左边 席位 庄重 庞大 "
    "康复 张口 张嘴 张贴 戴着 房东 房产 房屋 房租 文件 文化 文字 施工 曾于 曾向 曾在 曾多 曾经 李子 杜绝 杨梅 林业 柴油 "
    "梅花 武汉 段时 毛利 毛发 毛巾 毛病 毛衣 江北 江南 江苏 江西 汤里 汪汪 沈阳 洪水 温度 温泉 游戏 游泳 游玩 焦急 熊猫 "
    "牛奶 牛肉 王府 王牌 王者 甘愿 田地 白天 白色 白血 白酒 石化 石头 石材 祝福 程序 程度 章程 童年 童装 童车 管理 管道 "
    "罗列 肖像 胡乱 胡说 苏打 范围 莫名 莫大 葛根 董事 解决 解释 解除 许久 许可 许多 许诺 谢谢 贺卡 赖账 辛苦 邮箱 郑州 "
    "郑重 钟表 钱包 钱款 钱财 陆续 陆陆 陈列 陈旧 陈述 陶瓷 雷同 雷达 雷雨 韩国 顾客 顾虑 顾问 马上 马桶 马虎 马路 高一 "
    "高三 高中 高二 高价 高兴 高度 高校 高温 高烧 高热 高端 高级 高考 高速 高铁 高额 高龄 鲍鱼 黄牛 黄色 黄金 黎明 龙虾 "
    "江景 钟点 "
)
_NOT_NAMES = frozenset(_WORDS.split())
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_TITLED = "先生|女士|小姐|男士|太太|阿姨|大爷|大妈|老师|师傅|同志"
_VERBS = (
    "反映|反应|来电|来信|来访|致电|称|投诉|举报|表示|诉|说|在|于|到|向|去|购买|就读|今年|现年|通过|因|收到|发现|与|被|从|电话|手机|身份证"
    "|先生|女士|收|的|和|及|家|男|女|律师|本人|要求|认为|提出|持|乘坐|入住|就诊|曾|再次|代"
)
_FILLER = r"(?:\([^()\n]{1,6}\))?(?:姓名|名叫|叫|为|是)?"
_SIGN = r"[: ]"
_ANNOUNCED = re.compile(
    rf"{_FILLER}(?:{_SIGN}{{1,2}}(?P<signed>{PERSON})(?=[^\u4e00-\u9fff]|$|{_VERBS})"
    rf"|{_SIGN}{{0,2}}(?P<titled>[{SURNAMES}]|{COMPOUND_SURNAMES})(?=某{{0,2}}(?:{_TITLED}))"
    rf"|(?P<direct>(?:{COMPOUND_SURNAMES}){_GIVEN}|[{STRONG_SURNAMES}]{_GIVEN})(?=[^\u4e00-\u9fff]|$|{_VERBS}))"
)
_FURTHER = re.compile(
    rf"[、,，和与及](?P<name>(?:{COMPOUND_SURNAMES}){_GIVEN}|[{STRONG_SURNAMES}]{_GIVEN})(?=[^\u4e00-\u9fff]|$|[二两三四五]人|夫妇|{_VERBS})"
)
# As documents write of a person: 王大力，男，1990年…
_SEX = re.compile(r"[,，(][男女](?=[,，)]|[0-9]{2}|汉族)")
_BEFORE_TITLE = re.compile(rf"(?P<name>(?:{COMPOUND_SURNAMES}){_GIVEN}|[{STRONG_SURNAMES}]{_GIVEN})$")
_LONGEST_NAME = 4
_COMPOUND = frozenset(COMPOUND_SURNAMES.split("|"))
_COMPOUND_ENDS = "".join(sorted({surname[-1] for surname in _COMPOUND}))


# One pass over the text looks at the last characters of roles and titles, and goes on only where a name may stand beside them.
_NAME_MAY_FOLLOW = rf"(?=[: (姓名叫为是{SURNAMES}]|{COMPOUND_SURNAMES})"


def _ends(words: Sequence[str]) -> str:
    return "[" + "".join(sorted({word[-1] for word in words})) + "]"


def _behind(words: Sequence[str]) -> str:
    """Return a condition: one of the words ends here."""
    return "(?:" + "|".join(f"(?<={word})" for word in words) + ")"


_CUE = re.compile(
    rf"{_ends([*ROLES, *TITLES])}(?:{_NAME_MAY_FOLLOW}{_behind(ROLES)}(?P<role>)"
    rf"|(?:(?<=[{STRONG_SURNAMES}]...)|(?<=[{STRONG_SURNAMES}]....)|(?<=[{_COMPOUND_ENDS}]....)){_behind(TITLES)})"
)


def name_spans(text: str) -> Iterator[Span]:
    """Yield the spans of names behind a role or kinship, and of full names before a title, in a normalized text."""
    for cue in _CUE.finditer(text):
        name = _name_behind(text, cue.end()) if cue.lastgroup == "role" else _name_before(text, cue.end() - TITLE_LENGTH)
        if name:
            yield *name, NAME
            yield from _further_names(text, name[1])
    for sex in _SEX.finditer(text) if "男" in text or "女" in text else ():
        if name := _name_before(text, sex.start()):
            yield *name, NAME


def _further_names(text: str, at: int) -> Iterator[Span]:
    """Yield the spans of names that follow another one: 王大力、李小红."""
    while (found := _FURTHER.match(text, at)) and found["name"][:2] not in _NOT_NAMES and "某" not in found["name"]:
        yield *found.span("name"), NAME
        at = found.end("name")


def _name_behind(text: str, at: int) -> tuple[int, int] | None:
    """Return where the announced name stands; a surname alone where a title follows it."""
    found = _ANNOUNCED.match(text, at)
    if found is None or (found["direct"] or "")[:2] in _NOT_NAMES or "某" in found[found.lastgroup or ""]:
        return None
    return found.span(found.lastgroup or "")


def _name_before(text: str, at: int) -> tuple[int, int] | None:
    """Return where the full name stands that ends there. A surname alone names nobody."""
    found = _BEFORE_TITLE.search(text, max(0, at - _LONGEST_NAME), at)
    if found is None or found["name"][:2] in _NOT_NAMES or found["name"] in _COMPOUND:
        return None
    return found.span("name")
