"""Complaint texts with personal data of invented people, and with numbers and names that only look like it.

Three parts with other sentences, separators and names. The patterns were written with the first before the eyes, what the second
showed was mended, the third was written last: what it found at first sight is in docs/adr/0025-personal-data-in-texts.md.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from deploy.quality.invented_values import split
from shared.contracts.reports import Complainant
from shared.identity_numbers import check_character
from shared.personal_data.surnames import SURNAMES

YEAR = 2026
COMPANY = "company"
ORDER = "order"


@dataclass(frozen=True, slots=True)
class InventedText:
    """A text, what the name field says, and (type, words) that must go or, for companies and orders, must stay."""

    text: str
    complainant: Complainant
    personal: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    operator: str


Maker = Callable[[random.Random], str]


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + "".join(
        rng.choice("晓梦婷建国志强丽娟文博雨泽思涵俊杰美玲") for _ in range(rng.choice((1, 2)))
    )


def dotted_name(rng: random.Random) -> str:
    return (
        rng.choice(("阿卜杜拉", "古丽娜尔", "买合木提", "帕提古丽", "艾合买提"))
        + "·"
        + rng.choice(("托合提", "吐尔逊", "依明江", "麦麦提"))
    )


def mobile(rng: random.Random) -> str:
    return "1" + rng.choice("3456789") + digits(rng, 9)


def identity(rng: random.Random, region: str = "") -> str:
    birth = date(1945, 1, 1) + timedelta(days=rng.randrange(27_000))
    body = (
        (region or rng.choice(("110101", "330113", "810000", "820000", "830000", "911156", "445224")))
        + f"{birth:%Y%m%d}"
        + digits(rng, 3)
    )
    return body + check_character(body)


def card(rng: random.Random) -> str:
    return "62" + digits(rng, rng.choice((14, 17)))


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def plate(rng: random.Random, dot: str = "") -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    body = digits(rng, 5) if rng.random() < 0.6 else rng.choice(letters) + digits(rng, 3) + rng.choice(letters)
    if rng.random() < 0.3:
        body = rng.choice("DF") + digits(rng, 5)
    return rng.choice("京沪粤浙苏鲁云川新琼") + rng.choice(letters) + dot + body


def account(rng: random.Random) -> str:
    return rng.choice(("lin", "wxid_", "Zhang", "abc-")) + "".join(rng.choice("abcdefgh0123456789_") for _ in range(7))


def qq(rng: random.Random) -> str:
    return rng.choice("123456789") + digits(rng, rng.choice((5, 8, 9)))


def landline(rng: random.Random, separator: str) -> str:
    return rng.choice(("010", "021", "0571", "0874")) + separator + rng.choice("2345678") + digits(rng, 7)


def order(rng: random.Random) -> str:
    return rng.choice((
        f"2026{rng.choice(('0312', '1001', '0728'))}{digits(rng, 6)}", f"3301{digits(rng, 2)}20261001{digits(rng, 4)}", f"DD{digits(rng, 12)}",
        "2" + digits(rng, 17), f"JD-{digits(rng, 10)}",
    ))  # fmt: skip


Case = tuple[str, str, Maker]
# (type, sentence with %s, maker)
TUNED: Sequence[Case] = (
    ("phone", "请拨打%s与我联系。", mobile),
    ("phone", "手机%s。", lambda rng: split(mobile(rng), (3, 4, 4), ".")),
    ("phone", "电话%s，", lambda rng: split(mobile(rng), (3, 4, 4), " ")),
    ("phone", "联系方式：%s。", lambda rng: "+86 " + mobile(rng)),
    ("phone", "座机%s。", lambda rng: landline(rng, "—")),
    ("id_number", "身份证号%s。", identity),
    ("id_number", "本人证件%s，", lambda rng: wide(identity(rng))),
    ("card", "请退到银行卡%s。", card),
    ("passport", "本人护照号%s，请核实。", lambda rng: "E" + digits(rng, 8)),
    ("permit", "港澳通行证%s，", lambda rng: "C" + digits(rng, 8)),
    ("permit", "回乡证%s，", lambda rng: "H" + digits(rng, 10)),
    ("permit", "外国人永久居留证%s。", lambda rng: "USA" + digits(rng, 12)),
    ("plate", "我的车牌%s在店里被刮。", plate),
    ("plate", "车辆%s送修。", lambda rng: plate(rng, "·")),
    ("wechat", "微信号%s，请加我。", account),
    ("qq", "QQ：%s。", qq),
    ("mail", "邮箱%s。", lambda rng: f"u{digits(rng, 6)}@example.com"),
    ("name", "收件人%s，", name),
    ("order", "订单号%s，", order),
    ("order", "单号：%s。", order),
    ("order", "运单%s已签收，", lambda rng: "SF" + digits(rng, 13)),
)
HELD_OUT: Sequence[Case] = (
    ("phone", "商家让我打%s找经理", lambda rng: split(mobile(rng), (3, 4, 4), "-")),
    ("phone", "回电（%s）谢谢", lambda rng: split(mobile(rng), (3, 4, 4), "·")),
    ("phone", "号码是%s；", lambda rng: split(mobile(rng), (3, 4, 4), "/")),
    ("phone", "来电请用 %s 。", lambda rng: "0086" + mobile(rng)),
    ("phone", "86-%s可找到我，", mobile),
    ("phone", "家里%s无人接，", lambda rng: landline(rng, "－")),
    ("phone", "固话%s。", lambda rng: landline(rng, "–")),
    ("phone", "单位%s转12，", lambda rng: f"({landline(rng, ')')}"),
    ("phone", "我的号%s", lambda rng: wide(mobile(rng))),
    ("phone", "电话%s。", lambda rng: mobile(rng).translate(str.maketrans("0123456789", "零一二三四五六七八九"))),
    ("phone", "致电%s，", lambda rng: split(mobile(rng), (3, 4, 4), "\u200b")),
    ("id_number", "附：%s（复印件）", identity),
    ("id_number", "%s，以上为本人号码", lambda rng: split(identity(rng), (6, 8, 4), " ")),
    ("id_number", "身份号码：%s；", lambda rng: identity(rng, "820000")),
    ("card", "账户%s，开户行工行，", lambda rng: split(card(rng), (4, 4, 4, 4), " ")),
    ("card", "打到%s即可，", card),
    ("passport", "持%s号护照入住，", lambda rng: "EA" + digits(rng, 7)),
    ("passport", "护照（%s）已出示，", lambda rng: "G" + digits(rng, 8)),
    ("passport", "passport No. %s，", lambda rng: "K" + digits(rng, 8)),
    ("permit", "台胞证号码：%s，", lambda rng: digits(rng, 8)),
    ("permit", "港澳居民来往内地通行证为M%s，", lambda rng: digits(rng, 8)),
    ("permit", "永久居留身份证号是%s。", lambda rng: "JPN" + digits(rng, 12)),
    ("permit", "居住证%s办理，", lambda rng: identity(rng, "810000")),
    ("plate", "本人驾驶%s到店保养，", lambda rng: plate(rng, " ")),
    ("plate", "车号%s，", plate),
    ("plate", "新能源车（%s）充电，", lambda rng: "粤BD" + digits(rng, 5)),
    ("plate", "停车时%s被拖走，", lambda rng: plate(rng, "-").lower()),
    ("plate", "%s这台车，", lambda rng: plate(rng, "•")),
    ("wechat", "加微信%s沟通，", account),
    ("wechat", "VX:%s，", account),
    ("wechat", "WeChat：%s；", account),
    ("wechat", "我的薇信是%s，", account),
    ("wechat", "微信（%s）里有记录，", account),
    ("qq", "扣扣%s，", qq),
    ("qq", "qq号是%s，", qq),
    ("qq", "加我QQ%s详谈，", qq),
    ("mail", "发至%s，", lambda rng: f"li.{digits(rng, 4)}＠example．com"),
    ("mail", "邮件 %s 。", lambda rng: f"li{digits(rng, 4)} at example.com"),
    ("name", "户名：%s，", name),
    ("name", "请与%s联系，", name),
    ("name", "我叫%s，", name),
    (
        "address",
        "家住%s，",
        lambda rng: f"云州市湖东区解放东路{rng.randrange(1, 200)}号{rng.randrange(1, 9)}单元{rng.randrange(101, 2400)}",
    ),
)
# How the name stands in the field, and how the text writes it.
TUNED_NAMES: Sequence[tuple[str, str]] = (
    ("{n}", "{n}"), ("{n}女士", "{n}"), ("{n}（女）", "{n}"), ("{n}先生", "{n}"), ("{n}、{m}", "{m}"), ("{d}", "{d}"),
)  # fmt: skip
HELD_OUT_NAMES: Sequence[tuple[str, str]] = (
    ("{n}（代）", "{n}"), ("{n} 女士", "{n}"), ("消费者{n}", "{n}"), ("{n}小姐", "{n}"), ("{n}/{m}", "{n}和{m}"), ("{n}和{m}", "{m}"),
    ("{n}，{m}", "{n}"), ("{n};{m}", "{m}"), ("{n} {m}", "{m}"), ("{n}(男)", "{n}"), ("{n}等3人", "{n}"), ("{n}夫妇", "{n}"), ("{n}13800138000", "{n}"),
    ("{d}", "{d:•}"), ("{d}", "{d:.}"), ("{d}", "{d:・}"), ("{d}", "{d:‧}"), ("{d}", "{d:}"), ("{d:•}", "{d}"), ("{d:}", "{d}"), ("{d}女士", "{d:･}"),
    ("{n}", "{n: }"), ("{n}", "{n:\u200b}"), ("{n:　}", "{n}"),
)  # fmt: skip
UNSEEN: Sequence[Case] = (
    ("phone", "拨%s没人接，", lambda rng: split(mobile(rng), (3, 4, 4), "_")),
    ("phone", "预留的手机号%s收不到短信，", mobile),
    ("phone", "（＋86）%s，", mobile),
    ("phone", "老家电话%s，", lambda rng: landline(rng, "--")),
    ("phone", "可打 %s 找我爱人，", lambda rng: split(mobile(rng), (3, 3, 5), " ")),
    ("id_number", "开房登记用的是%s，", identity),
    ("id_number", "身份证:%s,", lambda rng: split(identity(rng), (6, 4, 4, 4), "-")),
    ("card", "卡号是%s，钱一直没到账。", lambda rng: "4" + digits(rng, 15)),
    ("passport", "入住时登记的护照为%s。", lambda rng: "E" + rng.choice("ABCDEFG") + digits(rng, 7)),
    ("permit", "凭%s（往来港澳通行证）过关，", lambda rng: "CD" + digits(rng, 7)),
    ("permit", "军官证号：%s，", lambda rng: digits(rng, 7)),
    ("plate", "把%s开到店里贴膜，", lambda rng: plate(rng, ".")),
    ("plate", "洗车时%s划伤，", lambda rng: wide(plate(rng))),
    ("plate", "牌照%s的轿车，", plate),
    ("wechat", "对方让我加V：%s，", account),
    ("wechat", "微信ID %s，", account),
    ("wechat", "微信号码为“%s”，", account),
    ("qq", "企鹅号%s，", qq),
    ("qq", "Q Q：%s，", qq),
    ("mail", "电邮:%s;", lambda rng: f"wang_{digits(rng, 3)}@example.org.cn"),
    ("name", "收货人：%s，", name),
    ("name", "持卡人为%s，", name),
    ("address", "现住%s，", lambda rng: f"青岚县锦绣花园{rng.randrange(1, 30)}栋{rng.randrange(101, 2400)}室"),
)
UNSEEN_NAMES: Sequence[tuple[str, str]] = (
    ("举报人{n}", "{n}"), ("{n}（本人）", "{n}"), ("{n}老师", "{n}"), ("{n}及{m}", "{n}"), ("{n}｜{m}", "{m}"), ("【{n}】", "{n}"), ("{n}(13900139000)", "{n}"),
    ("{d}（男）", "{d:。}"), ("{d:.}", "{d:·}"), ("{n}；{m}", "{n}和{m}"), ("{n}\n{m}", "{m}"), ("{n}太太", "{n}"),
)  # fmt: skip
OTHERS: Sequence[tuple[str, str, Maker]] = (
    (ORDER, "型号%s，", lambda rng: "E" + digits(rng, 8)),
    (ORDER, "合同号%s，", order),
    (ORDER, "流水号%s，", lambda rng: digits(rng, 16)),
    (ORDER, "付款%s元，", lambda rng: f"{rng.randrange(100, 99999)}.00"),
    (ORDER, "于%s购买，", lambda rng: f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"),
    (ORDER, "执照号91330106MA2%s，", lambda rng: "K" + digits(rng, 6)),
    (COMPANY, "在%s消费，", lambda rng: f"云州{rng.choice(('锦程', '新海', '云帆', '京味', '川香'))}商贸有限公司"),
    (COMPANY, "关注微信公众号%s下单，", lambda rng: rng.choice(("yunfan_mall", "新海优选"))),
    (COMPANY, "购买%s一台，", lambda rng: rng.choice(("华为云A10086", "最新A12345款手机", "小米14Pro", "戴尔G15"))),
    (COMPANY, "用微信支付后%s不退，", lambda rng: rng.choice(("京东自营店", "云A座便利店", "QQ音乐会员"))),
)


class _Name(str):
    """A name that a template can ask for with another separator: `{d:•}`."""

    __slots__ = ()

    def __format__(self, separator: str) -> str:
        return separator.join(self.split("·") if "·" in self else self) if separator else str(self)


def _written(template: str, names: Mapping[str, str]) -> str:
    for key, value in names.items():
        template = template.replace("{" + key + ":}", value.replace("·", ""))
    return template.format(**{key: _Name(value) for key, value in names.items()})


def invented_texts(cases: Sequence[Case], names: Sequence[tuple[str, str]], seed: int, count: int) -> Iterator[InventedText]:
    """Yield texts of a few sentences each, the kinds of `cases` and `names` in turn."""
    rng = random.Random(seed)
    for number in range(count):
        kind, sentence, make = cases[number % len(cases)]
        words = make(rng)
        field, written = names[number % len(names)]
        people = {"n": name(rng), "m": name(rng), "d": dotted_name(rng)}
        person = _written(written, people)
        other, other_sentence, make_other = OTHERS[number % len(OTHERS)]
        other_words = make_other(rng)
        parts = [sentence % words, f"消费者{person}反映商家不退款。", other_sentence % other_words, "要求处理。"]
        rng.shuffle(parts)
        yield InventedText(
            "".join(parts),
            Complainant(name=_written(field, people)),
            ((kind, words), *(("complainant", each) for each in people_of(person, written, people))),
            ((other, other_words),),
            "云州锦程商贸有限公司",
        )


def people_of(person: str, written: str, people: Mapping[str, str]) -> list[str]:
    """Return the names that a text writes, each for itself."""
    return [people["n"], people["m"]] if written == "{n}和{m}" else [person]
