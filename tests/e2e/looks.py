"""What a page looks like and how it can be used: pictures at three sizes, and axe's findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
SCREEN = ViewportSize(width=1920, height=1080)
SIZES = (DESKTOP, PHONE, SCREEN)
SEVERE = frozenset({"serious", "critical"})


@dataclass(frozen=True, slots=True)
class Look:
    """Pictures of pages, kept in a folder of this run."""

    folder: Path

    async def __call__(self, page: Page, name: str, *sizes: ViewportSize) -> list[Path]:
        """Take a picture of the whole page at each size and return the files; none may need scrolling sideways."""
        pictures = []
        for size in sizes or SIZES:
            await page.set_viewport_size(size)
            picture = self.folder / f"{name}-{size['width']}x{size['height']}.png"
            await page.screenshot(path=picture, full_page=True, animations="disabled")
            pictures.append(picture)
            too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert too_wide <= 0, f"{page.url} is {too_wide} px too wide at {size['width']} px: {picture}"
        await page.set_viewport_size(DESKTOP)
        return pictures


async def violations(page: Page) -> list[str]:
    """Return the serious and critical violations that axe finds, each with the elements."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{v['id']}: {v['help']} {[node['target'] for node in v['nodes']]}" for v in found if v["impact"] in SEVERE]
