"""A player in a real Chromium: opens a screen, and what stands between it and the publisher can be disturbed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from playwright.async_api import expect

PAGE = re.compile(r"/screens/[^/]+(?:/key/[^/]+)?$")
EVENTS = re.compile(r"/screens/[^/]+(?:/key/[^/]+)?/events")
SCRIPTS = re.compile(r"/static/[^/]+/screen[^/]*[.]js")
FULL_HD = {"width": 1920, "height": 1080}


class Panel:
    """One window of a player that shows a screen."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.requests = Counter()
        self.open_requests = Counter()
        self.most_open = Counter()
        page.on("request", lambda request: self._count(request, 1))
        page.on("requestfinished", lambda request: self._count(request, 0))
        page.on("requestfailed", lambda request: self._count(request, 0))

    def _count(self, request, started):
        path = request.url.partition("?")[0]
        kind = "events" if EVENTS.search(path) else "page" if PAGE.search(path) else "other"
        self.requests[kind] += started
        self.open_requests[kind] += 1 if started else -1
        self.most_open[kind] = max(self.most_open[kind], self.open_requests[kind])

    async def open(self):
        await self.page.goto(self.url)

    @property
    def items(self):
        return self.page.locator("[data-view]:visible [data-item]")

    async def is_blank(self):
        """Nothing but the bureau and where to call; nothing released is in the document."""
        await expect(self.page.locator("body.screen-over")).to_have_count(1)
        await expect(self.page.locator("[data-item]")).to_have_count(0)
        await expect(self.page.locator("main")).to_contain_text("12315")

    async def hold(self, address):
        """Let requests to `address` go out and never be answered."""

        async def never(_route):
            await asyncio.Event().wait()

        await self.page.route(address, never)

    async def allow(self, address):
        await self.page.unroute(address)

    async def pass_time(self, seconds):
        """Let the timers of the page run through so many seconds at once; the page has a clock that is installed."""
        await self.page.clock.run_for(seconds * 1000)
