"""The frame in a real browser: every layout and component, under the policy that the services send."""

import asyncio

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from shared.charts.renderer import ChartRenderer
from shared.web.page_address import PageAddress
from shared.web.security_headers import CONTENT_SECURITY_POLICY
from shared.web.templating import Pages
from tests.e2e.looks import DESKTOP, PHONE, SCREEN, violations
from tests.integration.probes import wait_until
from tests.unit.web.sample import pages as sample

SCREENS = {"landscape": SCREEN, "screen-over": SCREEN, "portrait": {"width": 1080, "height": 1920}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address():
    charts, pages = ChartRenderer(), Pages(sample.SAMPLE, sample.SITE)

    async def show(request: Request) -> HTMLResponse:
        page_address = PageAddress.from_request(request)
        html = sample.page(pages, charts, request.path_params["name"], page_address.language, page_address)
        return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    app = Starlette(routes=[*pages.routes(), Route("/{name}", show)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())

    async def started():
        return server.started

    await wait_until("the sample pages are served", started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
    charts.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sample.PAGES)
async def test_a_page_is_accessible_and_fits_its_viewport(page, address, name, language):
    for size in [SCREENS[name]] if name in SCREENS else [DESKTOP, PHONE]:
        await page.set_viewport_size(size)
        await page.goto(f"{address}/{name}?lang={language}")
        await page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")

        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


async def test_a_dialog_opens_at_once_takes_the_focus_and_closes(page, address):
    await page.goto(f"{address}/desk")
    await page.click("[data-dialog=return]")

    assert await page.evaluate("document.querySelector('#return').matches(':modal')")
    assert await page.evaluate("document.querySelector('#return').contains(document.activeElement)")

    await page.click("#return [data-cancels]")

    assert not await page.is_visible("#return")


async def test_without_script_the_page_of_the_link_shows_the_dialog(browser, address):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{address}/desk-dialog")

    assert await page.is_visible("#return button[type=submit]")
    assert not await page.is_visible("[data-closes]")
    await context.close()


async def test_a_message_is_closed_by_hand_and_a_password_shown_on_request(page, address):
    await page.goto(f"{address}/desk")
    await page.click("[data-closes]")

    assert await page.locator(".toast").count() == 0

    await page.goto(f"{address}/sign-in")
    await page.check("[data-reveals] input")

    assert await page.get_attribute("#password", "type") == "text"


@pytest.mark.parametrize("name", ["landscape", "portrait"])
async def test_a_screen_never_scrolls(page, address, name):
    size = SCREENS[name]
    await page.set_viewport_size(size)
    await page.goto(f"{address}/{name}")

    assert await page.evaluate("document.documentElement.scrollHeight") == size["height"]
    assert await page.evaluate(
        "[...document.querySelectorAll('main *')].every(e => e.getBoundingClientRect().bottom <= innerHeight)"
    )
