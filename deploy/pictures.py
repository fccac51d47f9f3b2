"""The pictures of the documentation: one of each kind of page, of a demo with invented data in a state directory of its own.

`python -m deploy.pictures` writes `docs/img`; with names only those pictures.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from rich.progress import Progress

from deploy.bench.own_system import run_own_system
from deploy.browser import ensure_browser
from deploy.demo.system import CHECKED_MONTHS, DemoSystem, fill_boards, fill_office_boards, fill_records, set_up_demo
from shared.accounts import Role
from shared.errors import PermanentError
from shared.settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "img"
COMPLAINTS, SEED = 3_000, 1
MAX_BYTES = 150_000
DESKTOP, HD, PORTRAIT = (1_440, 1_000), (1_920, 1_080), (1_080, 1_920)
# The longer side of a picture in pixels, as it is shown in a document.
SHOWN_SIDE = 880
SCHEDULED_ON = "2036-10-08"


class PictureTooLarge(PermanentError):
    """A picture is larger than a document should carry."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file, the service and path of the page, who sees it (nobody signed in: None), and the window.

    `prepare`: what that person does there before.
    """

    name: str
    service: str
    path: str
    role: Role | None = None
    window: tuple[int, int] = DESKTOP
    prepare: Callable[[Page], Awaitable[object]] | None = None


async def _choose_all(page: Page) -> None:
    await page.get_by_role("button", name="发布所选").click()
    await page.wait_for_selector("dialog[open]")


async def _schedule_and_hold(page: Page) -> None:
    """Schedule what waits for release, and hold one of it."""
    await _choose_all(page)
    await page.check("dialog input[name=checked]")
    await page.click("dialog summary")
    await page.fill("dialog input[name=day]", SCHEDULED_ON)
    await page.click("dialog button[formaction]")
    await page.click("main a.q-title")
    await page.goto(page.url.split("?")[0] + "?dialog=hold")
    await page.fill("#hold-note", "等待承办单位核实金额。")
    await page.click("#hold button[type=submit]")
    await page.wait_for_url("**/desk/scheduled**")


async def pictures(system: DemoSystem) -> list[Picture]:
    """Return the pictures, with the addresses of items that the demo has."""
    async with system.visitor() as reader:
        month = (await reader.json("publisher", "/api/items?kind=operator_month&limit=1"))["items"][0]
        report = (await reader.json("publisher", "/api/items?kind=analysis_report&limit=1"))["items"][0]
    operator = month["operator"]["uscc"]
    return [
        Picture("front", "publisher", "/"),
        Picture("board", "publisher", "/boards/basic"),
        Picture("item", "publisher", f"/items/{month['item_id']}"),
        Picture("operator", "publisher", f"/operators/{operator}"),
        Picture("region", "publisher", f"/regions/{month['region']}"),
        Picture("methods", "publisher", "/methods"),
        Picture("search", "publisher", f"/search?q={operator}"),
        Picture("report", "publisher", f"/items/{report['item_id']}"),
        Picture("recalls", "publisher", "/recalls"),
        Picture("queue", "publisher", "/desk", Role.REVIEWER),
        Picture("release", "publisher", "/desk/approved?select=all", Role.GATEKEEPER, prepare=_choose_all),
        Picture("scheduled", "publisher", "/desk/approved?select=all", Role.GATEKEEPER, prepare=_schedule_and_hold),
        Picture("plan", "publisher", "/desk/plan", Role.REVIEWER),
        Picture("batches", "publisher", "/desk/batches", Role.REVIEWER),
        Picture("draft", "publisher", "/desk/drafts/new/consumer_warning", Role.DRAFTER),
        Picture("screen", "publisher", "/screens/demo", window=HD),
        Picture("portrait", "publisher", "/screens/demo-portrait?orientation=portrait", window=PORTRAIT),
        Picture("correction", "corrections", f"/corrections/new?item={month['item_id']}"),
        Picture("officer", "corrections", "/corrections/desk", Role.OFFICER),
        Picture("clerk", "intake", "/intake/desk", Role.CLERK),
    ]


async def take(system: DemoSystem, browser: Browser, wanted: Sequence[Picture]) -> None:
    """Take the pictures. Raises `PictureTooLarge`."""
    for picture in wanted:
        async with _page(system, browser, picture) as page:
            await page.goto(system.supervisor.urls[picture.service] + picture.path, wait_until="load")
            if picture.prepare is not None:
                await picture.prepare(page)
            # A screen is covered by an animation once its lease is over: nothing is wound forward.
            content = await page.screenshot(animations="allow", scale="device")
        if len(content) > MAX_BYTES:
            raise PictureTooLarge(f"{picture.name}: {len(content)} bytes, at most {MAX_BYTES}")
        (FOLDER / f"{picture.name}.png").write_bytes(content)


@asynccontextmanager
async def _page(system: DemoSystem, browser: Browser, picture: Picture) -> AsyncIterator[Page]:
    width, height = picture.window
    scale = SHOWN_SIDE / max(width, height)
    context = await browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    try:
        page = await context.new_page()
        if picture.role is not None:
            await _sign_in(system, page, picture)
        yield page
    finally:
        await context.close()


async def _sign_in(system: DemoSystem, page: Page, picture: Picture) -> None:
    account = system.staff.of(picture.role) if picture.role else None
    if account is None:
        return
    await page.goto(system.supervisor.urls[picture.service] + picture.path)
    await page.fill("input[name=name]", account.name)
    await page.fill("input[name=password]", account.password)
    await page.click("main button[type=submit]")
    await page.wait_for_load_state("load")


async def main(names: Sequence[str]) -> None:
    """Run a demo in a state directory of its own, and take the pictures of it."""
    program = ensure_browser()
    async with run_own_system(Settings(synthetic=True)) as supervisor, async_playwright() as playwright:
        with Progress() as bars:
            system = await set_up_demo(supervisor, SEED, COMPLAINTS, bars, CHECKED_MONTHS, with_ledger=False)
            await fill_boards(system, bars)
            await fill_office_boards(system, bars)
            await fill_records(system, bars)
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        known = await pictures(system)
        await take(system, browser, [picture for picture in known if not names or picture.name in names])
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
