"""Everything that matters works in a browser without script."""

from __future__ import annotations

import re

from playwright.async_api import expect

from deploy.demo.desk import CONTACT, EVIDENCE, PHONE, first_draft
from deploy.demo.system import DemoSystem
from shared.accounts import Role
from tests.e2e.visitors import Visitors

NAME, MIME = EVIDENCE[1][0], EVIDENCE[1][2]


async def test_a_reader_searches_and_narrows_a_board(system: DemoSystem, visitors: Visitors):
    operator = (await fetch_item(system, "basic"))["operator"]
    page = await visitors.page(java_script_enabled=False)
    await page.goto(system.supervisor.urls["publisher"])

    await page.get_by_role("searchbox").fill(operator["uscc"])
    await page.get_by_role("search").get_by_role("button", name="查询").click()
    await expect(page.get_by_role("link", name=operator["name"], exact=True)).to_be_visible()

    await page.get_by_role("navigation").get_by_role("link", name="基本投诉").click()
    await page.get_by_label("经营者", exact=True).fill(operator["name"])
    await page.get_by_role("button", name="筛选").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(page).to_have_url(re.compile("q="))


async def test_a_reviewer_approves_and_a_gatekeeper_releases(system: DemoSystem, visitors: Visitors):
    base = system.supervisor.urls["publisher"]
    reviewer = await visitors.staff(system, Role.REVIEWER, java_script_enabled=False)
    async with system.visitor() as other:
        item = await first_draft(await system.sign_in(other, Role.REVIEWER))
    await reviewer.goto(f"{base}/desk?q={item}")
    await reviewer.get_by_label(f"选择{item}").check()
    await reviewer.get_by_role("button", name="通过所选").click()
    await expect(reviewer.get_by_role("status")).to_contain_text("已通过")

    gatekeeper = await visitors.staff(system, Role.GATEKEEPER, java_script_enabled=False)
    await gatekeeper.goto(f"{base}/desk/approved")
    await gatekeeper.get_by_label(f"选择{item}").check()
    await gatekeeper.get_by_role("button", name="发布所选").click()
    await gatekeeper.get_by_label("我已核对").check()
    await gatekeeper.get_by_role("button", name="发布1条").click()
    await expect(gatekeeper.get_by_role("status")).to_contain_text("已发布")
    assert (await gatekeeper.request.get(f"{base}/items/{item}")).status == 200


async def test_an_operator_applies_sees_missing_fields_and_gets_a_receipt(system: DemoSystem, visitors: Visitors):
    item = await fetch_item(system, "major")
    page = await visitors.page(java_script_enabled=False)
    await page.goto(f"{system.supervisor.urls['publisher']}/items/{item['item_id']}")
    await page.get_by_role("link", name="申请查询或更正").click()

    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("alert")).to_be_visible()

    await page.get_by_label("内容有误").check()
    await page.get_by_label("理由").fill("该金额包含已退还的定金，请核对。")
    await page.get_by_label("证据").set_input_files({"name": NAME, "mimeType": MIME, "buffer": EVIDENCE[1][1]})
    await page.get_by_label("联系人").fill(CONTACT)
    await page.get_by_label("电话").fill(PHONE)
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("heading", name="申请已收到")).to_be_visible()


async def fetch_item(system: DemoSystem, board: str) -> dict[str, dict[str, str]]:
    """Return an item of a board in its newest month, of an operator whose code is known; the oldest, which others leave alone."""
    async with system.visitor() as visitor:
        found = (await visitor.json("publisher", f"/api/items?board={board}&limit=500"))["items"]
    newest = max(item["period"] or "" for item in found)
    fit = [i for i in found if i["operator"]["uscc"] and i["state"] == "released" and (i["period"] or "") == newest]
    return dict(fit[-1])
