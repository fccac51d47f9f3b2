"""A whole day of the roles beside the gate's: everybody enters by one page, an office drafts, ops runs accounts and screens."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.async_api import Page, expect

from deploy.demo.system import DemoSystem
from deploy.runtime import DemoAccount
from shared.accounts import Role
from shared.web.workplaces import workplace_of
from tests.e2e.looks import DESKTOP, PHONE, SCREEN, Look, violations
from tests.e2e.visitors import Visitors

COUNCIL = "sun.he"  # drafts warnings and tips
HEADLINE, WORDING = "预付式消费：办卡前先看商家是否公示", "近期预付卡退款难的投诉增多。"
PASSWORD = "山高水长 清风徐来 2026"


async def enter(page: Page, system: DemoSystem, account: DemoAccount) -> None:
    """Sign in at the one page, whatever the role."""
    await page.goto(f"{system.supervisor.urls['publisher']}/desk/sign-in")
    await page.get_by_label("账号", exact=True).fill(account.name)
    await page.get_by_label("密码", exact=True).fill(account.password)
    await page.get_by_role("button", name="登录").click()


def account_of(system: DemoSystem, name: str) -> DemoAccount:
    return next(account for account in system.staff.accounts if account.name == name)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
async def test_one_sign_in_leads_to_the_desk_of_the_role(system: DemoSystem, visitors: Visitors, look: Look, role: Role):
    page = await visitors.page()
    place = workplace_of(role, "publisher")

    await enter(page, system, system.staff.of(role))

    await page.wait_for_url(f"{system.supervisor.urls[place.service]}{place.path}")
    await expect(page.get_by_role("banner")).to_contain_text("退出")
    await look(page, f"desk-{role}", DESKTOP, PHONE)
    await page.get_by_role("button", name="退出").click()
    await expect(page.get_by_role("heading", name="账号登录")).to_be_visible()


async def test_a_page_that_is_not_for_the_role_shows_the_way_to_the_right_desk(
    system: DemoSystem, visitors: Visitors, look: Look
):
    page = await visitors.page()
    await enter(page, system, system.staff.of(Role.CLERK))
    await page.wait_for_url("**/intake/desk")

    refused = await page.goto(f"{system.supervisor.urls['publisher']}/desk")

    assert refused is not None
    assert refused.status == 403
    await expect(page.get_by_role("main")).to_contain_text("当前登录：林月（登记岗）")
    await look(page, "not-for-this-role", DESKTOP, PHONE)
    assert await violations(page) == []
    await page.get_by_role("link", name="前往投诉登记").click()
    await page.wait_for_url("**/intake/desk")


async def test_an_office_drafts_mends_what_is_returned_and_reads_it_on_the_portal(
    system: DemoSystem, visitors: Visitors, look: Look
):
    publisher = system.supervisor.urls["publisher"]
    office, reader = await visitors.page(), await visitors.page()
    reviewer, gatekeeper = await visitors.staff(system, Role.REVIEWER), await visitors.staff(system, Role.GATEKEEPER)
    await enter(office, system, account_of(system, COUNCIL))
    await office.wait_for_url("**/desk/drafts")

    await office.get_by_role("link", name="消费提示").click()
    await office.get_by_label("标题").fill(HEADLINE)
    await office.get_by_role("button", name="保存并送审核").click()
    await expect(office.get_by_role("alert")).to_contain_text("正文")
    await expect(office.get_by_label("标题")).to_have_value(HEADLINE)
    await office.get_by_label("正文").fill(WORDING)
    await office.get_by_role("button", name="保存并送审核").click()
    await expect(office.get_by_role("status")).to_contain_text("已保存")

    await reviewer.goto(f"{publisher}/desk?q={HEADLINE[:5]}")
    await reviewer.get_by_role("link", name=re.compile(HEADLINE[:5])).click()
    item = reviewer.url.rpartition("/")[2].partition("?")[0]
    await reviewer.get_by_role("button", name="退回", exact=True).click()
    dialog = reviewer.get_by_role("dialog")
    await dialog.get_by_role("combobox").select_option("R04")
    await dialog.get_by_role("textbox").fill("请写明消费者怎么做。")
    await dialog.get_by_role("button", name="退回").click()
    await expect(reviewer.get_by_role("status")).to_contain_text("已退回")

    await office.goto(f"{publisher}/desk/drafts")
    await office.get_by_role("link", name=re.compile(HEADLINE[:5])).click()
    await expect(office.get_by_role("main")).to_contain_text("请写明消费者怎么做。")
    await look(office, "returned-to-the-office", DESKTOP, PHONE)
    await office.get_by_role("link", name="修改").click()
    await office.get_by_label("提示建议").fill("付款前查看公示，保留合同和付款凭证。")
    await office.get_by_role("button", name="保存并送审核").click()
    await expect(office.get_by_role("status")).to_contain_text("已保存")

    await reviewer.goto(f"{publisher}/desk/items/{item}")
    await reviewer.get_by_role("button", name="通过", exact=True).click()
    await expect(reviewer.get_by_role("status")).to_contain_text("已通过")
    await gatekeeper.goto(f"{publisher}/desk/approved")
    await gatekeeper.get_by_label(f"选择{item}").check()
    await gatekeeper.get_by_role("button", name="发布所选").click()
    await gatekeeper.get_by_role("dialog").get_by_label("我已核对").check()
    await gatekeeper.get_by_role("dialog").get_by_role("button", name="发布1条").click()
    await expect(gatekeeper.get_by_role("status")).to_contain_text("已发布")

    await reader.goto(f"{publisher}/boards/warnings")
    await reader.get_by_role("link", name=HEADLINE).first.click()
    await expect(reader.get_by_role("main")).to_contain_text("保留合同和付款凭证")
    await look(reader, "tip", DESKTOP, PHONE)


async def test_operations_invite_somebody_pair_a_screen_and_end_an_account_and_the_auditor_reads_it(
    system: DemoSystem, visitors: Visitors, look: Look
):
    urls = system.supervisor.urls
    ops, invited, player = await visitors.page(), await visitors.page(), await visitors.page(viewport=SCREEN)
    await enter(ops, system, system.staff.of(Role.OPS))
    await ops.get_by_role("link", name="运行维护").click()
    await expect(ops.get_by_role("heading", level=1)).to_have_text("运行情况")
    await ops.get_by_role("link", name="账号管理").click()
    form = ops.locator("form[action='/ops/accounts']")
    await form.get_by_label("账号").fill("wang.fang")
    await form.get_by_label("姓名").fill("王芳")
    await form.get_by_label("工号").fill("2001")
    await form.get_by_label("岗位").select_option("clerk")
    await form.get_by_role("button", name="生成邀请网址").click()
    await expect(ops.get_by_text("邀请已生成")).to_be_visible()
    link = await ops.locator(".notice .code").inner_text()

    await invited.goto(link)
    await invited.get_by_label("新密码", exact=True).fill(PASSWORD)
    await invited.get_by_label("再输入一次新密码").fill(PASSWORD)
    await invited.get_by_role("button", name="设置密码").click()
    await enter(invited, system, DemoAccount(name="wang.fang", role=Role.CLERK, password=PASSWORD))
    await invited.wait_for_url("**/intake/desk")

    await ops.goto(f"{urls['publisher']}/desk/screens")
    await ops.get_by_label("编号（网址的一部分）").fill("town-hall")
    await ops.get_by_label("地点").fill("镇政务服务大厅")
    await ops.get_by_role("button", name="登记").click()
    await player.goto(f"{urls['publisher']}/screens/town-hall")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", await player.inner_text("body"))
    assert code is not None
    await ops.get_by_label("镇政务服务大厅的配对码").fill(code.group())
    await ops.get_by_role("row", name=re.compile("镇政务服务大厅")).get_by_role("button", name="配对").click()
    await expect(player.locator(".sc-views")).to_be_visible()
    await look(ops, "desk-screens", DESKTOP, PHONE)
    await ops.get_by_role("button", name="移除镇政务服务大厅").click()
    await expect(ops.get_by_role("status")).to_contain_text("已移除")

    await ops.goto(f"{urls['stats']}/ops/accounts/wang.fang")
    await ops.get_by_role("button", name="停用账号").click()
    await invited.goto(f"{urls['intake']}/intake/desk")
    await expect(invited.get_by_role("heading", name="账号登录")).to_be_visible()

    auditor = await visitors.page()
    await enter(auditor, system, system.staff.of(Role.AUDITOR))
    await auditor.get_by_role("link", name="审计日志").click()
    await auditor.get_by_label("对象").fill("wang.fang")
    await auditor.get_by_role("button", name="筛选").click()
    await expect(auditor.get_by_role("table")).to_contain_text("停用账号")
    async with auditor.expect_download() as downloading:
        await auditor.get_by_role("link", name=re.compile("导出CSV")).click()
    path = await (await downloading.value).path()
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {"account_invited", "invitation_accepted", "account_disabled"} <= {cell for row in rows for cell in row}
