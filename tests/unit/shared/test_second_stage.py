"""The second stage takes names and addresses out of texts, and leaves brands, companies and numbers of other things."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.personal_data.second_stage import SecondStage, load_second_stage
from shared.personal_data.spans import merge_spans, replace_spans

SHOP = ("云州锦程商贸有限公司", "云州市湖东区解放路12号3幢101室")


@pytest.fixture(scope="module")
def stage():
    return load_second_stage(SHOP)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("当时张晓梅带着孩子在店里用餐。", "当时[姓名]带着孩子在店里用餐。"),
        ("消费者买买提·阿不都拉反映", "消费者[姓名]反映"),
        ("转账给了高超，至今没有退回。", "转账给了[姓名]，至今没有退回。"),
        ("请联系欧阳子轩核实", "请联系[姓名]核实"),
        ("王雪在直播间下单。后来王雪多次催促。", "[姓名]在直播间下单。后来[姓名]多次催促。"),
        ("签约人：揭援朝；", "签约人：[姓名]；"),
        ("快递员党跃进未经同意放在驿站。", "快递员[姓名]未经同意放在驿站。"),
        ("快递员南宫德才未经同意放在驿站。", "快递员[姓名]未经同意放在驿站。"),
        ("被卞芷若拉黑。", "被[姓名]拉黑。"),
        ("家住云州市湖东区长乐路300弄15支弄4号602。", "家住[地址]。"),
        ("家住[地址]四队。", "家住[地址][地址]。"),
        ("快递送到幸福里小区A座1203。", "快递送到[地址]。"),
        ("青山镇李家村三组15号漏水。", "[地址]漏水。"),
    ],
)
def test_names_and_addresses_go(stage, text, clean):
    assert stage.redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "在李宁专卖店买了一双鞋，王老吉凉茶两箱，张小泉剪刀一把。",
        "2026年10月3号在云州锦程商贸有限公司购买，5号线出口旁，价格1299.00元。",
        "店址云州市湖东区解放路12号3幢101室。",
        "型号A12-3，规格2-3个，保修1-2年，2026-10-03开票。",
        "商场3楼的柜台，1号店。",
        "沈阳市铁西区金色童年幼儿园不退费。",
        "曹氏鸭脖变质，徐记海鲜加收服务费，孙记包子铺不开票。",
        "欧阳修故居门票涨价，司马台长城缆车停运。",
        "史丹福手表进水，张小盒便当变质。",
        "",
    ],
)
def test_brands_companies_and_other_numbers_stay(stage, text):
    assert stage.redact(text) == text


def test_a_text_of_any_length_is_searched_to_its_end(stage):
    assert stage.redact("商品有质量问题。" * 200 + "当时张晓梅在场。").endswith("当时[姓名]在场。")


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="张晓梅在路号12幢-·[地址]，。A\u200b１", max_size=60))
def test_whatever_the_text_spans_lie_within_it(text):
    for start, end, _ in load_second_stage().find_spans(text):
        assert 0 <= start < end <= len(text)


def test_a_model_that_knows_nothing_leaves_only_what_has_a_form():
    class Nothing:
        def run(self, text):
            return [(character, "n") for character in text]

    assert SecondStage(Nothing()).redact("当时张晓梅在场。") == "当时张晓梅在场。"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=6))
def test_merged_spans_do_not_overlap_and_cover_the_same(pairs):
    spans = [(start, start + length, "[x]") for start, length in pairs]
    merged = merge_spans(spans)

    covered = {place for start, end, _ in spans for place in range(start, end)}
    assert {place for start, end, _ in merged for place in range(start, end)} == covered
    assert all(first[1] <= second[0] for first, second in pairwise(merged))
    assert len(replace_spans("a" * 30, spans)) == 30 - len(covered) + 3 * len(merged)
