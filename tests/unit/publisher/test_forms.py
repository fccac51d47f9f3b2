"""Forms of items: what stands in them, what changed, and what they never hold."""

from __future__ import annotations

import pytest

from services.publisher.domain.basic import MonthFigure, Registration, basic_form
from services.publisher.domain.case_summary import BadSummary, concealed_summary, is_proposed, normalize_summary
from services.publisher.domain.form import UnknownField
from services.publisher.domain.major import can_be_published, major_form
from services.publisher.domain.personal_data import find_personal_data
from shared.personal_data.stories import PersonalDataKind
from tests.integration.publisher.events import AT, complaint, measures

OPERATOR = Registration(
    "91990102MA9K000003", "云州锦程通讯器材有限公司", "91990102MA9K000003", "解放东路118号", None, "990102", "F5273"
)


def form(complaints: int):
    return basic_form(MonthFigure(OPERATOR, "2026-09", 1, measures(complaints), AT))


def test_a_month_has_its_counts_and_its_rates():
    content = form(64).content

    assert (content["complaints"], content["accepted"], content["resolved"]) == (64, 63, 61)
    assert content["resolution_rate"] == "0.9683"


def test_a_mandated_rate_is_there_however_few_the_complaints_are_and_none_is_over_nothing():
    content = form(8).content

    assert (content["resolution_rate"], content["resolved"], content["accepted"]) == ("0.7143", 5, 7)
    assert form(1).content["resolution_rate"] is None


def test_only_a_later_as_of_is_no_change():
    later = basic_form(MonthFigure(OPERATOR, "2026-09", 2, measures(64), AT.replace(hour=9)))

    assert later.changes_from(form(64)) == ()


def test_changes_name_field_old_and_new():
    changes = form(66).changes_from(form(64))

    assert ("complaints", "64", "66") in changes
    assert all(old != new for _, old, new in changes)


def test_a_change_of_region_alone_is_a_change():
    moved = form(64).model_copy(update={"region": "990103"})

    assert moved.changes_from(form(64)) == (("region", "990102", "990103"),)


def test_a_correction_keeps_numbers_as_numbers():
    corrected = form(64).apply_corrections([("complaints", "63"), ("operator.address", "解放东路120号")])

    assert corrected.content["complaints"] == 63
    assert corrected.operator.address == "解放东路120号"


@pytest.mark.parametrize("field", ["colour", "operator.uscc", "operator.key", "operator"])
def test_what_is_not_in_the_form_cannot_be_corrected(field):
    with pytest.raises(UnknownField):
        form(64).apply_corrections([(field, "x")])


@pytest.mark.parametrize("consent", [False, True])
def test_the_callers_words_are_in_no_form_consent_or_not(consent):
    filled = major_form(complaint(consents_to_publish=consent, text="据市民唐女士反映，她在门店办卡后门店搬迁。"))

    assert filled.content["issue"] == "消费者反映健身卡预付式消费问题，涉及金额68,600.00元，与经营者发生争议。"
    assert "唐女士" not in filled.model_dump_json()
    assert is_proposed(filled)
    assert concealed_summary(filled) == frozenset()


def test_a_summary_that_a_person_wrote_stands_in_place_of_the_proposal():
    filled = major_form(complaint(), "消费者购买健身卡后门店搬迁，要求退还余额。")

    assert filled.content["issue"] == "消费者购买健身卡后门店搬迁，要求退还余额。"
    assert not is_proposed(filled)


def test_words_of_a_person_in_the_form_of_a_proposal_are_no_proposal():
    filled = major_form(complaint(), "消费者反映健身卡老板跑路问题，与经营者发生争议。")

    assert not is_proposed(filled)
    assert concealed_summary(filled) == {"issue"}


def test_goods_that_name_a_person_are_left_out():
    filled = major_form(complaint(goods="唐女士的手机"))

    assert filled.content["goods"] is None
    assert "唐女士" not in filled.model_dump_json()


def test_nothing_of_a_complaint_whose_redaction_failed_is_in_the_form():
    withheld = major_form(complaint(redaction="withheld", consents_to_publish=True, goods="张三的手机", text="电话13800138000"))

    assert "张三" not in withheld.model_dump_json()
    assert "13800138000" not in withheld.model_dump_json()


@pytest.mark.parametrize("text", ["", " \n ", "长" * 401])
def test_a_summary_has_1_to_400_characters(text):
    with pytest.raises(BadSummary):
        normalize_summary(text)


def test_a_summary_is_one_line():
    assert normalize_summary(" 消费者要求退款，\n 经营者不同意。 ") == "消费者要求退款， 经营者不同意。"


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, True),
        ({"status": "received"}, False),
        ({"status": "rejected"}, False),
        ({"kind": "tip_off"}, False),
        ({"duplicate_of": complaint(9).complaint_id}, False),
    ],
)
def test_only_disputes_that_were_taken_up_and_count_become_items(changes, worth):
    assert can_be_published(complaint(**changes)) is worth


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请打13800138000", {PersonalDataKind.PHONE}),
        ("请打 138 0013 8000", {PersonalDataKind.PHONE}),
        ("１３８００１３８０００", {PersonalDataKind.PHONE}),
        ("证件11010519491231002X", {PersonalDataKind.ID_NUMBER}),
        ("证件 110105 19491231 0021", {PersonalDataKind.ID_NUMBER}),
        ("订单330100202611272359", {PersonalDataKind.ORDER}),
        ("合同330100202611272359", set()),
        ("编号110105194913310021", set()),
        ("卡号6222021234567890123", {PersonalDataKind.CARD}),
        ("写信到a.b@example.com", {PersonalDataKind.EMAIL}),
        ("涉及金额36,800.00元，2026年9月8日", set()),
        ("信用代码91990102MA9K000003", set()),
        ("座机0571-8888 7777", {PersonalDataKind.PHONE}),
        ("据唐女士反映", {PersonalDataKind.NAME}),
        ("欧阳先生要求退款", {PersonalDataKind.NAME}),
        ("王某某要求退款", {PersonalDataKind.NAME}),
        ("收件人李建国，要求退款", {PersonalDataKind.NAME}),
        ("车牌云A·12345", {PersonalDataKind.PLATE}),
        ("微信号chenxm_1988", {PersonalDataKind.ACCOUNT}),
        ("家住解放东路12号3单元401室", {PersonalDataKind.ADDRESS}),
        ("本人[姓名]，电话[电话]", {PersonalDataKind.PLACEHOLDER}),
        ("经营者为女士美容提供服务", set()),
        ("消费者先生产后付款", set()),
        ("消费者任女士要求退款", {PersonalDataKind.NAME}),
        ("向先生要求退款", {PersonalDataKind.NAME}),
        ("消费者反映：于某要求退款", {PersonalDataKind.NAME}),
        ("找常女士要求退款", {PersonalDataKind.NAME}),
        ("经营者退还何女士680元", {PersonalDataKind.NAME}),
        ("向方某支付680元", {PersonalDataKind.NAME}),
        ("向师傅说明后未予退款", set()),
        ("未告知任何同学须另付教材费", set()),
        ("和老师协商后要求退还课时费", set()),
        ("请李师傅上门维修", {PersonalDataKind.NAME}),
    ],
)
def test_personal_data_is_found_in_any_writing(text, found):
    assert find_personal_data(major_form(complaint(), text)) == found


def test_the_operators_own_name_in_a_summary_is_no_persons():
    shop = complaint().operator.model_copy(update={"name": "唐女士私房菜馆"})
    filled = major_form(complaint(operator=shop), "消费者在唐女士私房菜馆就餐后要求退款。")

    assert find_personal_data(filled) == set()


def test_personal_data_in_a_correction_is_found():
    corrected = form(64).apply_corrections([("operator.address", "解放东路118号，电话13800138000")])

    assert find_personal_data(corrected) == {PersonalDataKind.PHONE}
