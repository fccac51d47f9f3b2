"""Every page in both languages: answers, has no script error, fits its viewport, is accessible, mixes no languages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus, urlsplit

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize

from deploy.databases import open_database
from deploy.demo import desk
from deploy.demo.staff import PEOPLE
from deploy.demo.system import PAIRED_SCREEN, SCREENS, DemoSystem
from services.publisher.store import screens
from shared.accounts import Role
from tests.e2e.looks import DESKTOP, PHONE, SCREEN, Look, violations
from tests.e2e.visitors import Visitors
from tests.pages import chinese_in_english, english_in_chinese

PORTRAIT = ViewportSize(width=1080, height=1920)
HAN = re.compile(r"[\u3400-\u9fff]+")
# The city's own texts: in English pages too they stay as they were written.
TEXTS = "SELECT concat_ws(' ', form::text) FROM publisher.versions"

UNDER_THE_FOOT = """() => {
  const foot = document.querySelector(".sc-foot").getBoundingClientRect().top;
  return [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().bottom > foot).map((e) => e.className);
}"""

CUT_OFF = """() => [...document.querySelectorAll(".sc-views, .sc-card")]
  .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).map((e) => e.className)"""

READER = {
    "publisher": (
        "/", "/boards/basic", "/boards/basic?month=1999-01", "/boards/major", "/boards/warnings", "/operators/{operator}",
        "/operators/{operator}?window=quarter", "/operators/{operator}?window=year", "/items", "/items/{major}", "/items/{basic}",
        "/items/{disputed}", "/search", "/search?q={operator}", "/search?q=%E6%97%A0", "/search?q=%E4%BA%91%E5%B7%9E+%E6%97%A0",
        "/changes", "/recalls", "/open-data/", "/withheld", "/about", "/privacy", "/sitemap", "/desk/sign-in",
        "/methods", "/regions/990102", "/industries/F5273?window=year", "/?size=large", "/items/{major}?size=usual",
    ),
    "corrections": (
        "/corrections", "/corrections?q={operator}", "/corrections/new?item={major}", "/corrections/deadline", "{track}",
        "/corrections/desk/sign-in",
    ),
}  # fmt: skip
DESKS = {
    Role.REVIEWER: (
        "publisher",
        "/desk", "/desk?check=fail", "/desk/returned", "/desk/approved", "/desk/released", "/desk/changes", "/desk/declined", "/desk/months",
        "/desk/items/{draft}", "/desk/items/{draft}?dialog=return", "/desk/items/{draft}?dialog=reject", "/desk/items/{major}", "/desk/items/{major}?only=changes",
    ),
    Role.GATEKEEPER: ("publisher", "/desk/approved?item={approved}", "/desk/items/{approved}", "/desk/screens", "/desk/screens/wall", "/desk/targets"),
    Role.OFFICER: ("corrections", "/corrections/desk", "/corrections/desk?state=closed", "/corrections/desk/{application}"),
    Role.CLERK: ("intake", "/intake/desk", "/intake/desk/files", "/intake/desk/names", "/intake/desk/duplicates"),
    Role.OPS: ("stats", "/stats/desk", "/ops", "/ops/accounts", "/ops/accounts/zhou.ning"),
    Role.AUDITOR: ("stats", "/ops/audit", "/ops/audit?subject=nothing"),
}  # fmt: skip
PAGES = [
    *[(None, service, path) for service, paths in READER.items() for path in paths],
    *[(role, service, path) for role, (service, *paths) in DESKS.items() for path in paths],
]


@dataclass(frozen=True, slots=True)
class Walk:
    """Browser pages per role, the values of address parts, and the Chinese of the city's own texts."""

    system: DemoSystem
    pages: dict[Role | None, Page]
    names: dict[str, str]
    texts: frozenset[str]
    visitors: Visitors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walk(system: DemoSystem, browser: Browser) -> AsyncIterator[Walk]:
    visitors = Visitors(browser)
    pages: dict[Role | None, Page] = {role: await visitors.staff(system, role) for role in DESKS}
    pages[None] = await visitors.page()
    yield Walk(system, pages, await address_parts(system), await texts_of(system), visitors)
    await visitors.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "service", "path"), PAGES, ids=[f"{role or 'reader'} {path}" for role, _, path in PAGES])
async def test_a_page_answers_fits_and_is_in_one_language(
    walk: Walk, role: Role | None, service: str, path: str, language: str
):
    page = walk.pages[role]
    await open_page(walk, page, walk.system.supervisor.urls[service] + path.format_map(walk.names), language)
    await page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")

    await page.set_viewport_size(PHONE)
    assert await overflow_px(page) <= 0
    assert language == "zh" or await violations(page) == []
    await page.set_viewport_size(DESKTOP)
    assert await overflow_px(page) <= 0
    assert language == "en" or await violations(page) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("screen", "size"), [(SCREENS[0], SCREEN), (SCREENS[1], PORTRAIT)], ids=["landscape", "portrait"])
async def test_a_screen_shows_all_its_views_without_scrolling(walk: Walk, look: Look, screen, size, language):
    page = await walk.visitors.page(viewport=size)
    orientation = "portrait" if size is PORTRAIT else "landscape"
    # A screen shows the language that it is registered with, whatever the address or the browser ask for.
    registered = replace(screen, screen_id=f"{screen.screen_id}-{language}", language=language)
    async with open_database(walk.system.settings, "publisher") as database, database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, registered)
    address = f"{walk.system.supervisor.urls['publisher']}/screens/{registered.screen_id}?orientation={orientation}"
    await open_page(walk, page, address, language)
    views = await page.locator("[data-view]").count()
    for view in range(1, views + 1):
        await open_page(walk, page, f"{address}&view={view}", language)
        assert await page.evaluate("document.documentElement.scrollHeight") == size["height"]
        await page.screenshot(path=look.folder / f"screen-{orientation}-{language}-{view}.png")
        assert await page.evaluate(UNDER_THE_FOOT) == []
        assert await page.evaluate(CUT_OFF) == []
        assert await overflow_px(page) <= 0
    assert await violations(page) == []


async def test_an_unknown_address_is_explained_in_both_languages(walk: Walk):
    page = walk.pages[None]
    for language in ("zh", "en"):
        await open_page(walk, page, f"{walk.system.supervisor.urls['publisher']}/items/GS-1999-000001", language, status=404)
        assert await violations(page) == []


async def open_page(walk: Walk, page: Page, address: str, language: str, status: int = 200) -> None:
    """Open a page and read it: right answer, no fault of script or policy, one language."""
    answer = await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    assert answer is not None
    html = await answer.text()
    assert answer.status == status
    assert walk.visitors.faults == []
    typed = unquote_plus(urlsplit(address).query)  # stands in the page as it was typed
    assert not (english_in_chinese(html) if language == "zh" else unknown(chinese_in_english(html), walk.texts | {typed}))


def unknown(found: set[str], texts: frozenset[str]) -> set[str]:
    """Return the Chinese that is in none of the city's own texts."""
    return {run for run in found if not any(run in text for text in texts)}


async def overflow_px(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def address_parts(system: DemoSystem) -> dict[str, str]:
    """Return an address part of each kind; an application is filed, so that the pages about one can be walked."""
    async with system.visitor() as reader, system.visitor() as reviewer, system.visitor() as officer:
        await system.sign_in(reviewer, Role.REVIEWER)
        await system.sign_in(officer, Role.OFFICER)
        basic, major = [
            [
                item
                for item in (await reader.json("publisher", f"/api/items?board={board}&limit=500"))["items"]
                if item["operator"]["uscc"]
            ]
            for board in ("basic", "major")
        ]
        disputed = major[1]
        operator = disputed["operator"]
        track = await desk.file_application(
            reader, disputed["item_id"], operator["name"], operator["uscc"], "A02", "不是本单位，请核实。"
        )
        await system.wait_applied()
        filed = (await officer.json("corrections", "/corrections/desk?state=filed"))["applications"]
        return {
            "major": major[0]["item_id"],
            "disputed": disputed["item_id"],
            "basic": basic[0]["item_id"],
            "operator": basic[0]["operator"]["uscc"],
            "draft": await desk.first_draft(reviewer),
            "approved": str(re.findall(r"/desk/items/([\w-]+)", await reviewer.page("publisher", "/desk/approved"))[0]),
            "track": track,
            "application": next(each["application_id"] for each in filed if each["item_id"] == disputed["item_id"]),
        }


async def texts_of(system: DemoSystem) -> frozenset[str]:
    """Return the Chinese of names and texts that the city's people wrote."""
    connection = await asyncpg.connect(system.settings.database_url.get_secret_value())
    rows = await connection.fetch(TEXTS)
    await connection.close()
    people = [*(name for _, name, *_ in PEOPLE), desk.CONTACT]
    places = [screen.name for screen in (*SCREENS, PAIRED_SCREEN)]
    written = [*(row[0] for row in rows), *people, *places, desk.EVIDENCE[1][0]]
    return frozenset(run for text in written for run in HAN.findall(text))
