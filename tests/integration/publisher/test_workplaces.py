"""One sign-in for all desks: it leads to the work of the role, and a refused page shows who is signed in and the way there."""

from __future__ import annotations

import re

import asyncpg
import httpx2
import pytest

from shared.accounts import Role, add_person
from tests.integration.publisher.running_publisher import HTML, SITE

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "a long password"


@pytest.fixture
async def browser(publisher):
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    await add_person(owner, "jiang", "江丽", Role.CLERK, PASSWORD)
    await owner.close()
    async with httpx2.AsyncClient(base_url=publisher.url, headers={**HTML, **SITE}, follow_redirects=False) as client:
        yield client


async def sign_in(client, name):
    return await client.post("/desk/sign-in", data={"name": name, "password": PASSWORD})


async def test_a_sign_in_leads_to_the_desk_of_the_role_at_another_service(browser):
    page = await browser.get("/desk/sign-in")
    entered = await sign_in(browser, "jiang")

    target = entered.headers["location"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/intake/desk", target)
    # Browsers let a form lead only where the policy of its page says.
    origin = target.removesuffix("/intake/desk")
    assert origin in page.headers["content-security-policy"].partition("form-action")[2]


async def test_a_refused_page_says_who_is_signed_in_and_leads_to_their_desk_and_out(browser):
    await sign_in(browser, "jiang")

    refused = await browser.get("/desk")

    assert refused.status_code == 403
    assert "当前登录：江丽（登记岗）" in refused.text
    assert re.search(r'href="http://127\.0\.0\.1:\d+/intake/desk">前往投诉登记', refused.text)
    assert 'action="/desk/sign-out"' in refused.text
    assert (await browser.post("/desk/sign-out")).status_code == 303
    assert (await browser.get("/desk")).headers["location"].startswith("/desk/sign-in")


async def test_every_link_in_the_head_of_a_drafters_desk_answers(browser):
    await sign_in(browser, "sun")

    head = (await browser.get("/desk/drafts")).text.partition("</header>")[0]

    paths = re.findall(r'href="(/desk[^"#?]*)"', head)
    assert "/desk/account" in paths
    assert {path: (await browser.get(path)).status_code for path in paths} == dict.fromkeys(paths, 200)
    (sign_out,) = re.findall(r'action="([^"]+)"', head)
    assert (await browser.post(sign_out)).status_code == 303
