"""How a screen looks on players as they are: any size, any browser language, no Chinese font, inside a signage frame."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from deploy.browser import find
from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.publisher.web.screens import page
from tests.integration.probes import wait_until
from tests.integration.publisher.running_publisher import SECRET
from tests.integration.publisher.screens.panel import Panel

DESIGN = {"landscape": (1920, 1080), "portrait": (1080, 1920)}
SEAL = 84
SIZES = [
    *(
        ("landscape", *size)
        for size in ((1920, 1080), (3840, 2160), (1366, 768), (1536, 864), (1280, 1024), (800, 480), (2560, 1080))
    ),
    *(("portrait", *size) for size in ((1080, 1920), (2160, 3840), (768, 1366), (864, 1536), (1200, 1600))),
]

OVERFLOW = """() => {
  const [width, height] = [innerWidth, innerHeight];
  const foot = document.querySelector(".sc-foot").getBoundingClientRect();
  const boxes = [...document.querySelectorAll("body *")].filter((e) => !e.closest(".sc-lapse") && e.getBoundingClientRect().width);
  return [
    ...boxes.filter((e) => { const b = e.getBoundingClientRect(); return b.left < -1 || b.right > width + 1 || b.bottom > height + 1; }),
    ...document.querySelectorAll("main *").values().filter((e) => e.getBoundingClientRect().bottom > foot.top + 1),
    ...[...document.querySelectorAll("html, body, header, main, .sc-views, .sc-card, footer")]
      .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1),
  ].map((e) => e.tagName + "." + e.className);
}"""


# A table of seven rows, and behind it a view of two cards whose texts are too long for them.
CARD = (
    "<div class='sc-item'><article class='sc-card has-code'><p class='sc-tags'><span class='tag tag-corrected'>已更正</span>"
    "<span class='tag tag-plain'>重大投诉</span><span class='meta'>11月28日　第12版　公示至2027-11-28</span></p>"
    f"<h2>{'健身卡预付式消费争议' * 6}</h2><p>{'涉及金额68,600.00元。' * 12}</p><div class='sc-code'><svg viewBox='0 0 9 9'/></div></article></div>"
)
FILL = """card => {
  const rows = document.querySelector("tbody");
  while (rows.children.length < 7) rows.appendChild(rows.firstElementChild.cloneNode(true));
  const view = "<section hidden id='cards'><div class='sc-title'><h1>最新公示</h1></div>" + card + card + "</section>";
  document.querySelector(".sc-views").insertAdjacentHTML("beforeend", view);
}"""
SWAP = "() => document.querySelectorAll('.sc-views > section').forEach((view) => { view.hidden = view.id !== 'cards'; })"


@pytest.mark.parametrize(("orientation", "width", "height"), SIZES)
async def test_a_screen_fills_any_window_and_cuts_nothing_off(new_panel, orientation, width, height):
    panel = await new_panel(f"mall?orientation={orientation}", viewport={"width": width, "height": height})
    await panel.open()
    await expect(panel.items.first).to_be_visible()
    scale = min(width / DESIGN[orientation][0], height / DESIGN[orientation][1])

    seal = await panel.page.locator(".sc-head .seal").bounding_box()
    foot = await panel.page.locator(".sc-foot").bounding_box()

    assert seal["width"] == pytest.approx(SEAL * scale, abs=1)
    assert (foot["width"], foot["y"] + foot["height"]) == (pytest.approx(width, abs=1), pytest.approx(height, abs=1))
    await panel.page.evaluate(FILL, CARD)
    assert await panel.page.evaluate(OVERFLOW) == []
    await panel.page.evaluate(SWAP)
    assert await panel.page.evaluate(OVERFLOW) == []


async def test_a_screen_in_an_upright_window_stands_upright_without_being_told(new_panel):
    panel = await new_panel(viewport={"width": 1080, "height": 1920})
    await panel.open()

    await expect(panel.page.locator("body.screen-p")).to_have_count(1)
    await expect(panel.page.locator("html[data-orientation=portrait]")).to_have_count(1)
    assert await panel.page.evaluate(OVERFLOW) == []


async def test_a_screen_shows_chinese_whatever_its_browser_prefers(new_panel, city):
    panel = await new_panel(locale="en-GB")
    await panel.page.goto(f"{city.url}/?lang=en")
    await panel.open()

    assert await panel.page.evaluate("document.documentElement.lang") == "zh-Hans"
    await expect(panel.page.locator("h1:visible")).to_contain_text("消费投诉公示情况")


async def test_a_screen_registered_in_english_shows_english(new_panel, city):
    async with city.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen("airport", "云州国际机场", None, "en", is_open=True))
    panel = await new_panel("airport")
    await panel.open()

    assert await panel.page.evaluate("document.documentElement.lang") == "en"
    await expect(panel.page.locator("footer")).to_contain_text("12315")


LOADED = "document.fonts.ready.then(() => [...document.fonts].map((font) => font.status))"


async def test_a_player_with_a_chinese_font_does_not_download_one(new_panel):
    panel = await new_panel()
    fonts = record_fonts(panel.page)
    await panel.open()
    await panel.page.evaluate(LOADED)

    assert fonts == []


def record_fonts(page):
    """Return the list of the addresses of fonts that the page asks for from now on."""
    fonts = []
    page.on("request", lambda request: fonts.append(request.url) if request.resource_type == "font" else None)
    return fonts


@pytest.fixture
def latin_fonts(tmp_path):
    """The environment of a browser that finds no font with Chinese characters."""
    fonts = tmp_path / "fonts.conf"
    folder = next(path for path in Path("/usr/share/fonts/truetype").iterdir() if "wqy" not in path.name)
    fonts.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
    return {"FONTCONFIG_FILE": str(fonts), "HOME": str(tmp_path)}


async def test_a_player_without_a_chinese_font_gets_one_from_the_publisher(city, latin_fonts):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"], env=latin_fonts)
        panel = Panel(await browser.new_page(), f"{city.url}/screens/mall")
        fonts = record_fonts(panel.page)
        await panel.open()

        assert await panel.page.evaluate(LOADED) == ["loaded"]
        assert [address.rpartition("/")[2] for address in fonts] == ["han.woff2"]
        await browser.close()


FRAME = "<!doctype html><title>signage</title><iframe src='{}' width=1280 height=720></iframe>"


@pytest.fixture
def allow_frames(city):
    """Set who may frame the screens of the publisher."""
    settings = city.app.state.settings

    def allow(ancestors):
        city.app.state.settings = settings.model_copy(update={"screen_frame_ancestors": ancestors})

    yield allow
    city.app.state.settings = settings


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signage(city):
    """The address of a signage system's page, of another site than the screen's. A real one: what Playwright answers itself
    counts as public, and Chromium keeps public pages from framing local ones."""

    async def respond(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        body = FRAME.format(f"{city.url}/screens/mall/key/{SECRET}").encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}/"


@pytest.mark.parametrize(("ancestors", "is_shown"), [("'self'", False), ("http://localhost:*", True), ("*", True)])
async def test_a_signage_system_may_frame_a_screen_where_the_settings_name_it(
    new_panel, signage, allow_frames, ancestors, is_shown
):
    allow_frames(ancestors)
    panel = await new_panel(is_paired=False)
    await panel.page.goto(signage)
    items = panel.page.frame_locator("iframe").locator("[data-view]:visible [data-item]")

    await expect(items).to_have_count(3 if is_shown else 0)
    # No cookie gets into a frame of another site: the secret in the address proves the player.
    leases = panel.page.frame_locator("iframe").locator("body[data-lease]")
    await expect(leases).to_have_count(1 if is_shown else 0)


async def test_in_a_frame_without_an_origin_the_page_goes_on_refreshing_itself(new_panel, city, allow_frames, monkeypatch):
    monkeypatch.setattr(page, "REFRESH_S", 1)
    panel = await new_panel(f"mall/key/{SECRET}", is_paired=False)
    sandbox = FRAME.format(panel.url).replace("<iframe", "<iframe sandbox='allow-scripts'")
    await panel.page.route(f"{city.url}/signage", lambda route: route.fulfill(content_type="text/html", body=sandbox))
    allow_frames("*")
    await panel.page.goto(f"{city.url}/signage")

    async def refreshed():
        return panel.requests["page"] > 2

    await wait_until("three pages", refreshed)
    await expect(panel.page.frame_locator("iframe").locator("[data-view]:visible [data-item]").first).to_be_visible()
