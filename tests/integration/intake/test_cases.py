"""A clerk's complaints from entry to closing: list, search, steps, edits, notes, handing over, operators looked up."""

from __future__ import annotations

import re

from shared.accounts import Role, add_person
from tests.integration.intake.conftest import sign_in
from tests.integration.intake.test_desk import FORM, form_number

COMPLAINTS = "/intake/desk/complaints"


async def enter(desk, **changes):
    """Enter a complaint; return its number and the address of its page."""
    number = form_number(await desk.get("/intake/desk"))
    answer = await desk.post("/intake/desk", data=FORM | {"number": number} | changes)
    assert answer.status_code == 303
    page = (await desk.get(f"{COMPLAINTS}?q={number}")).text
    (address,) = re.findall(rf'href="({COMPLAINTS}/[0-9a-f-]+)"', page)
    return number, address


async def step(desk, address, name, *, seen=None, **fields):
    if seen is None:
        (seen,) = set(re.findall(r'name="seen" value="(\d+)"', (await desk.get(address)).text))
    return await desk.post(f"{address}/steps", data={"seen": seen, "step": name, "day": "2026-10-12", **fields})


async def test_what_was_entered_is_accepted_mediated_and_closed_with_its_result(desk, intake):
    number, address = await enter(desk)

    assert (await step(desk, address, "accept", day="2026-10-10")).status_code == 303
    assert (await step(desk, address, "mediate")).status_code == 303
    done = await step(
        desk, address, "close", day="2026-10-20", outcome="mediated", recovered="1,299元", note="退款13987654321已到账"
    )  # fmt: skip

    assert done.status_code == 303
    complaint = (await intake.complaints())[number]
    assert (complaint["status"], complaint["outcome"], complaint["recovered"]) == ("closed", "mediated", "1299.00")
    assert (complaint["accepted_on"], complaint["closed_on"], complaint["accepted"]) == ("2026-10-10", "2026-10-20", True)
    assert (complaint["revision"], complaint["text"]) == (4, "[姓名]来信：手机屏幕有亮点，要求更换。\n电话[电话]。")
    page = (await desk.get(f"{address}?done=recorded")).text
    assert "13987654321" not in page
    assert [page.index(word) for word in ("办结", "开始调解", "受理日期")]
    assert "退款[电话]已到账" in page
    actions = await intake.database.fetch("SELECT detail ->> 'step' AS step FROM intake.journal WHERE action LIKE '%handled'")
    assert [row["step"] for row in actions] == ["accept", "mediate", "close"]


async def test_a_complaint_that_is_not_accepted_needs_a_ground_of_the_rules_and_can_be_taken_up_again(desk, intake):
    number, address = await enter(desk)

    refused = await step(desk, address, "reject", note="已填写的说明")
    assert refused.status_code == 422
    assert "请选择不予受理的理由" in refused.text
    assert "已填写的说明" in refused.text
    assert (await step(desk, address, "reject", ground="J01")).status_code == 303
    assert "J01" in (await desk.get(address)).text
    assert (await step(desk, address, "reopen")).status_code == 303

    assert (await intake.complaints())[number]["status"] == "received"


async def test_of_two_clerks_at_one_complaint_the_second_is_told_and_nothing_that_was_typed_is_lost(desk, intake):
    number, address = await enter(desk)

    assert (await step(desk, address, "accept", seen="1", day="2026-10-10")).status_code == 303
    stale = await step(desk, address, "close", seen="1", outcome="withdrawn", note="投诉人撤回")

    assert stale.status_code == 409
    assert "刚由他人更新" in stale.text
    assert "投诉人撤回" in stale.text
    assert (await intake.complaints())[number]["status"] == "accepted"
    assert await intake.database.fetchval("SELECT count(*) FROM intake.dead_letters") == 0


async def test_an_edit_keeps_how_far_the_complaint_has_come(desk, intake):
    number, address = await enter(desk)
    await step(desk, address, "accept", day="2026-10-10")
    page = (await desk.get(f"{address}/edit")).text
    assert "欧阳梓萱" not in page
    edited = FORM | {
        "text": "欧阳梓萱补充：屏幕有两处亮点。",
        "demand": "更换",
        "industry": "F5273",
        "seen": "2",
        "consents_to_publish": "yes",
    }

    assert (await desk.post(f"{address}/edit", data=edited)).status_code == 303

    complaint = (await intake.complaints())[number]
    assert (complaint["status"], complaint["accepted_on"], complaint["demand"]) == ("accepted", "2026-10-10", "更换")
    assert (complaint["text"], complaint["industry"]) == ("[姓名]补充：屏幕有两处亮点。", "F5273")
    assert complaint["consents_to_publish"] is True
    faulty = await desk.post(f"{address}/edit", data=edited | {"seen": "3", "amount": "很多", "demand": "赔偿三倍"})
    assert faulty.status_code == 422
    assert 'value="赔偿三倍"' in faulty.text
    stale = await desk.post(f"{address}/edit", data=edited | {"demand": "退货"})
    assert stale.status_code == 409
    assert 'value="退货"' in stale.text


async def test_a_complaint_is_handed_over_once_and_its_note_holds_no_personal_data(desk, intake):
    await add_person(intake.database, "lin", "林悦", Role.CLERK, "a long password")
    _, address = await enter(desk)

    assert "林悦" in (await desk.get(address)).text
    assert (await desk.post(f"{address}/hand-over", data={"to": "lin", "handler": "chen"})).status_code == 303
    assert (await desk.post(f"{address}/hand-over", data={"to": "chen", "handler": "chen"})).status_code == 409
    assert (await desk.post(f"{address}/hand-over", data={"to": "wang", "handler": "lin"})).status_code == 422
    assert (await desk.post(f"{address}/notes", data={"note": "来电13987654321催办"})).status_code == 303
    assert (await desk.post(f"{address}/notes", data={"note": " "})).status_code == 422

    page = (await desk.get(address)).text
    assert "经办人：林悦" in page
    assert "来电[电话]催办" in page
    assert "没有符合条件的投诉" in (await desk.get(f"{COMPLAINTS}?mine=yes")).text


async def test_who_reviews_reads_a_complaint_and_does_nothing_with_it(desk, intake):
    _, address = await enter(desk)
    await sign_in(desk, "wang")

    page = await desk.get(address)

    assert page.status_code == 200
    assert "[姓名]来信：手机屏幕有亮点" in page.text
    assert f'action="{address}/steps"' not in page.text
    assert (await step(desk, address, "accept", seen="1")).status_code == 403
    assert (await desk.get(COMPLAINTS)).status_code == 403


async def test_a_complaint_of_a_hotline_is_found_by_its_number_and_is_not_handled_here(desk, intake):
    await intake.report(7)
    await intake.wait_applied()
    page = (await desk.get(f"{COMPLAINTS}?q=HZ-7")).text
    (address,) = re.findall(rf'href="({COMPLAINTS}/[0-9a-f-]+)"', page)

    assert "来源单位" in page
    assert f'action="{address}/steps"' not in (await desk.get(address)).text
    assert (await step(desk, address, "accept", seen="1")).status_code == 404
    assert (await desk.get(f"{COMPLAINTS}/{'0' * 8}-0000-0000-0000-{'0' * 12}")).status_code == 404


async def test_the_list_is_narrowed_by_status_operator_and_person(desk, intake):
    first, address = await enter(desk)
    second, _ = await enter(desk, operator_name="云州双溪餐饮有限公司", uscc="")
    await step(desk, address, "accept", day="2026-10-10")

    async def shown(query):
        return set(re.findall(r'class="q-title" href="[^"]+">([^<]+)<', (await desk.get(f"{COMPLAINTS}?{query}")).text))

    assert await shown("") == await shown("mine=yes") == {first, second}
    assert await shown("status=accepted") == await shown("q=91990102ma9k08rc3g") == {first}
    assert await shown("q=双溪") == {second}
    assert await shown("status=closed") == await shown("q=%25") == set()
    assert await shown(f"before={max(first, second)}") == {min(first, second)}


async def test_an_operator_is_looked_up_without_script_and_chosen(desk, intake):
    await enter(desk)
    number = form_number(await desk.get("/intake/desk"))
    typed = FORM | {"number": number, "operator_name": "锦程通讯", "uscc": ""}

    looked_up = await desk.post("/intake/desk", data=typed | {"lookup": "yes"})
    assert looked_up.status_code == 200
    assert 'value="91990102MA9K08RC3G"' in looked_up.text
    assert "欧阳梓萱" in looked_up.text
    assert len(await intake.complaints()) == 1
    assert (await desk.post("/intake/desk", data=typed | {"candidate": "91990102MA9K08RC3G"})).status_code == 303

    complaint = (await intake.complaints())[number]
    assert (complaint["operator"]["key"], complaint["operator"]["name"]) == ("91990102MA9K08RC3G", "云州锦程通讯器材有限公司")
    answer = (await desk.get("/intake/desk/operators", params={"q": "锦程"})).json()
    assert answer == [{"name": "云州锦程通讯器材有限公司", "uscc": "91990102MA9K08RC3G"}]
    assert (await desk.get("/intake/desk/operators", params={"q": "锦"})).json() == []


async def test_a_tip_off_that_was_entered_is_none_of_the_complaints(desk, intake):
    number, address = await enter(desk, kind="tip_off", sale_mode="online", address="云州市湖东区解放路1号", id_number="")

    complaint = (await intake.complaints())[number]

    assert (complaint["kind"], complaint["sale_mode"]) == ("tip_off", "online")
    assert f"举报{number}" in (await desk.get(address)).text
