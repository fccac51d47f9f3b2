"""How invented disputes are told, in two parts that share no sentence, goods, business or name.

A fault and a demand have several wordings each: two reports of one dispute seldom use the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Stories(NamedTuple):
    """The words of one part. Slots: {shop}, {goods}, {price}, {day}, {caller}, {fault}, {refusal}, {demand}."""

    towns: Sequence[str]
    words: Sequence[str]
    trades: Sequence[str]
    goods: Sequence[tuple[str, int]]
    faults: Sequence[Sequence[str]]
    refusals: Sequence[Sequence[str]]
    demands: Sequence[Sequence[str]]
    calls: Sequence[str]
    letters: Sequence[str]
    surnames: str
    given: str


TUNED = Stories(
    towns=("云州市", "云州", "青江县", "临湖区"),
    words=("锦程", "恒达", "天禾", "瑞丰", "万家", "明远", "新悦", "康宁", "金穗", "百汇", "盛林", "优品"),
    trades=("电器有限公司", "家具有限公司", "通讯器材经营部", "商贸有限公司", "服饰店", "超市有限公司", "汽车服务有限公司"),
    goods=(
        ("洗衣机", 2600),
        ("实木床", 4800),
        ("手机", 3200),
        ("羽绒服", 880),
        ("空调", 3600),
        ("按摩椅", 6900),
        ("电动车", 2900),
        ("汽车轮胎", 1500),
    ),
    faults=(
        ("用了几天就不通电", "使用不到一周无法开机，疑似电路故障", "没用几次就坏了，插电没有反应"),
        ("表面有明显划痕，像是用过的", "收货后发现有刮痕和使用痕迹，怀疑是翻新货", "外观多处磨损，应为二手"),
        ("气味刺鼻，家人头晕", "散发浓烈异味，怀疑甲醛超标", "味道很大，一直散不掉，担心有害健康"),
        ("尺寸与约定不符，装不进去", "规格和合同上写的不一致，无法安装", "送来的型号不对，放不下"),
        ("宣传说一年内免费保修，现在不认", "商家承诺的质保不兑现", "当时讲好保修一年，来修时又要收费"),
        ("充值的卡余额被清零", "储值卡里的钱无故被扣完", "会员卡剩余金额消失"),
        ("送货一再拖延，至今未到", "付款后迟迟不发货", "约定的送货时间已过，一直没有送到"),
        ("缺斤少两，复称少了三成", "自己称重发现分量严重不足", "重量对不上，少给很多"),
    ),
    refusals=(
        ("找商家协商被拒绝", "多次联系店方均不处理", "店主说不归他管"),
        ("对方只同意维修", "商家表示只能修不能退", "店里只肯给修"),
        ("店员态度恶劣，把人赶出来", "工作人员出言不逊", "与店方沟通时遭到辱骂"),
        ("电话一直没人接", "售后电话打不通", "客服始终不回复"),
    ),
    demands=(
        ("要求退货退款", "请求退还货款", "希望能退掉并退钱"),
        ("要求更换新品", "请求换一台新的", "希望换货"),
        ("要求赔偿损失", "请求商家赔付", "希望给予补偿"),
        ("要求退还余款", "请求返还卡内余额", "希望把剩下的钱退回来"),
    ),
    calls=(
        "市民{caller}来电反映：{day}在{shop}购买{goods}，花费{price}元，{fault}，{refusal}，{demand}，请相关部门核实处理。",
        "来电人称其{day}于{shop}处购得{goods}（{price}元），{fault}。{refusal}。现{demand}，望尽快处理。",
        "【12345工单】{caller}反映，{shop}出售的{goods}有问题，{day}购买，金额{price}元，{fault}，{refusal}，{demand}。",
    ),
    letters=(
        "本人于{day}到{shop}买了{goods}，付了{price}元。{fault}。{refusal}。{demand}。",
        "消费者{day}在{shop}消费{price}元购买{goods}，后发现{fault}，{refusal}，{demand}。",
        "{day}，我在{shop}选购了一件{goods}，价格{price}元，结果{fault}，{refusal}，所以{demand}。",
    ),
    surnames="周吴郑王冯陈褚卫蒋沈",
    given="小宁建国海燕丽华志强晓东玉兰",
)
UNSEEN = Stories(
    towns=("澜江市", "澜江", "白榆县", "栖霞镇"),
    words=("鸿运", "美嘉", "福临", "东篱", "乐游", "启航", "绿源", "德馨", "雅居", "顺风", "聚宝", "星月"),
    trades=(
        "旅行社有限公司",
        "装饰工程有限公司",
        "餐饮管理有限公司",
        "健身服务有限公司",
        "教育咨询有限公司",
        "珠宝行",
        "眼镜店",
    ),
    goods=(
        ("三日游", 1980),
        ("橱柜", 12800),
        ("婚宴", 26800),
        ("健身年卡", 3880),
        ("英语课程", 15600),
        ("金项链", 5400),
        ("渐进眼镜", 2380),
        ("全屋油漆", 8600),
    ),
    faults=(
        ("行程中少了两个景点，还被带去购物", "导游擅自减掉景点，安排进店消费", "两处参观被取消，换成了逛商店"),
        ("安装后门板变形，关不严", "柜门翘起来合不上", "装好没多久板子就弯了"),
        ("上的菜与菜单不一样，份量缩水", "酒席菜品被偷换，量也少", "实际菜式和订单对不上"),
        ("门店突然关闭，没法再去", "经营场所停业，服务中断", "店已经搬空，卡用不了"),
        ("换了三个老师，课时也被多扣", "师资频繁变动，课程消耗记录不实", "教员一直在变，扣掉的课比上过的多"),
        ("成色不足，检测不是足金", "拿去鉴定发现含金量不够", "送检结果显示纯度不达标"),
        ("验光不准，戴上头疼", "度数配错，看东西发晕", "镜片度数有误，戴着恶心"),
        ("墙面起泡脱落", "刷完不久漆皮掉了", "完工后墙皮鼓包、开裂"),
    ),
    refusals=(
        ("交涉几次没有结果", "反复沟通对方推脱", "谈了好几轮都不肯解决"),
        ("对方要求先签放弃追究的协议", "经营者让先写不再追责的字据", "非要签了免责书才谈"),
        ("负责人避而不见", "老板躲着不露面", "找不到管事的人"),
        ("说合同里写了概不退费", "拿合同中不予退款的条款搪塞", "称协议规定一律不退"),
    ),
    demands=(
        ("诉求为退还全部费用", "请协助全额退费", "想把钱都要回来"),
        ("诉求为返工修复", "请责令重新施工", "想让他们重做"),
        ("诉求为三倍赔付", "请依法判令假一赔三", "想要按三倍赔"),
        ("诉求为按未履行部分退费", "请协助退还未使用部分", "想退没有用完的那部分"),
    ),
    calls=(
        "诉求人（{caller}）表示，{day}与{shop}订了{goods}，共{price}元。问题：{fault}；{refusal}。{demand}。",
        "{caller}致电热线：{shop}，{goods}，{day}付款{price}元。{fault}，{refusal}。{demand}，请职能部门介入。",
        "转办：关于{shop}的投诉。{day}交费{price}元（{goods}）。反映{fault}。{refusal}，{demand}。",
    ),
    letters=(
        "我{day}在{shop}交了{price}元，买的是{goods}。可是{fault}。{refusal}。{demand}。",
        "{shop}收取{goods}费用{price}元，日期{day}。履行过程中{fault}，其后{refusal}。{demand}。",
        "投诉事由：{goods}。{day}支付{price}元给{shop}，{fault}。协商情况：{refusal}。{demand}。",
    ),
    surnames="韩杨朱秦尤许何吕施张",
    given="思远佳琪文博雨桐振华春梅",
)
PARTS = {"tuned": TUNED, "unseen": UNSEEN}
