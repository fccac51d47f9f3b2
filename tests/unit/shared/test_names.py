"""Names in one comparable form, and codes whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.operators import name_key, parse_uscc
from shared.names import fold_name

NAME = "云州永兴（连锁）药业有限公司"
CODE = "91330106MA2XYW123X"


@pytest.mark.parametrize(
    "written",
    ["云州永兴(连锁)药业有限公司", "云州永兴【连锁】药业有限公司", "雲州永興（連鎖）藥業有限公司", "云州永兴（连锁）药业有限公司！", "*云州永兴（连锁）药业有限公司*",
     "《云州永兴（连锁）药业有限公司》", "（云州永兴（连锁）药业有限公司）", "<云州永兴（连锁）药业有限公司>", "云州永兴（连锁）药业有限公司（）", "云州永兴&#40;连锁&#41;药业有限公司",
     "云州永兴（连锁）药业有限公司&nbsp;", "_云州永兴（连锁）药业有限公司|", "云州永兴\u2800（连锁）药业有限公司-", "云州永兴（连锁）药业有限公司？", "云州永兴（連锁）薬業有限公司"],
)  # fmt: skip
def test_one_operator_has_one_form(written):
    assert fold_name(written) == fold_name(NAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云州\u2ed8山面馆", "云州青山面馆"),
        ("老王○店", "老王〇店"),
        ("云州靑山店", "云州青山店"),
        ("云州·小吃", "云州．小吃"),
        ("A&amp;B超市", "A&B超市"),
    ],
)
def test_forms_of_one_character_are_one(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云州永兴药业有限公司", "云州永兴药业有限责任公司"),
        ("云州1号店", "云州2号店"),
        ("C+咖啡", "C咖啡"),
        ("云州（一）店", "云州（二）店"),
        ("（甲）乙（丙）", "甲乙丙"),
    ],
)
def test_other_names_stay_apart(one, other):
    assert fold_name(one) != fold_name(other)


def test_the_form_of_an_individual_business_is_no_part_of_its_name():
    assert name_key("云州张记面馆（個體工商戶）") == name_key("云州张记面馆")
    assert name_key("（个体工商户）")


@given(st.text(alphabet="云州&;#雲 .·*-“。", max_size=20))
def test_a_form_is_its_own_form(name):
    assert fold_name(fold_name(name)) == fold_name(name)


@pytest.mark.parametrize(
    "written",
    [f"统一社会信用代码：{CODE}", f"{CODE}（1-1）", f"{CODE}(正本)", f"[{CODE}]", f"{CODE}。", f"{CODE[:8]}—{CODE[8:]}", f'=T("{CODE}")', f"USCC: {CODE}",
     f"{CODE[:8]}.{CODE[8:]}", CODE.replace("1", "I").replace("0", "O"), CODE.replace("2", "Z")],
)  # fmt: skip
def test_a_code_is_found_in_what_people_write_around_it(written):
    assert parse_uscc(written) == CODE


@pytest.mark.parametrize("written", [f"{CODE}{CODE}", CODE.replace("3", "4"), "无", "9133", f"{CODE}1", CODE.replace("X", "O")])
def test_what_is_no_code_is_none(written):
    assert parse_uscc(written) is None
