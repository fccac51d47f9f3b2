"""Names and addresses of invented people, in two vocabularies that share nothing but the most frequent surnames."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What names and addresses of one part are made of."""

    surnames: str
    compound: Sequence[str]
    given: Sequence[str]
    dotted: Sequence[str]
    regions: Sequence[str]
    roads: Sequence[str]
    estates: Sequence[str]
    villages: Sequence[str]
    doors: Sequence[str]
    village_doors: Sequence[str]


_FREQUENT = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"

TUNED = Vocabulary(
    surnames=_FREQUENT + "郑梁谢宋唐许邓韩冯曹",
    compound=("欧阳", "上官", "诸葛"),
    given=[
        "晓梅",
        "建国",
        "志强",
        "丽娟",
        "文博",
        "雨泽",
        "思涵",
        "俊杰",
        "美玲",
        "海燕",
        "伟",
        "芳",
        "军",
        "敏",
        "静",
        "磊",
        "洋",
        "艳",
        "勇",
        "杰",
        "秀英",
        "桂兰",
        "玉兰",
        "子轩",
        "梓涵",
        "浩然",
        "欣怡",
        "国栋",
        "春花",
        "永刚",
        "立新",
        "佳",
        "倩",
        "鹏",
        "婷婷",
        "丹丹",
        "宝林",
        "金凤",
        "爱华",
        "德胜",
        "一诺",
        "若曦",
    ],
    dotted=("买买提·阿不都拉", "古丽娜尔·吐尔逊", "艾合买提·依明", "约翰·史密斯", "扎西·次仁"),
    regions=("", "", "湖东区", "云州市湖东区", "江口县城关镇", "云海省云州市湖西区", "青岚县"),
    roads=("解放路", "人民东路", "长乐大道", "建设街", "文二路", "中山北路", "槐树巷", "望江门外大街"),
    estates=(
        "幸福小区",
        "锦绣花园",
        "阳光新城",
        "翠苑公寓",
        "桂语江南",
        "和平里",
        "金色家园",
        "滨江一号",
        "云水间",
        "时代之光",
        "翡翠湾",
        "中海国际",
        "学府一号",
        "蓝山郡",
        "机关大院",
        "钢铁厂家属院",
        "老干部局宿舍",
        "水岸新都",
        "御龙天下",
        "创业大厦",
        "绿地新里",
        "金地自在城",
        "世纪花城",
        "保利香槟",
    ),
    villages=(
        "青山村",
        "李家庄村",
        "桃源镇柳河村",
        "东升乡红旗村",
        "张各庄",
        "上湾屯",
        "马坊乡前进村",
        "小李村",
        "红旗社区",
        "大石桥村",
        "三里河村",
    ),
    doors=(
        "{n}号",
        "{n}号{s}幢{u}单元{r}室",
        "{n}弄{s}号{r}室",
        "{n}号{s}楼",
        "{n}-{s}号",
        "{n}号院{s}号楼{u}门{r}",
        "{b}栋{r}",
        "{s}-{r}",
        "{u}区{s}-{u}-{r}",
        "{s}号楼{u}单元{r}室",
        "{n}号之{s}",
        "乙{n}号",
        "{n}号院{s}-{u}-{r}",
        "{s}幢{r}",
        "{n}#",
        "{b}座{r}室",
        "{s}栋{r}房",
        "{s}号{r}",
        "{s}单元{r}",
    ),
    village_doors=("{s}组{n}号", "{n}号", "{s}队", "{s}组", "{s}小组{n}号", "{c}组", "{c}社", "村东头{n}号", "第{s}村民小组"),
)
HELD_OUT = Vocabulary(
    surnames=_FREQUENT + "彭曾肖田董潘袁蔡蒋余杜叶魏苏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛",
    compound=("司马", "慕容", "尉迟", "皇甫", "令狐", "夏侯", "司徒", "南宫"),
    given=["嘉懿", "雪", "伟明", "淑芬", "鑫", "宇航", "诗琪", "博", "桂英", "凤霞", "小红", "晨曦", "瑞", "倩倩", "长江", "玉梅", "兴旺", "彦", "云飞", "家豪", "梦洁", "少华", "庆丰", "红霞", "振宇", "智渊", "昊天", "素珍", "秋菊", "学文", "锦程", "忠义", "明月", "翠花", "可馨", "景行", "沐阳", "书瑶", "卫东", "克勤", "燕", "萍", "斌", "超", "平", "辉", "刚", "莉", "波", "飞", "钰", "凯", "颖", "琳", "楠", "晶"],
    dotted=("阿卜杜热合曼·托合提", "帕提古丽·麦麦提", "努尔兰·哈山", "安娜·布朗", "次仁·卓玛", "迪丽拜尔·艾尼瓦尔"),
    regions=("", "", "平江区", "临海市白沙街道", "石桥县", "南川省东屏市雨花区", "开发区", "新安县五里镇"),
    roads=("朝阳北大街", "学院路", "滨河西路", "五一大道", "花园胡同", "八一巷", "凤凰南街", "延安中路", "迎宾大道", "石狮子里"),
    estates=(
        "万家灯火", "碧水云天小区", "丽都公馆", "香樟雅苑", "机床厂宿舍", "凤凰城", "东方御府", "财富国际大厦", "柳林新村", "南湖壹号院", "紫荆苑",
    ),
    villages=("王家湾村", "河东乡石门村", "双桥镇杨柳村", "白马社区", "大坪村", "马家屯"),
    doors=(
        "{n}号", "{n}号{s}栋{r}", "{n}弄{s}支弄{u}号", "{n}号楼{u}单元{r}", "{n}号附{s}号", "{b}座{r}", "{s}-{u}-{r}", "{s}栋{u}单元{r}号", "甲{n}号{r}房",
        "{b}区{s}幢{r}室", "{n}号{s}层", "{s}#{r}", "{s}号楼{r}",
    ),
    village_doors=("{s}组", "{s}社{n}号", "第{c}组{n}号", "{c}队", "{n}号", "{s}组{n}号"),
)  # fmt: skip

UNSEEN = Vocabulary(
    surnames=_FREQUENT
    + "曹许邓萧冯曾程蔡潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚",
    compound=("欧阳", "上官", "夏侯", "诸葛", "东方", "尉迟", "公孙", "澹台", "慕容"),
    given=[
        "子豪",
        "依琳",
        "建军",
        "桂芳",
        "慧敏",
        "帅",
        "冬梅",
        "天佑",
        "小龙",
        "莹",
        "一鸣",
        "婉清",
        "长富",
        "满仓",
        "雅婷",
        "广志",
        "锐",
        "岚",
        "淼",
        "颜",
        "泽宇",
        "紫萱",
        "明辉",
        "春兰",
        "福生",
        "银花",
        "彩霞",
        "庆华",
        "文静",
        "宏伟",
        "仁杰",
        "小芹",
        "绍兴",
        "佩佩",
        "汉卿",
        "亚男",
        "冰",
        "威",
        "聪",
        "慧",
        "娜",
        "涛",
        "刚强",
        "诗涵",
        "子墨",
        "语桐",
        "老三",
        "树人",
        "根生",
        "招娣",
        "向阳",
        "大勇",
        "海涛",
        "耀祖",
        "思远",
    ],
    dotted=("吐尔洪·卡德尔", "热依汗古丽·阿布都", "巴特尔·苏和", "玛丽·琼斯", "洛桑·丹增", "艾则孜·买买提明", "大卫·李"),
    regions=("", "", "金水区", "临江市城北街道", "安阳县", "北川省海宁市高新区", "经济技术开发区", "双塔县南坪镇"),
    roads=(
        "科技二路",
        "胜利街",
        "南京西路",
        "黄河大街",
        "柳巷",
        "复兴里",
        "绕城北路",
        "环湖大道",
        "站前路",
        "钟鼓楼东街",
        "一环路南段",
    ),
    estates=(
        "融创壹号院",
        "书香门第",
        "皇家花园",
        "东湖名邸",
        "铁路新村",
        "省委大院",
        "卷烟厂家属楼",
        "星河国际城",
        "江畔人家",
        "西城晶华",
        "龙湖时代天街",
        "听涛山庄",
        "橡树湾",
        "名仕公馆",
        "教师新村",
        "供电局宿舍",
    ),
    villages=("陈家村", "丰收乡东风村", "龙潭镇石佛村", "后营村", "小河口村", "上坝社区", "杨家沟", "下洼子屯"),
    doors=(
        "{n}号",
        "{s}栋{u}单元{r}",
        "{n}弄{s}号{r}",
        "{s}幢{u}单元{r}室",
        "{s}号楼{r}室",
        "{n}号{b}座{r}",
        "{s}-{u}-{r}",
        "{b}{s}栋{r}",
        "{n}号院{s}号楼{u}单元{r}",
        "{n}号{s}层{r}",
        "{n}-{u}号",
        "{s}座{r}",
        "东{n}号",
        "{u}期{s}栋{r}",
        "附{n}号",
    ),
    village_doors=("{n}号", "{s}组", "{c}组{n}号", "{s}队{n}号", "第{c}村民小组", "{c}社{n}号"),
)


def name(rng: random.Random, words: Vocabulary) -> str:
    """Return a name of two to four characters, or one with a dot."""
    chance = rng.random()
    if chance < 0.05:
        return rng.choice(words.dotted)
    if chance < 0.13:
        return rng.choice(words.compound) + rng.choice(words.given)
    return rng.choice(words.surnames) + rng.choice(words.given)


def address(rng: random.Random, words: Vocabulary) -> str:
    """Return an address down to the door: of a road, an estate or a village, with or without its region."""
    numbers = {
        "n": rng.randrange(1, 399), "s": rng.randrange(1, 30), "u": rng.randrange(1, 6), "r": rng.randrange(1, 30) * 100 + rng.randrange(1, 9),
        "b": rng.choice("ABCD"), "c": rng.choice("一二三四五六七八"),
    }  # fmt: skip
    region, kind = rng.choice(words.regions), rng.random()
    if kind < 0.25:
        return region + rng.choice(words.villages) + rng.choice(words.village_doors).format(**numbers)
    door = rng.choice(words.doors).format(**numbers)
    if kind < 0.6:
        return (
            region
            + rng.choice(words.roads)
            + f"{numbers['n']}号" * (door[0] in "ABCD甲乙" or "-" in door or "#" in door)
            + door
        )
    doors = [each for each in words.doors if not each.startswith("{n}弄") and each != "{n}号{s}层"]
    return region + rng.choice(words.estates) + rng.choice(doors).format(**numbers)
