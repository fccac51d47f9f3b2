"""The clerks' desk: access, content and form."""

from __future__ import annotations

import re

import orjson
import pytest

from tests.integration.intake.conftest import report, sign_in

FORM = {
    "channel": "letter", "received_on": "2026-10-08", "operator_name": "云州锦程通讯器材有限公司", "uscc": "91990102ma9k08rc3g",
    "region": "990102", "category": "quality", "amount": "1,299.00", "complainant_name": "欧阳梓萱", "phone": "13987654321",
    "text": "欧阳梓萱来信：手机屏幕有亮点，要求更换。\r\n电话13987654321。", "consents_to_direct": "yes",
}  # fmt: skip


def form_number(page):
    return re.search(r'name="number" value="(D[^"]+)"', page.text)[1]


async def test_the_desk_is_for_clerks(desk):
    for name, status in (("wang", 403), ("chen", 200)):
        await sign_in(desk, name)
        assert (await desk.get("/intake/desk")).status_code == status
    desk.cookies.clear()
    assert (await desk.get("/intake/desk")).status_code == 303


async def test_a_form_submitted_twice_registers_one_redacted_complaint(desk, intake):
    number = form_number(await desk.get("/intake/desk"))

    for _ in range(2):
        response = await desk.post("/intake/desk", data=FORM | {"number": number})
        assert (response.status_code, response.headers["location"]) == (303, f"/intake/desk?registered={number}")
    page = await desk.get(f"/intake/desk?registered={number}")

    assert f"已登记，编号{number}" in page.text
    (complaint,) = (await intake.complaints()).values()
    assert complaint["operator"]["key"] == "91990102MA9K08RC3G"
    assert complaint["text"] == "[姓名]来信：手机屏幕有亮点，要求更换。\n电话[电话]。"
    assert (complaint["channel"], complaint["received_on"], complaint["amount"]) == ("letter", "2026-10-08", "1299.00")
    assert complaint["consents_to_direct"] is True
    assert await intake.database.fetchval("SELECT count(*) FROM intake.journal WHERE action = 'complaint_registered'") == 1


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"operator_name": ""}, "operator_name", "经营者：缺少必填内容"),
        ({"uscc": "91990102MA9K08RC3O"}, "uscc", "统一社会信用代码：信用代码应为18位，且校验位须相符"),
        ({"amount": "一千"}, "amount", "金额（元）：金额须为数字，最多两位小数"),
        ({"amount": "-5"}, "amount", "金额（元）：金额不能为负数"),
        ({"received_on": "2999-01-01"}, "received_on", "收到日期：时间晚于现在"),
        ({"received_on": ""}, "received_on", "收到日期：缺少必填内容"),
        ({"text": ""}, "text", "投诉内容：缺少必填内容"),
        ({"channel": "hotline_12345"}, "channel", "来源：缺少必填内容"),
    ],
)
async def test_an_invalid_form_is_shown_again_with_a_summary_of_its_faults(empty_desk, empty_intake, changed, field, message):
    number = form_number(await empty_desk.get("/intake/desk"))

    page = await empty_desk.post("/intake/desk", data=FORM | {"number": number} | changed)

    assert page.status_code == 422
    assert f'<a href="#{field}">{message}</a>' in page.text
    assert form_number(page) == number
    assert "欧阳梓萱" in page.text
    assert await empty_intake.complaints() == {}


async def test_the_desk_shows_counts_and_offsets_but_no_content(desk, intake):
    await intake.report(1)
    await intake.report(1)
    await intake.send(orjson.dumps(report(2, title="欧阳梓萱", status="欧阳梓萱")))
    await intake.wait_applied()

    page, english = await desk.get("/intake/desk"), await desk.get("/intake/desk?lang=en")

    assert "12345热线" in page.text
    assert "不在允许的取值范围内" in page.text
    assert "1个名称下的1件投诉" in page.text
    assert "欧阳" not in page.text
    assert "not one of the values allowed" in english.text
    main = re.search(r"<main.*</main>", english.text, re.DOTALL)[0]
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<option.*?</option>", "", main))


async def test_a_refused_form_is_a_dead_letter_until_it_is_sent_again(desk, intake):
    number = form_number(await desk.get("/intake/desk"))

    await desk.post("/intake/desk", data=FORM | {"number": number, "operator_name": ""})
    await desk.post("/intake/desk", data=FORM | {"number": number, "received_on": "2999-01-01"})
    refused = await intake.database.fetch("SELECT entrance, value FROM intake.dead_letters WHERE replayed_at IS NULL")
    page = await desk.get("/intake/desk")
    await desk.post("/intake/desk", data=FORM | {"number": number})

    assert [(row["entrance"], orjson.loads(row["value"])["data"]["received_at"][:4]) for row in refused] == [("desk", "2999")]
    assert "窗口登记" in page.text
    assert await intake.database.fetchval("SELECT count(*) FROM intake.dead_letters WHERE replayed_at IS NULL") == 0
    assert len(await intake.complaints()) == 1
