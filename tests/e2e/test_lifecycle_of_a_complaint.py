"""The lifecycle of a complaint in a browser: reported, reviewed, released, shown on a screen, disputed, corrected, withdrawn."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Page, expect

from deploy.demo.desk import CONTACT, EVIDENCE, PHONE
from deploy.demo.system import DemoSystem
from deploy.trace import trace
from shared.accounts import Role
from tests.e2e.hotline import Reported, known_operator, report
from tests.e2e.looks import DESKTOP, SCREEN, Look
from tests.e2e.visitors import Visitors

WRONG, RIGHT = "268,000.00元", "26,800.00元"
NAME, MIME = EVIDENCE[1][0], EVIDENCE[1][2]


@dataclass(slots=True)
class Cast:
    """Everyone on the way, each in a browser of their own; the screen hangs in a shopping centre."""

    system: DemoSystem
    reader: Page
    reviewer: Page
    gatekeeper: Page
    officer: Page
    screen: Page
    look: Look

    @property
    def publisher(self) -> str:
        """Where the portal is."""
        return self.system.supervisor.urls["publisher"]


@pytest_asyncio.fixture(loop_scope="session")
async def cast(system: DemoSystem, visitors: Visitors, look: Look) -> AsyncIterator[Cast]:
    screen = await visitors.page(viewport=SCREEN)
    await screen.goto(f"{system.supervisor.urls['publisher']}/screens/demo")
    yield Cast(
        system,
        await visitors.page(),
        await visitors.staff(system, Role.REVIEWER),
        await visitors.staff(system, Role.GATEKEEPER),
        await visitors.staff(system, Role.OFFICER),
        screen,
        look,
    )


async def test_a_complaint_goes_from_the_hotline_to_the_screen_and_is_corrected_and_withdrawn(cast: Cast):
    complaint = await report(cast.system, await known_operator(cast.system), amount="268000.00")
    await cast.screen.evaluate("window.neverReloaded = true")

    item = await approve(cast, complaint)
    assert "waits for release" in await traced(cast, complaint)
    await release(cast, item)
    await expect_on_screen(cast, item, complaint.goods, WRONG)
    await expect_found_everywhere(cast, item, complaint)

    tracking = await file_application(cast, item, "A01", amount="26800.00")
    await decide(cast, complaint, "corrected", "C02", amount="26800.00")
    await approve(cast, complaint)
    await release(cast, item)
    await expect_on_screen(cast, item, complaint.goods, RIGHT)
    await expect_correction_notice(cast, item)
    await expect_reply(cast, tracking)

    await file_application(cast, item, "A02")
    await decide(cast, complaint, "withdrawn", "W03")
    await expect_gone(cast, item, complaint)
    findings = await traced(cast, complaint)
    assert all(
        part in findings
        for part in ("by its credit code", "counted in", "withdrawn from public view", "decided: withdrawn", item)
    )
    assert complaint.goods not in findings
    assert await cast.screen.evaluate("window.neverReloaded")


async def traced(cast: Cast, complaint: Reported) -> str:
    """What `gongshi trace` tells of the complaint by its number at the hotline."""
    steps = await trace(cast.system.settings, complaint.number)
    return "\n".join(f"{step.service} {step.subject}: {step.finding}" for step in steps)


async def approve(cast: Cast, complaint: Reported) -> str:
    """The reviewer finds the draft by its title, looks at it and lets it pass. Returns the item's number."""
    desk = cast.reviewer
    await cast.system.wait_applied()
    await desk.goto(f"{cast.publisher}/desk?q={complaint.goods}")
    await cast.look(desk, "review-queue", DESKTOP)
    await desk.get_by_role("link", name=re.compile(complaint.goods)).click()
    await expect(desk.get_by_role("heading", level=1)).to_contain_text(complaint.goods)
    await expect(desk.get_by_role("heading", name="自动检查")).to_be_visible()
    await cast.look(desk, "review-detail", DESKTOP)
    item = desk.url.rpartition("/")[2].partition("?")[0]
    await desk.get_by_role("button", name="通过", exact=True).click()
    await expect(desk.get_by_role("status")).to_contain_text("已通过")
    return item


async def release(cast: Cast, item: str) -> None:
    """The gatekeeper ticks the item and confirms in the dialog."""
    desk = cast.gatekeeper
    await desk.goto(f"{cast.publisher}/desk/approved")
    await desk.get_by_label(f"选择{item}").check()
    await desk.get_by_role("button", name="发布所选").click()
    dialog = desk.get_by_role("dialog")
    await expect(dialog).to_contain_text(item)
    await cast.look(desk, "release", DESKTOP)
    await dialog.get_by_label("我已核对").check()
    await dialog.get_by_role("button", name="发布1条").click()
    await expect(desk.get_by_role("status")).to_contain_text("已发布")


async def expect_on_screen(cast: Cast, item: str, *texts: str) -> None:
    """The screen that was opened before shows it, without having been loaded anew."""
    card = cast.screen.locator(f"[data-view]:not([hidden]) [data-item='{item}']")
    for text in texts:
        await expect(card).to_contain_text(text)
    await cast.screen.screenshot(path=cast.look.folder / f"screen-{texts[-1]}.png")


async def expect_found_everywhere(cast: Cast, item: str, complaint: Reported) -> None:
    """Its page, its board, the search and the operator's page have it."""
    page, base = cast.reader, cast.publisher
    await page.goto(f"{base}/items/{item}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(complaint.goods)
    await expect(page.get_by_role("main")).to_contain_text(WRONG)
    for address in (f"{base}/boards/major", f"{base}/search?q={complaint.goods}"):
        await page.goto(address)
        await page.get_by_role("link", name=re.compile(complaint.goods)).click()
        await expect(page).to_have_url(f"{base}/items/{item}")
    await page.get_by_role("link", name=complaint.operator["name"]).first.click()
    await expect(page.get_by_role("link", name=re.compile(complaint.goods))).to_be_visible()
    await expect(page.locator("figure.chart svg.only-wide")).to_be_visible()
    await page.get_by_text("查看数据表").click()
    await expect(page.get_by_role("region", name=re.compile("数据表")).get_by_role("row").nth(1)).to_be_visible()


async def file_application(cast: Cast, item: str, matter: str, amount: str = "") -> str:
    """The operator comes from the item's page, and gets a receipt with the deadline. Returns the tracking address."""
    page = cast.reader
    await page.goto(f"{cast.publisher}/items/{item}")
    await page.get_by_role("link", name="申请查询或更正").click()
    await page.check(f"input[name=matter][value={matter}]")
    if amount:
        await page.select_option("#field", "amount")
        await page.fill("#value", amount)
    await page.fill("#statement", "公示金额与合同不一致，请核对后更正。")
    await page.set_input_files("#evidence", {"name": NAME, "mimeType": MIME, "buffer": EVIDENCE[1][1]})
    await page.fill("#contact_name", CONTACT)
    await page.fill("#contact_phone", PHONE)
    await cast.look(page, "apply", DESKTOP)
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("heading", name="申请已收到")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text(NAME)
    await expect(page.get_by_role("main")).to_contain_text("还剩15个工作日")
    await cast.look(page, "track", DESKTOP)
    return page.url.partition("?")[0]


async def decide(cast: Cast, complaint: Reported, decision: str, code: str, amount: str = "") -> None:
    """The officer takes the application up and decides it with a written reply; portals and screens learn of it."""
    await cast.system.wait_applied()
    page = cast.officer
    await page.goto(f"{cast.system.supervisor.urls['corrections']}/corrections/desk?state=filed")
    await page.get_by_role("link", name=re.compile(complaint.goods)).click()
    await page.get_by_role("button", name="受理，开始核实").click()
    await page.check(f"input[name=decision][value={decision}]")
    await page.select_option("#reason_code", code)
    if amount:
        await page.fill("input[name='field.amount']", amount)
    await page.fill("#public_reason", "涉及金额录入有误。" if amount else "主体对应错误。")
    await page.fill("#reply", "经核对合同和付款凭证，情况属实。")
    await cast.look(page, f"decision-{decision}", DESKTOP)
    await page.get_by_role("button", name="提交决定").click()
    await expect(page.get_by_role("status")).to_contain_text("决定已保存")
    await cast.system.wait_applied()


async def expect_correction_notice(cast: Cast, item: str) -> None:
    """The old value is struck through, both versions are in the history."""
    page = cast.reader
    await page.goto(f"{cast.publisher}/items/{item}")
    notice = page.get_by_role("region", name="更正说明")
    await expect(notice.locator("del")).to_have_text(WRONG)
    await expect(notice).to_contain_text(RIGHT)
    assert "line-through" in await notice.locator("del").evaluate("e => getComputedStyle(e).textDecorationLine")
    versions = page.get_by_role("row").filter(has_text=re.compile("第[12]版"))
    await expect(versions).to_have_count(2)
    await expect(versions.first).to_contain_text("（当前）")
    await cast.look(page, "item-corrected", DESKTOP)


async def expect_reply(cast: Cast, tracking: str) -> None:
    """The written reply can be read where the receipt was."""
    await cast.reader.goto(tracking)
    await expect(cast.reader.get_by_role("main")).to_contain_text("经核对合同和付款凭证，情况属实。")
    await expect(cast.reader.get_by_role("main")).to_contain_text("录入差错")


async def expect_gone(cast: Cast, item: str, complaint: Reported) -> None:
    """The screen has lost it; its address says that it was withdrawn and why, and nothing of what it said."""
    await expect(cast.screen.locator(f"[data-item='{item}']")).to_have_count(0)
    answer = await cast.reader.goto(f"{cast.publisher}/items/{item}")
    assert answer is not None
    assert answer.status == 410
    main = cast.reader.get_by_role("main")
    await expect(main).to_contain_text("这条信息已撤回")
    await expect(main).to_contain_text("主体对应错误")
    await expect(main).not_to_contain_text(complaint.operator["name"])
    await expect(main).not_to_contain_text(complaint.goods)
    await cast.look(cast.reader, "gone", DESKTOP)
