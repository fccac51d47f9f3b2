"""Numbers of documents, accounts and vehicles that a cue announces: passports, travel permits, WeChat, QQ, plates.

Without a cue their forms are those of order and model numbers as well; only plates have a form of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.personal_data.tokens import ACCOUNT, IDENTITY, ORDER, PLATE, VEHICLE, Span

_DOCUMENTS = (
    "护照 通行证 回乡证 台胞证 港澳证 身份证 证件 居留证 居住证 居留身份证 永居证 绿卡 军官证 军人证 士兵证 警官证 驾驶证 驾照"
    " 签证 社保卡 医保卡 社会保障卡 学生证 学籍号 就诊卡 病历号 住院号 准考证 passport Passport PASSPORT"
    " HKID 户口簿 户口本 残疾证 残疾人证 居留许可 干部证 学号 社保号"
)
DOCUMENT_CUES = _DOCUMENTS.split()
_CERTIFICATES = ("优待", "离休", "退休", "老年", "结婚", "离婚", "出生", "房产", "产权")
# Looked for by their last character, since their first ones are frequent.
CERTIFICATES = "证(?:" + "|".join(f"(?<={name}证)" for name in _CERTIFICATES) + ")"
_ACCOUNTS = (
    "加微信 加薇信 微信 薇信 威信 威芯 微号 WeChat Wechat wechat WECHAT weixin VX Vx vx WX Wx wx V信 v信 加微 加薇 加V "
    "加v 加Q 加q 加我微信 加他微信 加她微信 QQ qq Qq Q号 Q: q: "
    "扣扣 企鹅号 企鹅 +V +v +微 加我V 加我v 加我微 加我Q 加我q V: v: 薇: 卫星: 绿泡泡 "
    "支付宝账号 支付宝账户 支付宝帐号 支付宝号 支付宝: 抖音号 抖音账号 抖音ID 抖音id 快手号 快手账号 快手ID 小红书号 "
    "小红书账号 淘宝账号 淘宝账户 淘宝ID 淘宝号 京东账号 京东账户 拼多多账号 闲鱼账号 闲鱼号 美团账号 旺旺 旺旺号 "
    "钉钉号 Skype skype Telegram telegram "
)
ACCOUNT_CUES = [*_ACCOUNTS.split(), "Q Q", "q q", "微 信", "V X", "v x"]
ORDER_CUES = ["订单", "运单", "单号", "快递", "物流", "交易号"]
# Mostly no number follows these: the engine sees that by itself.
ORDERS = [rf"{cue}(?=[编码单号为是:#(\[【 ]{{0,6}}[0-9A-Za-z])" for cue in ORDER_CUES]
VEHICLE_CUES = ["车架号", "VIN", "vin", "车辆识别代", "发动机号"]
_PLATE_CUES = frozenset({"车牌", "车号", "号牌", "牌照", "军牌", "军车"})
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE_BEGINNINGS = [*(rf"{province}[ ·.\-牌]?[A-Za-z]" for province in _PROVINCES), "使[0-9]", "WJ", "民航[A-Z]", *_PLATE_CUES]

_FILLER = (
    r"(?:[\u4e00-\u9fff]?字第|军|卡|书|【|号码|证号|卡号|编号|账号|帐号|[号码为是:(\[的 ]|[A-Za-z]{2,8}:|[Nn][Oo]\.?){0,4}"
)
_DOCUMENT_AFTER = re.compile(
    rf"{_FILLER}(?P<number>[A-Za-z]{{0,3}}[ \-]?[0-9](?:[ \-/]?[0-9]){{4,19}}"
    r"(?:[A-Za-z](?![A-Za-z]))?(?:\([0-9A-Za-z]{1,2}\))?"
    r"|(?=(?:[A-Za-z]{0,4}[0-9]){4})[A-Za-z0-9]{7,10})(?![0-9A-Za-z])"
)
_MASKED_AFTER = re.compile(rf"{_FILLER}(?P<number>[0-9]{{3,10}}[*×]{{4,14}}[0-9Xx]{{0,4}})(?![0-9A-Za-z])")
_DOCUMENT_BEFORE = re.compile(
    r"(?<![0-9A-Za-z])(?P<number>[A-Za-z]{1,3}[0-9]{6,12}[A-Za-z]?)"
    r"(?:号|的|\(|,|，| |往来|来往|港澳|台湾|内地|大陆|居民|普通|中国){0,5}$"
)
_MAX_BEFORE = 28

_UNIT = r"(?![0-9]*(?:\.[0-9]|元|块|万|千|年|月|日|点|时|人|次|件|个|条|%|号线))"
_ACCOUNT_AFTER = re.compile(
    r"(?:号码|账号|帐号|号|名|[Ii][Dd]|为|是|:|@|\(|\[|\"|“|【|的|加|搜|我|联系| ){0,4}"
    rf"(?P<account>[A-Za-z][A-Za-z0-9_\-.]{{5,19}}|[1-9][0-9]{{4,11}}{_UNIT})(?![0-9A-Za-z_])"
)
_SHOP_BEFORE = re.compile(r"(?:商家|店铺|店家|公司|该店|卖家|网店|官方)的?$")
# Two letters are also the beginning of a model's name: the account of such a cue stands behind a sign or a word.
_SHORT_CUES = frozenset({"VX", "Vx", "vx", "WX", "Wx", "wx"})
_BEHIND_SHORT_CUE = re.compile(r"[号:是为 (]|[Ii][Dd]_")

_PLATE = re.compile(
    rf"[{_PROVINCES}][ ·.\-牌]?[A-HJ-Za-hj-z][ ·.\-]{{0,2}}(?=[A-Za-z0-9]{{0,4}}[0-9][A-Za-z0-9]{{0,4}}[0-9])"
    r"(?:[A-HJ-NP-Za-hj-np-z0-9]{4}(?:[挂学警港澳领试超]|应急|[A-HJ-NP-Za-hj-np-z0-9]临?)|[A-HJ-NP-Za-hj-np-z0-9]{6})(?![0-9A-Za-z])"
)
# Of embassies, of airports, of the armed police.
_OTHER_PLATE = re.compile(
    r"使[0-9]{3}[ ·.\-]?[0-9]{3}(?![0-9])|民航[A-Z][ ·.\-]?[0-9]{4,5}(?![0-9A-Za-z])"
    rf"|WJ[ ·.\-]?[{_PROVINCES}]?[ ·.\-]?[0-9]{{4,5}}[A-Z]?(?![0-9A-Za-z])"
)
_ANNOUNCED_PLATE = re.compile(
    r"(?:号码|号|为|是|:|\(| ){0,3}"
    r"(?P<plate>[\u4e00-\u9fff]?[A-Za-z]{1,2}[ ·.\-]{0,2}(?=[A-Za-z]{0,4}[0-9])[A-Za-z0-9]{4,7}"
    r"(?:[挂学警港澳领试超临]|应急)?)(?![0-9A-Za-z])"
)
# Words whose last character is also a province's: 最新A12345, 阿里云B23456. 号码为云… is none.
_WORD_BEFORE = re.compile(r"(?:[全最崭更创翻刷]新|(?:阿里|华为|腾讯|百度)云|[年中]青|[安丁]宁)$")
_VEHICLE_AFTER = re.compile(
    r"(?:号码?|码|代号|为|是|:| ){0,3}(?P<number>(?:[ \-]?[A-HJ-NPR-Za-hj-npr-z0-9]){17})(?![0-9A-Za-z])"
)
_ENGINE_AFTER = re.compile(r"(?:号码?|码|为|是|:| ){0,3}(?P<number>(?=[A-Za-z]{0,6}[0-9])[A-Za-z0-9]{6,14})(?![0-9A-Za-z])")

_ORDER_AFTER = re.compile(
    r"(?:编号|号码|单号|号|为|是|:|#| |\(|\[|【|No\.?){0,4}"
    r"(?P<number>(?=(?:[A-Za-z\-]{0,4}[0-9]){8})[A-Za-z]{0,5}-?[0-9][0-9A-Za-z\-]{5,31})(?![0-9A-Za-z年])"
)


def document_spans(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Return the span of a document's number behind its name, or before it: 护照号E12345678, E12345678（护照）."""
    start = cue.start()
    number = (
        _MASKED_AFTER.match(text, cue.end())
        or _DOCUMENT_AFTER.match(text, cue.end())
        or _DOCUMENT_BEFORE.search(text, max(0, start - _MAX_BEFORE), start)
    )
    return ((*number.span("number"), IDENTITY),) if number else ()


def account_spans(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Return the span of an account's name or number behind its cue; a shop's own account is no person's."""
    if _SHOP_BEFORE.search(text, max(0, cue.start() - 4), cue.start()):
        return ()
    if cue.group() in _SHORT_CUES and not _is_short_cue(text, cue):
        return ()
    account = _ACCOUNT_AFTER.match(text, cue.end())
    return ((*account.span("account"), ACCOUNT),) if account else ()


def _is_short_cue(text: str, cue: re.Match[str]) -> bool:
    before = text[cue.start() - 1 : cue.start()]
    return not (before.isascii() and before.isalnum()) and _BEHIND_SHORT_CUE.match(text, cue.end()) is not None


def order_spans(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Return the span of the number of an order or parcel behind its cue: eight digits or more."""
    number = _ORDER_AFTER.match(text, cue.end())
    return ((*number.span("number"), ORDER),) if number else ()


def plate_spans(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Return the span of a plate: of a province, of an embassy or the armed police, or whatever is announced as one."""
    start = cue.start()
    if cue.group() in _PLATE_CUES:
        plate = _ANNOUNCED_PLATE.match(text, cue.end())
        return ((*plate.span("plate"), PLATE),) if plate else ()
    plate = _PLATE.match(text, start) or _OTHER_PLATE.match(text, start)
    if plate is None or _WORD_BEFORE.search(text, max(0, start - 3), start + 1):
        return ()
    return ((*plate.span(), PLATE),)


def vehicle_spans(text: str, cue: re.Match[str]) -> Sequence[Span]:
    """Return the span of an announced vehicle identification number."""
    number = (_ENGINE_AFTER if cue.group() == "发动机号" else _VEHICLE_AFTER).match(text, cue.end())
    return ((*number.span("number"), VEHICLE),) if number else ()
