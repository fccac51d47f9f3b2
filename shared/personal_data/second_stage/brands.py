"""Brands and trading names that are written like names of persons (李宁, 王老吉): a model takes them for one."""

from __future__ import annotations

_BRANDS = (
    "李宁 王老吉 张小泉 周大福 周大生 周生生 周六福 六福 谢瑞麟 老凤祥 老庙 马应龙 王守义 张一元 吴裕泰 冯了性 曹素功 "
    "张裕 王致和 李锦记 徐福记 史丹利 陈克明 李先生 谭木匠 唐人神 方太 黄飞红 黄老五 刘一手 马大姐 郑远元 陈李济 余仁生 "
    "王星记 杨国福 张亮 俞兆林 柒牌 周黑鸭 康师傅 汤臣倍健 金龙鱼 江小白 孔府家 曹操出行 老干妈 胡姬花 鲁花 范思哲 乔丹 "
    "贝因美 花西子 李子柒 丁家宜 霍山 张飞牛肉 傅山 华佗 扁鹊 李时珍 孙思邈 白云山 同仁堂 胡庆余堂 潘高寿 王麻子 内联升 "
    "马聚源 张君雅 王小卤 王饱饱 李渡 杜康 姚花春 张弓 贾湖 白水杜康 沈大成 杨协成 陈麻婆 韩都衣舍 罗蒙 杉杉 报喜鸟 "
    "雅戈尔 红蜻蜓 蒋氏 金利来 皮尔卡丹 雷蛇 尹珍 孔乙己 樊登 罗永浩 薇娅 李佳琦 董宇辉 东方甄选 尚品宅配 索菲亚 欧派 "
    "左右 顾家 慕思 罗莱 富安娜 梦洁 水星 麦当劳 肯德基 必胜客 星巴克 德克士 华莱士 真功夫 吉野家 味千 海底捞 张记 老乡鸡 "
    "袁记 阿香婆 林清轩 毛戈平 谢馥春 孔凤春 阿玛尼 迪奥 古驰 林肯 福特 雷克萨斯 马自达 高露洁 舒肤佳 沙宣 潘婷 海飞丝 "
    "卡姿兰 玛丽黛佳 章丘 章光101 霸王 田七 云南白药 黄振龙 邓老 黄则和 康美 白家 白象 何老大 李老板 佟记 曾记 蔡林记 "
    "老通城 季季红 傣妹 温碧泉 施华洛世奇 潘多拉 戴尔 戴森 雷诺 路虎 安踏 沈师傅 胖东来 樊文花 秦妈 小马哥 大胡子 冯大爷 "
    "胡师傅 苏泊尔 苏宁 苏宁易购 格力 董酒 汪氏 宋河 洪金宝 石头 方正 任天堂 柯达 尼康 华为 华帝 万和 万家乐 万达 万科 "
    "万科物业 万象城 万象汇 康佳 康夫 康王 易车 易果 易初莲花 高德 高夫 金六福 金士顿 金嗓子 金逸 安利 安琪 安佳 安慕希 "
    "全聚德 全友 云集 费列罗 时珍堂 车仆 车享家 和路雪 和府 计然 余庆 成龙 连咖啡 明一 关东煮 都乐 常温 常山胡柚 Return "
    "the longest brand that words begin with. "
)
BRANDS = frozenset(_BRANDS.split())
LONGEST = max(map(len, BRANDS))


def starts_with_brand(words: str) -> str | None:
    """Return the longest brand that the words begin with."""
    return next((words[:length] for length in range(min(LONGEST, len(words)), 1, -1) if words[:length] in BRANDS), None)
