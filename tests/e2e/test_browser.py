"""The browser of the page tests detects what it should: missing fonts, accessibility faults, overflow."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from deploy.browser import has_chinese_font
from tests.e2e.looks import PHONE, Look, violations

GOOD = """<!doctype html><html lang="zh-CN"><head><title>消费投诉公示</title></head>
<body><main><h1>消费投诉公示</h1><p>本页列出各经营者的投诉数量。</p></main></body></html>"""


async def test_a_chinese_page_has_a_font_a_picture_and_no_violations(page: Page, look: Look) -> None:
    await page.set_content(GOOD)

    pictures = await look(page, "good")

    assert has_chinese_font()
    assert [picture.stat().st_size > 1_000 for picture in pictures] == [True] * 3
    assert await violations(page) == []


async def test_a_button_without_a_name_is_a_violation(page: Page) -> None:
    await page.set_content(GOOD.replace("<p>", "<button></button><p>"))

    found = await violations(page)

    assert [line.split(":")[0] for line in found] == ["button-name"]


async def test_a_page_wider_than_a_phone_is_detected(page: Page, look: Look) -> None:
    await page.set_content(GOOD.replace("<p>", '<p style="width: 600px">'))

    with pytest.raises(AssertionError, match="px too wide"):
        await look(page, "wide", PHONE)
