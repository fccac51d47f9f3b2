"""The gate at the desk: different persons for different steps, and concurrent decisions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from playwright.async_api import Page, Response, expect

from deploy.demo.desk import first_draft
from deploy.demo.system import DemoSystem
from shared.accounts import Role, RoleImmutable, add_person
from tests.e2e.visitors import Visitors

PASSWORD = "made-up-for-a-test"  # of an account in a database that ends with the test
SEND = """([action, item, seen]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const [name, value] of [["item", item], ["seen", `${item}=${seen}`], ["checked", "yes"]])
    form.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(form);
  form.submit();
}"""


async def test_an_approver_may_not_release_even_in_another_role(system: DemoSystem, visitors: Visitors):
    base = system.supervisor.urls["publisher"]
    person = await create_account(system, Role.REVIEWER, "guest.moved")
    page = await visitors.page()
    await sign_in(page, base, person)
    item, seen = await open_draft(page, system)
    await page.get_by_role("button", name="通过", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("已通过")

    assert (await submit_release(page, f"{base}/desk/release", item, seen)).status == 403
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    with pytest.raises(RoleImmutable):
        await create_account(system, Role.GATEKEEPER, person)
    await change_role(system, person, Role.GATEKEEPER)
    await page.goto(f"{base}/desk/approved")
    await expect(page.get_by_label(f"选择{item}")).to_be_disabled()
    answer = await submit_release(page, f"{base}/desk/release", item, seen)

    assert answer.status == 409
    await expect(page.get_by_role("main")).to_contain_text("须由不同人员完成")


async def test_of_two_concurrent_approvals_one_is_rejected(system: DemoSystem, visitors: Visitors):
    base = system.supervisor.urls["publisher"]
    pages = [await visitors.staff(system, Role.REVIEWER), await visitors.page()]
    await sign_in(pages[1], base, await create_account(system, Role.REVIEWER, "guest.reviewer"))
    item, _ = await open_draft(pages[0], system)
    await pages[1].goto(f"{base}/desk/items/{item}")

    statuses = await asyncio.gather(*(approve(page) for page in pages))

    assert sorted(statuses) == [200, 409]
    await expect(pages[statuses.index(200)].get_by_role("status")).to_contain_text("已通过")
    await expect(pages[statuses.index(409)].get_by_role("main")).to_contain_text("他人已处理了同一条信息")


async def approve(page: Page) -> int:
    """Press the button, and return the status of the page that follows."""
    async with page.expect_navigation() as going:
        await page.get_by_role("button", name="通过", exact=True).click()
    return int((await going.value).status)


async def create_account(system: DemoSystem, role: Role, name: str) -> str:
    """Give somebody an account, or a known one another post. Returns the account's name."""
    async with owner_of(system) as connection:
        await add_person(connection, name, "顾平", role, PASSWORD)
    return name


async def change_role(system: DemoSystem, name: str, role: Role) -> None:
    """Change a role as only the database's owner can, around the rule that it is for good: the gate must hold by itself."""
    async with owner_of(system) as connection:
        await connection.execute("ALTER TABLE accounts.people DISABLE TRIGGER role_never_changes")
        await connection.execute("UPDATE accounts.people SET role = $2 WHERE name = $1", name, role)
        await connection.execute("ALTER TABLE accounts.people ENABLE TRIGGER role_never_changes")


@asynccontextmanager
async def owner_of(system: DemoSystem) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(system.settings.database_url.get_secret_value())
    try:
        yield connection
    finally:
        await connection.close()


async def sign_in(page: Page, base: str, name: str) -> None:
    await page.goto(f"{base}/desk/sign-in")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url("**/desk")


async def open_draft(page: Page, system: DemoSystem) -> tuple[str, str]:
    """Open a draft that may be approved; return its number and the digest of what is seen."""
    async with system.visitor() as reviewer:
        item = await first_draft(await system.sign_in(reviewer, Role.REVIEWER))
    await page.goto(f"{system.supervisor.urls['publisher']}/desk/items/{item}")
    seen = await page.get_attribute("form[action='/desk/approve'] input[name=seen]", "value")
    return item, (seen or "").partition("=")[2]


async def submit_release(page: Page, action: str, item: str, seen: str) -> Response:
    """Send a release as a page of this site would, without the form that is not offered."""
    async with page.expect_navigation() as going:
        await page.evaluate(SEND, [action, item, seen])
    answer: Response = await going.value
    return answer
