"""Names of persons among the words of a text, brands and companies left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.personal_data.second_stage.brands import starts_with_brand
from shared.personal_data.second_stage.given_names import GIVEN
from shared.personal_data.second_stage.segmenter import Word
from shared.personal_data.surnames import COMPOUND_SURNAMES, RARE_SURNAMES, STRONG_SURNAMES, SURNAMES, UNMISTAKABLE_SURNAMES

_TITLE = re.compile(r"(?:名下|先生|女士|小姐|太太|同志|阿姨|老师|师傅|医生|律师|经理|店长|老板|某+)$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# What follows a name that is a company's or a brand's.
_TRADE = re.compile(
    r"(?:[\u4e00-\u9fffA-Za-z0-9]{0,8}?)(?:有限责任公司|有限公司|公司|集团|商行|商店|商城|商场|百货|超市|市场|专卖店|旗舰店|专柜|柜台|直营店|体验店|门店|分店|便利店|"
    r"[\u4e00-\u9fff]{0,3}店|经营部|服务部|门市部|营业部|经销处|批发部|加工厂|修理厂|汽修|汽车|银楼|金店|珠宝|首饰|茶庄|茶馆|酒楼|酒店|酒家|饭店|饭馆|餐厅|餐馆|餐饮|食府|食品|火锅|"
    r"麻辣烫|凉茶|烤鸭|包子|拉面|米线|面馆|粉馆|肉馆|小吃|烧烤|豆腐|糕点|蛋糕|茶叶|药房|药店|药业|医药|大药房|制药|医院|诊所|门诊|口腔|眼镜|美容|美发|造型|理发|养生|足疗|洗浴|健身|"
    r"俱乐部|会所|会馆|培训|教育|学校|中学|小学|大学|学院|幼儿园|驾校|旅行社|旅游|宾馆|客栈|民宿|影楼|影城|影院|摄影|网吧|书店|工作室|直播间|品牌|牌|厂|中心|物业|地产|装饰|"
    r"家居|家纺|家具|电器|数码|服饰|服装|鞋业|银行|保险|证券|出行|物流|快递|官网|官方|"
    r"KTV|ktv|手表|牛排|便当|衬衫|衬衣|外套|大衣|夹克|牛仔裤|裤子|毛衣|T恤|丝袜|睡衣|文胸|球鞋|凉鞋|靴子|书包|背包|行李箱|钱包|雨伞|毛巾|被子|枕头|床品|台灯|吊灯|水龙头|马桶|花洒|浴霸|插座|开关|电池|充电宝|耳机|音响|相机|平板|打印机|路由器|风扇|取暖器|电饭煲|电饭锅|微波炉|豆浆机|榨汁机|吸尘器|净化器|燃气灶|消毒柜|洗碗机|扫地机器人|按摩椅|跑步机|自行车|摩托车|三轮车|玩具|童车|奶瓶|尿不湿|纸尿裤|卫生巾|纸巾|牙膏|牙刷|洗发水|沐浴露|香皂|洗衣液|口罩|眼药水|钙片|维生素|保健品|蜂蜜|大米|面粉|食用油|香油|味精|鸡精|火腿肠|火腿|香肠|腊肉|牛肉干|肉松|罐头|饼干|面包|巧克力|坚果|瓜子|薯片|辣条|锅巴|速冻|汤圆|粽子|果汁|矿泉水|纯净水|豆浆|豆奶|雪糕|冰淇淋|生煎|烧饼|煎饼|凉皮|米饭|快餐|盒饭|卤肉|披萨|寿司|车行|琴行|花店|网咖|酒吧|茶楼|茶铺|铺子|铺|小馆|糖水|海鲜|鸭脖|卤味|熟食|烤鱼|烤肉|串串|水饺|饺子|云饺|馄饨|米粉|螺蛳粉|炸鸡|汉堡|奶茶|咖啡|青梅酒|黄酒|啤酒|米酒|饮料|牛奶|酸奶|酱菜|榨菜|老醋|食醋|羽绒服|内衣|童装|女装|男装|袜业|皮带|皮具|箱包|冰箱|洗衣机|热水器|空调|电视|净水器|电动车|轮胎|地板|瓷砖|橱柜|衣柜|床垫|沙发|门窗|锁具|灯具|面霜|眼霜|乳液|胶囊|口服液|片剂|颗粒|膏药|驾驶|电商|平台|商务|广场|百年|老字号|剪刀|菜刀|腐乳|酱油|白酒|葡萄酒|月饼|糖果|面条|方便面|奶粉|口红|香水|运动鞋|皮鞋|西服|帽子|油烟机|药膏|梳子|项链|手镯|戒指|花生油|十三香|辣酱|精华|面膜)"
)
_TRADE_TAGS = frozenset({"n", "nz", "nw", "ORG", "LOC", "vn", "an", "PER", "f", "s", "xc", "m"})
# A house under its founder's surname: 张记, 曹氏. Nobody is called so.
_HOUSE = re.compile(rf"[{SURNAMES}]{{1,2}}[记氏](?![\u4e00-\u9fff]{{0,2}}(?:称|说|反映|来电|表示))")
# Persons of history, and what bears the name of one: 欧阳修故居, 司马台长城.
_HERITAGE = re.compile(
    r"(?:欧阳修|欧阳询|司马光|司马迁|司马懿|司马台|司马相如|诸葛亮|诸葛村|诸葛八卦|上官婉儿|皇甫谧|夏侯惇|令狐冲|慕容复|公孙龙|尉迟恭|李白|杜甫|关羽|张飞|孔子|孟子)"
    r"|[\u4e00-\u9fff]{2,4}(?:故居|故里|纪念馆|纪念堂|长城|古镇|墓园|景区|风景区|公园|博物馆|艺术馆|大剧院|体育馆)"
)
_BUYING = re.compile(
    r"(?:购买|买了|买的|买|选购|订购|购入|品牌|牌子|使用|饮用|食用|喝|穿)(?:了|的|是|过|到|一[双盒件台瓶袋箱款]|两[双盒件台瓶袋箱款])?$"
)
_ROLES = (
    "投诉人|举报人|反映人|来电人|来信人|诉求人|申诉人|当事人|消费者|联系人|收款人|付款人|收件人|收货人|寄件人|签收人|经办人|代办人|办理人|负责人|委托人|代理人|监护人|"
    "机主|户名|户主|业主|车主|房东|租客|租户|持卡人|开户人|乘客|旅客|患者|学员|学生|会员|顾客|客户|市民|客服|店员|店长|店主|老板娘|老板|经理|顾问|教练|师傅|医生|老师|销售|"
    "业务员|班主任|护士|保安|保姆|月嫂|导游|主播|快递员|骑手|司机|中介|员工|工作人员|营业员|导购|护工|家长|房主|物业经理|安装工|维修工|理发师|发型师|美容师|技师|厨师|家教|保洁员?|收银员|送货员|配送员|外卖员|快递小哥|驾驶员|接待员?|前台|会计|院长|校长|园长|主任|队长|科长|来访人|预约人|签约人|购买人|使用人|受害人|报案人|承租人|出租人|投保人|被保险人|借款人|真名|实名|本名|收款方|付款方|收款人名称|开户名|妈妈|爸爸|爷爷|奶奶|外公|外婆|公公|婆婆|岳父|岳母|孙子|孙女|孩子|舅舅|叔叔|姑姑|表哥|表弟|表姐|表妹|侄子|侄女|女婿|儿媳|长子|次子|其子|其女|其夫|其妻|其父|其母|父亲|母亲|丈夫|妻子|儿子|女儿|爱人|老公|老婆|哥哥|姐姐|弟弟|妹妹|朋友|同事|邻居|家属|同学|姓名|名字|我叫|名叫|"
    "叫做|本人|我是|抬头|代"
)
_CUE = re.compile(rf"(?:{_ROLES})(?:名称|写的|写|填的|均|都|开给|姓名|名|叫|是|为|:| ){{0,3}}")
# What stands behind a role and begins like a name.
_POSITION = re.compile(
    r"顾问|经理|主管|代表|人员|店长|老师|师傅|顾客|商家|方面|单位|马上|周[一二三四五六日末]|应该|曾经|任何|方便|和我|和他|和她|和商|和店|和家|钱[款财都没]|都[是在没不说要]"
)
_WIDE_NAME = re.compile(rf"(?:{COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}{RARE_SURNAMES}][\u4e00-\u9fff]{{1,3}}")
# Compound surnames that are no other word: a name wherever they stand.
_COMPOUND_NAME = re.compile(
    r"(?:欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕|宇文|长孙|独孤|闻人|钟离|呼延|澹台)(?P<given>[\u4e00-\u9fff]{1,2})"
)
# Who does such things at the beginning of a clause is a person, whatever the model takes the word for.
_SUBJECT = re.compile(
    rf"(?:^|(?<=[。，；！？,;!?\n ]))"
    rf"(?P<name>(?:{COMPOUND_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{STRONG_SURNAMES}{UNMISTAKABLE_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    r"(?=(?:的妻子|的丈夫|的母亲|的父亲|的儿子|的女儿|的家属|本人|还|已|又|也|再次|多次|随后|曾|于|当时|后来|表示|称|认为|说|反映|来电|投诉|举报|要求|拒绝|不同意|同意|带着|陪同|报警|在场|购买|发现|收到|到店|承诺|辱骂|殴打|推搡))"
)
_OWNER = re.compile(
    rf"(?P<name>[{STRONG_SURNAMES}{UNMISTAKABLE_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=名下|的?名字|的?名义|的账[户号]|的手机|的电话|的身份证|夫妇|一家[人三四五])"
)
# Whom one deals with, up to what one does or the end of the phrase: 被卞芷若拉黑, 写的是竺守义。
_DEALT_WITH = re.compile(
    r"(?:给|给了|与|和|向|被|由|找|跟|写的是|当时是|我叫|替)(?P<name>[SURE](?:[GIVEN]{2}|[GIVEN]))"
    r"(?=[^\u4e00-\u9fff]|$|接待|拉黑|协商|联系|沟通|反映|都是|都在|都说|一起|一同|签|代|办的|推搡|辱骂|说|的)".replace(
        "SURE", STRONG_SURNAMES + UNMISTAKABLE_SURNAMES
    ).replace("GIVEN", "".join(sorted(GIVEN)))
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
_SURE_SURNAMES = frozenset(STRONG_SURNAMES + UNMISTAKABLE_SURNAMES)
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
    if _HOUSE.match(text, start) or _HERITAGE.match(text, start):
        return True
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
    return word.end + 1 if len(word.text) == _MIN_LENGTH and is_rest and following.text[0] in GIVEN else word.end


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
        given = 2 if name.group()[:2] in _COMPOUND else 1
        if (end is None or end == start + given + 1) and name.group()[given] in GIVEN:
            end = start + given + (2 if name.group()[given + 1 : given + 2] in GIVEN else 1)
        if end is not None and not _TRADE.match(text, end) and not _is_brand(text, start, end):
            yield start, end


def _dealt_with(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield words behind what one does with a person (转给, 答复) that are a surname and a usual given name: 高超, 高晶."""
    for word in words:
        is_name = len(word.text) in {2, 3} and word.text[0] in _SURE_SURNAMES and all(each in GIVEN for each in word.text[1:])
        is_dealt_with = is_name and _DEALING.search(text, max(0, word.start - 4), word.start)
        if is_dealt_with and not _is_brand(text, word.start, word.end) and not _TRADE.match(text, word.end):
            yield word.start, word.end
    for dealt in _DEALT_WITH.finditer(text):
        if not _is_brand(text, *dealt.span("name")) and not _TRADE.match(text, dealt.end()):
            yield dealt.span("name")
    for subject in (*_SUBJECT.finditer(text), *_OWNER.finditer(text)):
        if subject["name"][1] in GIVEN and subject["name"][-1] in GIVEN and not _is_brand(text, *subject.span("name")):
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
        if not _HERITAGE.match(text, match.start()):
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
