"""The second part of the labelled set that was held out: its own sentences, people, brands, and more ways to write numbers.

Written from what complaints look like, without a look at what the rules miss in the unseen part.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from deploy.quality.invented_people import Vocabulary
from deploy.quality.invented_values import LETTERS, PROVINCES, digits, plain_mobile, split, wide

_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_SPELLED = str.maketrans("0123456789", "零一二三四五六七八九")
_FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")

PEOPLE = Vocabulary(
    surnames="王李张刘陈杨黄赵吴周徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
    "樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池"
    "滕晋苑邬臧畅宫来苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠桑荆谌银扬明沙薄伏岑习胥保和蔺",
    compound=("欧阳", "上官", "司徒", "令狐", "皇甫", "公孙", "诸葛", "宇文", "轩辕", "长孙", "司马", "南宫"),
    given=["雪芹", "国栋", "晓彤", "海波", "美凤", "玉珍", "梓涵", "一诺", "浩然", "欣怡", "秀兰", "金凤", "志远", "德才", "翠花", "铁柱", "若曦", "沐宸", "可欣", "佳琪", "凤英", "永强", "学军", "卫国", "丽华", "娅", "倩", "楠", "鑫", "磊", "鹏", "燕", "琼", "凯", "雯", "勇", "昕", "怡", "梦", "琪", "松", "波", "茂林", "青云", "东升", "秋菊", "小燕", "小刚", "艳红", "连生", "水生", "有才", "守义", "宝珠", "巧云", "灵芝", "爱民", "援朝", "跃进", "国庆", "春生", "冬生", "多多", "乐乐", "安琪", "子轩", "宸", "语嫣", "芷若", "默", "航", "睿", "海英", "玉兰", "洪波", "建平", "新华", "光明", "长江", "天明", "平安", "如意"],
    dotted=(
        "阿卜杜拉·买买提", "古丽娜尔·艾山", "努尔兰·哈斯木", "才让·卓玛", "次仁·旺堆", "乌力吉·巴图", "约翰·史密斯", "安娜·伊万诺娃", "买买提江·吐逊", "阿依夏木·热合曼", "扎西·多吉", "阿迪力江·库尔班",
    ),
    regions=("", "", "", "白塔区", "青石市江岸区", "丹霞省柳溪市", "沙河县", "高新技术产业开发区", "茶店镇", "凤鸣县永安镇", "红旗街道"),
    roads=("建设二马路", "迎宾大道", "通江中路", "五四路", "民族大街", "洪崖洞巷", "府前街", "红旗渠路", "中关村南大街", "河西路", "梧桐里", "十字街", "珠江新城华夏路", "解放碑步行街"),
    estates=(
        "阳光100", "翡翠湾", "丽景花园", "万象公馆", "金地格林小镇", "水岸华庭", "绿地中央广场", "紫云台", "中海国际社区", "锦绣江南", "碧水云天", "东城一品", "矿务局家属院", "机械厂宿舍", "人才公寓", "世纪新筑", "春江花月", "望京新城",
    ),
    villages=("李家庄村", "太平镇双河村", "桃花沟村", "石桥乡大湾村", "东王营", "北岗子屯", "上河湾村", "新民社区", "牛头山村"),
    doors=(
        "{n}号", "{s}号楼{u}单元{r}室", "{s}栋{r}房", "{s}幢{r}", "{n}弄{s}号{r}室", "{b}座{r}室", "{b}栋{u}单元{r}", "{s}-{u}-{r}", "{s}楼{u}门{r}", "{n}号{s}栋{u}单元{r}号", "{s}号院{u}号楼{r}",
        "{n}号之{u}", "{s}栋{b}座{r}", "{n}号大院{s}栋{r}房",
    ),
    village_doors=("{n}号", "{c}组", "{s}组{n}号", "{c}队", "{s}社{n}号", "{c}组{n}号"),
)  # fmt: skip

SENTENCES: Mapping[str, Sequence[str]] = {
    "name": (
        "投诉人姓名：{}。", "我叫{}，今年三十五岁。", "联系人 {}，", "收款人名称为{}。", "快递员{}未经同意放在驿站。", "店长{}说要上报总部。", "{}称商家拖延退款。", "与{}协商未果。", "理发师{}推销会员卡。",
        "{}的妻子来电补充。", "老板娘{}态度蛮横。", "转账收款方{}。", "来访人{}表示满意。", "护工{}照料不周。", "家长{}要求退学费。", "孩子{}在店里受伤。", "向店员{}反映后无果。", "{}本人到场。", "房主{}出示了合同。",
        "替母亲{}办的卡。", "中介{}收了定金。", "被{}拉黑。", "请联系我丈夫{}。", "收据上写的是{}。", "导购{}隐瞒了瑕疵。", "我和{}都是会员。", "当时是{}接待的我。", "{}还辱骂顾客。", "医生{}开的药。", "预约人{}。",
        "物业经理{}不予理会。", "{}、我和孩子一同就餐。", "钱转给了{}。", "车主{}提车时发现划痕。", "网名小鱼，真名{}。", "安装工{}加收费用。", "接电话的{}说不归他管。", "签约人：{}；", "由其子{}代为办理。", "主播{}虚假宣传。",
    ),
    "phone": ("手机号{}，", "我电话{}。", "联系电话 {}。", "可打{}找我。", "回电号码：{}。", "店员让我打{}。", "本人手机 {}，", "微信同号{}。", "（电话：{}）", "短信验证码发到{}上。"),
    "landline": ("固定电话{}。", "家电{}。", "公司电话是{}。", "打到{}咨询。", "座机 {}。"),
    "id_number": ("居民身份证{}。", "我的身份证号码：{}。", "证号{}。", "身份证为{}。", "身份证号 {}。"),
    "permit": ("港澳居民来往内地通行证{}。", "台胞证号码{}。", "回乡证 {}。", "外国人永久居留身份证{}。"),
    "passport": ("护照 {}。", "护照号为{}。", "用护照{}购票。", "护照号码：{}。"),
    "card": ("银行卡号：{}。", "收款卡号{}。", "招行卡{}。", "银行卡{}被锁。", "退回原卡{}。"),
    "plate": ("车牌号{}，", "把{}开去年检。", "我开的是{}。", "{}在洗车时被刮。", "租的车{}。", "给{}换轮胎。", "挂车{}。", "车牌号为{}。", "前车{}急刹。", "停在店门口的{}丢了后视镜。"),
    "mail": ("邮箱 {}。", "邮件地址：{}。", "请回信到{}。", "我的邮箱{}。"),
    "wechat": ("微信号 {}。", "他的微信号是{}。", "加了微信{}后被骗。", "微信:{}。"),
    "qq": ("QQ {}，", "QQ号为{}。", "加了QQ{}。", "QQ：{}"),
    "order": ("订单编号 {}。", "订单号是{}。", "美团订单{}。", "订单号 {}。", "交易订单号：{}。"),
    "tracking": ("快递单号 {}。", "韵达快递{}。", "运单编号{}。", "物流单号为{}。"),
    "address": (
        "我家住{}。", "送货地址：{}。", "本人现住{}，", "暂住{}。", "装修的房子在{}。", "上门地址是{}。", "快递被放在{}门卫处。", "租住{}。", "母亲独自住在{}。", "{}的业主投诉。", "寄往{}。", "购买了{}的二手房。",
        "地址 {}。", "维修工去了{}。", "{}长期漏水。", "收件人地址为{}。", "房产于{}。", "外卖送到{}时已凉。", "户口所在地{}。", "老家在{}。", "我在{}租房。", "燃气表在{}。", "{}无法正常供暖。",
    ),
}  # fmt: skip

BRANDS: Mapping[str, str] = {
    "李宁旗舰店发错货。": "李宁旗舰店", "王老吉罐内有异物。": "王老吉", "在张小泉专卖店买的剪刀。": "张小泉专卖店", "周大福金饰克重不足。": "周大福", "老庙黄金拒绝回收。": "老庙黄金", "吴裕泰茶叶受潮。": "吴裕泰",
    "在白塔区小李电动车行购车。": "白塔区小李电动车行", "马记永拉面馆有蟑螂。": "马记永拉面馆", "曹氏鸭脖变质。": "曹氏鸭脖", "韩束面膜致敏。": "韩束", "唐狮羽绒服跑绒。": "唐狮", "高培奶粉结块。": "高培",
    "方回春堂开错药。": "方回春堂", "叶开泰药房售假。": "叶开泰药房", "罗森便利店少找钱。": "罗森便利店", "江中健胃消食片过期。": "江中", "顾家家居延迟送货。": "顾家家居", "金利来皮带断裂。": "金利来",
    "谢瑞麟项链掉钻。": "谢瑞麟", "郑明明美容院强制消费。": "郑明明美容院", "钱大妈少称。": "钱大妈", "史密斯热水器漏水。": "史密斯热水器", "康恩贝胶囊过期。": "康恩贝", "阿里巴巴平台不退款。": "阿里巴巴",
    "董酒真假难辨。": "董酒", "徐记海鲜加收服务费。": "徐记海鲜", "杨国福门店漏开发票。": "杨国福门店", "袁记云饺馅料变质。": "袁记云饺", "柳溪市安达驾驶员培训有限公司不退费。": "柳溪市安达驾驶员培训有限公司",
    "孙记包子铺不开票。": "孙记包子铺", "廖记棒棒鸡有头发。": "廖记棒棒鸡", "到万达广场就餐。": "万达广场", "广汽本田店拖延交车。": "广汽本田", "沙河县华联超市标价不符。": "沙河县华联超市", "傅记糖水铺卖隔夜货。": "傅记糖水铺",
    "任天堂游戏机无法开机。": "任天堂", "黄焖鸡米饭吃出虫。": "黄焖鸡米饭", "宋城景区退票难。": "宋城景区", "金龙鱼食用油渗漏。": "金龙鱼", "蒋氏聚仙楼结账有误。": "蒋氏聚仙楼", "石头扫地机器人失灵。": "石头扫地机器人",
    "贺兰山干红漏酒。": "贺兰山", "易车网订金不退。": "易车网", "常青藤幼儿园停课不退费。": "常青藤幼儿园", "沈阳站旁的商务酒店乱收费。": "沈阳站", "温莎KTV存酒丢失。": "温莎KTV", "安踏运动鞋尺码不符。": "安踏",
    "夏普电视黑屏。": "夏普", "梅见青梅酒瓶盖松动。": "梅见", "白大夫面霜过敏。": "白大夫", "陶陶居月饼发霉。": "陶陶居", "欧阳修故居门票涨价。": "欧阳修故居", "司马台长城缆车停运。": "司马台长城",
}  # fmt: skip


def mobile(rng: random.Random) -> str:
    """Return a mobile number in one of the notations that keyboards, speech recognition and evasion give."""
    number = plain_mobile(rng)
    forms: Sequence[Callable[[], str]] = (
        lambda: number, lambda: number.translate(_CIRCLED), lambda: number.translate(_SPELLED), lambda: number.translate(_FORMAL), lambda: wide(number),
        lambda: split(number, (3, 4, 4), rng.choice((" ", "-", ".", "·", "，", "、", "/", "  ", " - ", "…"))), lambda: split(number, (3, 3, 5), rng.choice("-. ")),
        lambda: split(number, (4, 3, 4), rng.choice("-. ·")), lambda: " ".join(number), lambda: ".".join(number), lambda: "、".join(number.translate(_SPELLED)),
        lambda: "+86" + number, lambda: "+86-" + split(number, (3, 4, 4), "-"), lambda: "0086-" + number, lambda: "86 " + number, lambda: "(86)" + number,
        lambda: number[:3] + "\n" + number[3:], lambda: split(number, (3, 4, 4), "\n"), lambda: number[:6] + "\n" + number[6:],
        lambda: number[:3] + number[3:].replace("0", "O"), lambda: number[:3] + number[3:].replace("0", "o"), lambda: split(number[:3] + number[3:].replace("0", "O"), (3, 4, 4), " "),
        lambda: "l" + number[1:], lambda: number[:3] + number[3:].translate(_SPELLED), lambda: split(wide(number), (3, 4, 4), "－"), lambda: f"{number[:3]}({number[3:7]}){number[7:]}",
        lambda: "一" + number[1:3].translate(_SPELLED) + "-" + split(number[3:].translate(_SPELLED), (4, 4), "-"), lambda: split(number, (5, 6), "-"), lambda: "0" + number,
    )  # fmt: skip
    return rng.choice(forms)()


def plate(rng: random.Random) -> str:
    """Return a vehicle's plate of any kind: usual, new energy, trailer, learner, police, consulate, Hong Kong, armed forces."""
    head, dot = rng.choice(PROVINCES) + rng.choice(LETTERS), rng.choice(("", "", "·", " ", "-", ".", "• "))
    letter = rng.choice(LETTERS)
    kinds: Sequence[Callable[[], str]] = (
        lambda: head + dot + digits(rng, 5), lambda: head + dot + letter + digits(rng, 4), lambda: head + dot + digits(rng, 3) + letter + digits(rng, 1),
        lambda: head + dot + letter + rng.choice(LETTERS) + digits(rng, 3), lambda: head + dot + "D" + digits(rng, 5), lambda: head + dot + "F" + letter + digits(rng, 4),
        lambda: head + dot + digits(rng, 5) + "F", lambda: head + dot + digits(rng, 4) + rng.choice("挂学警领港澳"), lambda: "粤Z" + dot + digits(rng, 4) + rng.choice("港澳"),
        lambda: "使" + digits(rng, 6), lambda: f"使{digits(rng, 3)}·{digits(rng, 3)}", lambda: "京O" + dot + letter + digits(rng, 4), lambda: f"WJ{rng.choice(PROVINCES)}{digits(rng, 5)}",
        lambda: head[0] + "X" + dot + digits(rng, 4) + "应急", lambda: wide(head + digits(rng, 5)), (head + dot + letter + digits(rng, 4)).lower, lambda: f"{head[0]} {head[1]} {digits(rng, 5)}",
        lambda: head + dot + digits(rng, 5) + "临", lambda: f"{head[0]}牌{head[1]}{digits(rng, 5)}", lambda: "民航A" + digits(rng, 4), lambda: head[0] + "·" + head[1] + digits(rng, 5),
    )  # fmt: skip
    return rng.choice(kinds)()


MAKERS: Mapping[str, Callable[[random.Random], str]] = {"phone": mobile, "plate": plate}
