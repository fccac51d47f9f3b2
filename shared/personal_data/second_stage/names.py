"""Names of persons among the words of a text, brands and companies left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.personal_data.second_stage.brands import starts_with_brand
from shared.personal_data.second_stage.segmenter import Word
from shared.personal_data.surnames import COMPOUND_SURNAMES, STRONG_SURNAMES, SURNAMES

_TITLE = re.compile(r"(?:名下|先生|女士|小姐|太太|同志|阿姨|老师|师傅|医生|律师|经理|店长|老板|某+)$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# What follows a name that is a company's or a brand's.
_TRADE = re.compile(
    r"(?:[\u4e00-\u9fffA-Za-z0-9]{0,8}?)(?:有限责任公司|有限公司|公司|集团|商行|商店|商城|商场|百货|超市|市场|专卖店|旗舰店|专柜|柜台|直营店|体验店|门店|分店|便利店|"
    r"[\u4e00-\u9fff]{0,3}店|经营部|服务部|门市部|营业部|经销处|批发部|加工厂|修理厂|汽修|汽车|银楼|金店|珠宝|首饰|茶庄|茶馆|酒楼|酒店|酒家|饭店|饭馆|餐厅|餐馆|餐饮|食府|食品|火锅|"
    r"麻辣烫|凉茶|烤鸭|包子|拉面|米线|面馆|粉馆|肉馆|小吃|烧烤|豆腐|糕点|蛋糕|茶叶|药房|药店|药业|医药|大药房|制药|医院|诊所|门诊|口腔|眼镜|美容|美发|造型|理发|养生|足疗|洗浴|健身|"
    r"俱乐部|会所|会馆|培训|教育|学校|中学|小学|大学|学院|幼儿园|驾校|旅行社|旅游|宾馆|客栈|民宿|影楼|影城|影院|摄影|网吧|书店|工作室|直播间|品牌|牌|厂|中心|物业|地产|装饰|"
    r"家居|家纺|家具|电器|数码|服饰|服装|鞋业|银行|保险|证券|出行|物流|快递|官网|官方|"
    r"剪刀|菜刀|腐乳|酱油|白酒|葡萄酒|月饼|糖果|面条|方便面|奶粉|口红|香水|运动鞋|皮鞋|西服|帽子|油烟机|药膏|梳子|项链|手镯|戒指|花生油|十三香|辣酱|精华|面膜)"
)
_TRADE_TAGS = frozenset({"n", "nz", "nw", "ORG", "LOC", "vn", "an", "PER", "f", "s", "xc", "m"})
_BUYING = re.compile(
    r"(?:购买|买了|买的|买|选购|订购|购入|品牌|牌子|使用|饮用|食用|喝|穿)(?:了|的|是|过|到|一[双盒件台瓶袋箱款]|两[双盒件台瓶袋箱款])?$"
)
_ROLES = (
    "投诉人|举报人|反映人|来电人|来信人|诉求人|申诉人|当事人|消费者|联系人|收款人|付款人|收件人|收货人|寄件人|签收人|经办人|代办人|办理人|负责人|委托人|代理人|监护人|"
    "机主|户名|户主|业主|车主|房东|租客|租户|持卡人|开户人|乘客|旅客|患者|学员|学生|会员|顾客|客户|市民|客服|店员|店长|店主|老板|经理|顾问|教练|师傅|医生|老师|销售|"
    "业务员|班主任|护士|保安|保姆|月嫂|导游|主播|快递员|骑手|司机|中介|员工|工作人员|营业员|父亲|母亲|丈夫|妻子|儿子|女儿|爱人|老公|老婆|哥哥|姐姐|弟弟|妹妹|朋友|同事|邻居|家属|同学|姓名|名字|我叫|名叫|"
    "叫做|本人|我是|抬头|代"
)
_CUE = re.compile(rf"(?:{_ROLES})(?:写的|写|填的|均|都|开给|姓名|名|叫|是|为|:| ){{0,3}}")
# What stands behind a role and begins like a name.
_POSITION = re.compile(
    r"顾问|经理|主管|代表|人员|店长|老师|师傅|顾客|商家|方面|单位|马上|周[一二三四五六日末]|应该|曾经|任何|和|钱"
)
# Surnames behind a role only: elsewhere they are other words.
_RARE_SURNAMES = (
    "时卜凌盛谷仲蒲邬晏冀项臧窦柏边景明计伏米贝湛禹狄戚支干柯昝麻贡"
    "劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀尚农别晏瞿阎充慕连茹习宦艾容古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧"
)
_WIDE_NAME = re.compile(rf"(?:{COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}{_RARE_SURNAMES}][\u4e00-\u9fff]{{1,3}}")
# Compound surnames that are no other word: a name wherever they stand.
_COMPOUND_NAME = re.compile(
    r"(?:欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕|宇文|长孙|独孤|闻人|钟离|呼延|澹台)(?P<given>[\u4e00-\u9fff]{1,2})"
)
# The last character of a given name that the model takes for another word: 高德|胜, 罗德|胜于.
_GIVEN = frozenset(
    "国华强军平明新胜伟芳敏静磊洋艳勇杰英兰霞凤梅红云飞玲丽娟文博宇泽涵俊美海燕志建春花永刚立佳倩鹏婷丹宝林金爱德诺曦雪鑫航琪桂晨瑞江玉兴旺彦豪梦洁少庆丰振智渊昊天素珍"
    "秋菊学锦程忠义月翠可馨景行沐阳书瑶卫东克勤萍斌超辉莉波钰凯颖琳楠晶亮龙峰峻成康安宁欣怡轩然栋民生才发财富贵福禄寿喜祥和顺利达通远大力雄武威良善贤仁礼信诚真"
)
# Who does such things at the beginning of a clause is a person, whatever the model takes the word for.
_SUBJECT = re.compile(
    rf"(?:^|(?<=[。，；！？,;!?\n ]))"
    rf"(?P<name>(?:{COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{STRONG_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"(?=(?:已|又|也|再次|多次|随后|曾|于|当时|后来|表示|称|认为|说|反映|来电|投诉|举报|要求|拒绝|不同意|同意|带着|陪同|报警|在场|购买|发现|收到|到店|承诺|辱骂|殴打|推搡))"
)
_OWNER = re.compile(
    rf"(?P<name>[{STRONG_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=名下|的?名字|的?名义|的账[户号]|的手机|的电话|的身份证|夫妇|一家[人三四五])"
)
_DEALING = re.compile(r"(?:给|给了|答复|回复|联系|告诉|通知|找|找到|向|由|跟|与|和|是|被|让|叫)$")
_AFTER_GIVEN = frozenset("于在向到去称说和与被把对为代")
_DOTTED = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,7}(?:·[\u4e00-\u9fff]{1,8}){1,3})")
_DOTTED_HEAD = re.compile(
    r"^.*?(?:投诉人|举报人|来电人|诉求人|联系人|收款人|收货人|收件人|签收人|经办人|消费者|当事人|顾客|客服|教练|顾问|机主|户名|我叫|名叫|本人|同行的|丈夫|妻子|母亲|"
    r"父亲|儿子|女儿|签的|写的|付款人|答复|核实|可以找|请找|据|跟|找|和|与|由|给|为|是|被|叫|的)(?=[\u4e00-\u9fff]{2,5}·)"
)
_DOTTED_TAIL = re.compile(
    r"(?:反映|反应|来电|投诉|举报|表示|称|说|要求|认为|提出|在|于|到|向|去|购买|通过|收到|发现|与|被|从|电话|手机|身份证|先生|女士|的|和|带|离职|代付|介绍|核实|签|今年|名下|"
    r"承诺|打|自己|上周|下单|多次|写).*$"
)
_MIN_LENGTH = 2
_COMPOUND = frozenset(COMPOUND_SURNAMES.split("|"))


def person_spans(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield where names of persons stand, wherever a text repeats them."""
    found = sorted(
        {*_tagged(text, words), *_announced(text, words), *_dealt_with(text, words), *_compound(text, words), *_dotted(text)}
    )
    yield from found
    for name in {text[start:end] for start, end in found if _CHINESE.fullmatch(text, start, end)}:
        bare = _TITLE.sub("", name)
        if len(bare) >= _MIN_LENGTH:
            yield from ((match.start(), match.end()) for match in re.finditer(re.escape(bare), text))


def _tagged(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield the words that the model takes for names, joined where it splits one."""
    for at, word in enumerate(words):
        if word.tag != "PER" or not _CHINESE.search(word.text):
            continue
        start, end = _start_with_surname(words, at), _end_of_given(words, at)
        if _is_trade(text, words, at) or _is_brand(text, word.start, end):
            continue
        if end - start > 1 or _TITLE.match(text, end):
            yield start, end


def _is_brand(text: str, start: int, end: int) -> bool:
    """Return whether a name is a brand's, or begins with one of three characters or more: 王老吉凉茶."""
    brand = starts_with_brand(text[start : end + 3])
    return brand is not None and (len(brand) > _MIN_LENGTH or start + len(brand) == end)


def _start_with_surname(words: Sequence[Word], at: int) -> int:
    """Return where a name starts whose surname the model left alone: 何 | 建国."""
    before = words[at - 1] if at else None
    is_surname = before and len(before.text) == 1 and before.text in SURNAMES and words[at].text[0] not in SURNAMES
    return before.start if before and is_surname else words[at].start


def _end_of_given(words: Sequence[Word], at: int) -> int:
    """Return where a name ends whose last characters the model left alone: 王 | 雪, 高德 | 胜."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else None
    if following is None or not _CHINESE.fullmatch(following.text) or word.text[0] not in SURNAMES:
        return word.end
    if len(word.text) == 1 and len(following.text) <= _MIN_LENGTH:
        return following.end
    is_rest = len(following.text) == 1 or following.text[1] in _AFTER_GIVEN
    return word.end + 1 if len(word.text) == _MIN_LENGTH and is_rest and following.text[0] in _GIVEN else word.end


def _is_trade(text: str, words: Sequence[Word], at: int) -> bool:
    """Return whether a name is a company's or a brand's: what follows is a trade, or what precedes is a purchase."""
    end = words[at].end
    for following in words[at + 1 : at + 5]:
        if following.tag not in _TRADE_TAGS and not _TRADE.match(following.text):
            break
        end = following.end
    if _TRADE.fullmatch(text, words[at].end, end) or _TRADE.match(text, words[at].end, end):
        return True
    return _BUYING.search(text, max(0, words[at].start - 6), words[at].start) is not None


def _announced(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield names behind a role that the model did not know for names: a surname, and characters up to the end of a word."""
    ends = {word.end: word for word in words}
    for cue in _CUE.finditer(text):
        start = cue.end()
        name = _WIDE_NAME.match(text, start)
        if name is None or _POSITION.match(text, start):
            continue
        lengths = (3, 2, 4) if name.group()[:2] not in _COMPOUND else (4, 3)
        possible = [start + length for length in lengths if length <= len(name.group())]
        end = next((end for end in possible if end in ends and _is_name_end(ends[end], start)), None)
        if end is None and all(character in _GIVEN for character in name.group()[1:2]):
            end = start + (3 if name.group()[2:3] in _GIVEN else 2)
        if end is not None and not _TRADE.match(text, end) and not _is_brand(text, start, end):
            yield start, end


def _dealt_with(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield words behind what one does with a person (转给, 答复) that are a surname and a usual given name: 高超, 高晶."""
    for word in words:
        is_name = len(word.text) in {2, 3} and word.text[0] in STRONG_SURNAMES and all(each in _GIVEN for each in word.text[1:])
        is_dealt_with = is_name and _DEALING.search(text, max(0, word.start - 4), word.start)
        if is_dealt_with and not _is_brand(text, word.start, word.end) and not _TRADE.match(text, word.end):
            yield word.start, word.end
    for subject in (*_SUBJECT.finditer(text), *_OWNER.finditer(text)):
        if subject["name"][1] in _GIVEN and subject["name"][-1] in _GIVEN and not _is_brand(text, *subject.span("name")):
            yield subject.span("name")


def _is_name_end(word: Word, start: int) -> bool:
    """Return whether the word at the end of a name can be a part of it: it begins before the name, or is no verb."""
    return word.start < start or word.tag not in {"v", "p", "d", "u", "c", "r", "m", "q", "vn", "TIME"}


def _compound(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield names with a compound surname, with one character of the given name where a word ends there."""
    ends = {word.end for word in words}
    for match in _COMPOUND_NAME.finditer(text):
        given = match.start("given")
        end = match.end() if match.end() in ends or given + 1 not in ends else given + 1
        yield match.start(), end


def _dotted(text: str) -> Iterator[tuple[int, int]]:
    """Yield names whose parts a dot joins: 买买提·阿不都拉."""
    for match in _DOTTED.finditer(text) if "·" in text else ():
        start, end = match.span("name")
        if head := _DOTTED_HEAD.match(match["name"]):
            start += head.end()
        last_dot = text.rindex("·", start, end)
        if tail := _DOTTED_TAIL.search(text, last_dot + 2, end):
            end = tail.start()
        yield start, end
