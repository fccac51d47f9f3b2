"""Personal data is replaced, everything else is unchanged."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deploy.samples import generate
from services.intake.redaction import redact
from services.intake.redaction.known_identity import known_identity
from services.intake.redaction.normalization import normalize
from services.intake.redaction.report import redact_text
from shared.contracts import ComplaintReport, Redaction
from shared.contracts.reports import Complainant

IDENTITY = known_identity(
    Complainant(
        name="欧阳梓萱", phone="021-5555 1234", id_number="11010119900307123X", address="云州市湖东区幸福小区3幢2单元501室"
    )
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("电话13800138000，谢谢", "电话[电话]，谢谢"),
        ("138 0013 8000", "[电话]"),
        ("138-0013-8000", "[电话]"),
        ("１３８ ００１３ ８０００", "[电话]"),
        ("①③⑧00138000止", "[电话]止"),
        ("+86 13800138000", "[电话]"),
        ("+86-138-0013-8000", "[电话]"),
        ("8613800138000", "[电话]"),
        ("wx13812345678abcdefgh", "wx[电话]abcdefgh"),
        ("(0571)88881234转803", "[电话]"),
        ("0571-88881234", "[电话]"),
        ("010-6555 1234", "[电话]"),
        ("400-820-8820", "[电话]"),
        ("座机：88881234", "座机：[电话]"),
        ("13812345678 13912345678 6222021234567890123", "[电话] [电话] [银行卡号]"),
        ("990102199001011234", "[证件号]"),
        ("990 1021 99001011234", "[证件号]"),
        ("11010119900307123X。", "[证件号]。"),
        ("１１０１０１１９９００３０７１２３Ｘ", "[证件号]"),
        ("11010119900307123x", "[证件号]"),
        ("110101900307123", "[证件号]"),
        ("81000019900307123X", "[证件号]"),
        ("6222 0210 0111 6245 702", "[银行卡号]"),
        ("629-9912-345678901234", "[银行卡号]"),
        ("a_b＠qq．com 联系", "[邮箱] 联系"),
        ("邮箱u12345678@example.com。", "邮箱[邮箱]。"),
        ("邮箱a1@example.com_li.si@example.org", "邮箱[邮箱][邮箱]"),
        ("zhang@example.com+wang@example.org，zhang@example.com..wang@example.org", "[邮箱][邮箱]，[邮箱][邮箱]"),
        ("a@example.com%b@example.org", "[邮箱][邮箱]"),
        ("ａｂ＠ｅｘａｍｐｌｅ．ｃｏｍ…_li@example.org", "[邮箱][邮箱]"),
        ("欧阳梓萱和欧阳 梓萱、欧阳　梓萱", "[姓名]和[姓名]、[姓名]"),
        ("021 5555-1234", "[电话]"),
        ("住云州市湖东区幸福小区３幢２单元５０１室", "住[地址]"),
        ("家住云州市江口县桂语江南10幢4单元1149室，可上门。", "家住[地址]，可上门。"),
        ("收件人魏家豪，户名：上官云", "收件人[姓名]，户名：[姓名]"),
        ("请与唐芳联系", "请与[姓名]联系"),
        ("本人程国华（身份证110101900307123）", "本人[姓名]（身份证[证件号]）"),
    ],
)
def test_personal_data_is_replaced(text, clean):
    assert redact_text(text, IDENTITY) == clean
    assert redact_text(clean, IDENTITY) == clean


@pytest.mark.parametrize(
    "text",
    [
        "9月30日购买手机一部，付款1299.00元，订单号202610011234。",
        "2026-10-01 2026-10-05 两次到店，2026.10.07又去。",
        "总价123456789元，共1234567890123元。",
        "信用代码91990102MA9K08RC3G的经营者。",
        "信用代码91330106MA9K12345X（抄错）。",
        "型号6900123456789，保修期36个月。",
        "拨打12345和12315，又打110。",
        "欧阳先生来电。",
        "多次与商家联系，与店长联系，联系人不详，持卡人本人到店。",
        "本人于上周到店，收件人不在家，订单号057188881234。",
        "在3号楼A座二层的门店购买，2幢楼下有招牌。",
    ],
)
def test_other_numbers_and_words_are_unchanged(text):
    assert redact_text(text, IDENTITY) == text


@pytest.mark.parametrize("name", ["匿名", "消费者", "李", " ", None])
def test_placeholders_and_single_characters_are_no_name(name):
    assert redact_text("消费者李先生匿名投诉", known_identity(Complainant(name=name))) == "消费者李先生匿名投诉"


def test_all_personal_data_of_the_sample_hotlines_is_replaced():
    planted = leaked = 0
    for emission in generate(seed=7, complaints=800, months=6, carriers="kafka", faults=0):
        if emission.carrier == "kafka_binary" and emission.personal:
            report = ComplaintReport.model_validate_json(emission.body)
            clean = redact(report)
            public = f"{clean.title}{clean.text}{clean.goods}{clean.operator}"
            planted += len(emission.personal)
            leaked += sum(written in public for written in emission.personal)
            assert clean.redaction is Redaction.REDACTED

    assert planted > 300
    assert leaked == 0


@given(st.text(alphabet="０１23①⒈㎏x@.ＡﬁａＢ 元-（", max_size=40), st.data())
def test_a_span_of_the_normalized_text_maps_to_the_original(text, data):
    form = normalize(text)
    if not form.text:
        return
    start = data.draw(st.integers(0, len(form.text) - 1))
    end = data.draw(st.integers(start + 1, len(form.text)))

    first, last = form.span(start, end)

    assert form.text[start:end] in normalize(text[first:last]).text


@given(st.text(max_size=80), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=80))
def test_a_mobile_number_is_replaced_in_any_text(before, phone, after):
    text = f"{before}，{phone}，{after}"

    assert phone not in (redact_text(text) or "")


@given(st.text(alphabet="ab1@._%+-＠．… ，", max_size=60))
@example("…@1")
def test_a_mail_address_is_replaced_in_any_text(text):
    clean = redact_text(text) or ""

    assert not re.search(r"[A-Za-z0-9._%+\-]@[A-Za-z0-9\-]", normalize(clean).text)
