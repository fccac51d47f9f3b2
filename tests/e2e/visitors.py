"""Visitors in browser contexts of their own, with the errors of scripts and content policy collected."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from deploy.demo.system import DemoSystem
from shared.accounts import Role
from shared.web.workplaces import workplace_of
from tests.e2e.looks import DESKTOP
from tests.pages import PAGE_TIMEOUT_S

# Chromium writes every answer of 400 and above to the console; pages that refuse are requested on purpose.
REFUSALS = tuple(f"the server responded with a status of {status}" for status in (403, 404, 409, 410, 422))
DESKS = {
    Role.REVIEWER: ("publisher", "/desk"),
    Role.GATEKEEPER: ("publisher", "/desk"),
    Role.OFFICER: ("corrections", "/corrections/desk"),
    Role.CLERK: ("intake", "/intake/desk"),
    Role.OPS: ("stats", "/stats/desk"),
    Role.AUDITOR: ("stats", "/stats/desk"),
}


def page_errors(message: ConsoleMessage) -> list[str]:
    """Return the text of a console message that is an error of the page itself."""
    return [] if message.type != "error" or any(mark in message.text for mark in REFUSALS) else [message.text]


class Visitors:
    """Opens pages of fresh visitors in Hangzhou, and closes them all at the end."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    async def page(self, **options: Any) -> Page:
        """Return a page of a new visitor; options are those of a browser context."""
        usual = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESKTOP}
        context = await self._browser.new_context(**{**usual, **options})
        context.set_default_timeout(PAGE_TIMEOUT_S * 1000)
        self._contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.faults.extend(f"{page.url}: {text}" for text in page_errors(message)))
        return page

    async def staff(self, system: DemoSystem, role: Role, **options: Any) -> Page:
        """Return a page of the person of that role, signed in by the form, where their work is."""
        page = await self.page(**options)
        account = system.staff.of(role)
        service, desk = DESKS[role]
        await page.goto(system.supervisor.urls[service] + desk)
        await page.fill("#name", account.name)
        await page.fill("#password", account.password)
        await page.click("form[action$='/sign-in'] button[type=submit]")
        await page.wait_for_url(f"**{workplace_of(role, service).path}")
        return page

    async def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            await context.close()
