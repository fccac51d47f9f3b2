"""What docs/accessibility.md promises of public pages, an item a test; and the pages of regions, industries and methods."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from tests.integration.publisher.events import uscc
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENT = Path(__file__).parents[3] / "docs" / "accessibility.md"
PATHS = (
    "/", "/boards/basic", "/boards/major", "/boards/analysis", f"/operators/{uscc(0)}", "/search?q=云州", "/items", "/changes",
    "/about", "/methods", "/sitemap", "/regions/990102", "/industries/F5273",
)  # fmt: skip


async def pages(publisher, *paths, language="zh"):
    """The pages of the portal, an item's among them."""
    item = (await publisher.items())[0]["item_id"]
    for path in paths or (*PATHS, f"/items/{item}"):
        answer = await publisher.public.get(path, headers={**HTML, "Accept-Language": language})
        assert answer.status_code == 200, path
        yield path, html.fromstring(answer.text)
    publisher.public.cookies.clear()


async def test_each_item_of_the_document_has_its_test():
    named = re.findall(r"`(test_\w+)` \|", DOCUMENT.read_text(encoding="utf-8"))

    assert len(named) > 10
    assert [name for name in named if not callable(globals().get(name))] == []


async def test_large_text_is_one_click_away_and_stays(month):
    async for path, page in pages(month, "/boards/basic?region=990102"):
        (link,) = [each for each in page.iter("a") if each.text_content() == "大字版"]
        assert link.get("href") == "/boards/basic?region=990102&size=large", path
    large = await month.public.get("/boards/basic?size=large", headers=HTML)
    assert 'data-size="large"' in large.text
    assert 'data-size="large"' in (await month.public.get("/items", headers=HTML)).text, "the cookie keeps it"
    assert 'data-size="large"' not in (await month.public.get("/items?size=usual", headers=HTML)).text
    month.public.cookies.clear()
    assert 'data-size="large"' not in (await month.public.get("/items", headers=HTML)).text, "nobody else gets it"


async def test_drawings_have_words_and_a_table(month):
    async for path, page in pages(month):
        for drawing in page.xpath("//figure[contains(@class, 'chart')]/*[name()='svg']"):
            assert drawing.get("aria-hidden") == "true" or len(drawing.get("aria-label", "")) > 10, path
        for figure in page.xpath("//figure[contains(@class, 'chart')][*[name()='svg']]"):
            assert figure.xpath(".//table"), path


async def test_each_page_has_its_title_language_and_one_heading(month):
    for language, written in (("zh", "zh-Hans"), ("en", "en")):
        titles = {}
        async for path, page in pages(month, language=language):
            titles[path] = page.findtext(".//title")
            assert page.get("lang") == written, path
            assert len(page.xpath("//h1")) == 1, path
        assert len(set(titles.values())) == len(titles)


async def test_the_first_link_leads_to_the_text(month):
    async for path, page in pages(month):
        first = page.xpath("//body//a")[0]
        assert page.get_element_by_id(first.get("href").removeprefix("#")).tag == "main", path


async def test_each_field_has_a_label(month):
    async for path, page in pages(month):
        for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            labelled = page.xpath(f"//label[@for='{field.get('id')}']") or field.xpath("ancestor::label")
            assert labelled, (path, field.get("name"))


async def test_tables_have_heads(month):
    async for path, page in pages(month):
        for table in page.xpath("//table"):
            assert table.xpath(".//th[@scope]"), path
            assert not table.xpath(".//th[not(@scope)]"), path


async def test_links_say_where_they_lead(month):
    async for path, page in pages(month):
        assert [link.get("href") for link in page.iter("a") if not link.text_content().strip()] == [], path


async def test_pages_need_no_script(month):
    async for path, page in pages(month):
        assert page.xpath("//main//script | //*[@onclick]") == [], path
        assert not [link for link in page.iter("a") if (link.get("href") or "").startswith("javascript:")], path


async def test_nothing_pops_up_or_moves_by_itself(month):
    async for path, page in pages(month):
        moving = "//meta[@http-equiv='refresh'] | //dialog[@open] | //marquee | //video | //audio | //iframe"
        assert page.xpath(moving) == [], path


async def test_zooming_is_not_forbidden(month):
    async for path, page in pages(month):
        (viewport,) = page.xpath("//meta[@name='viewport']/@content")
        assert "scalable" not in viewport, path
        assert "maximum" not in viewport, path


async def test_the_head_tells_site_column_and_article(month):
    wanted = {"SiteName", "SiteDomain", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"}
    async for path, page in pages(month):
        tags = {each.get("name"): each.get("content") for each in page.xpath("//meta[@name]")}
        assert wanted <= tags.keys(), path
        assert all(tags[name] for name in wanted), path
        if path.startswith("/items/"):
            assert tags["ArticleTitle"] == page.xpath("//h1")[0].text_content()
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", tags["PubDate"])
            assert tags["ContentSource"] == tags["SiteName"]
            (table,) = page.xpath("//table[contains(@class, 'article-head')]")
            for words in ("索引号", "发布机构", "成文日期", "发布日期", "公开方式", "主动公开"):
                assert words in table.text_content()


async def test_a_region_has_its_month_and_its_operators(month):
    async for _path, page in pages(month, "/regions/990102"):
        assert "湖东区消费投诉" in page.text_content()
        assert page.xpath("//link[@href='/feeds/regions/990102.atom']")
    assert (await month.public.get("/regions/999999", headers=HTML)).status_code == 404


async def test_operators_of_an_industry_stand_by_name_and_few_complaints_have_no_rate(month):
    async for _path, page in pages(month, "/industries/F5273?window=month"):
        rows = page.xpath("//main//table/tbody/tr")
        names = [row.xpath(".//th")[0].text_content() for row in rows]
        assert len(rows) == 3
        assert names == sorted(names)
        minimum_reached = [int(row.xpath(".//td")[1].text_content().replace("件", "")) >= 30 for row in rows]
        assert ["%" in row.xpath(".//td")[2].text_content() for row in rows] == minimum_reached
        assert "不是排名" in page.text_content()
    assert (await month.public.get("/industries/Z99", headers=HTML)).status_code == 404
    assert "没有符合条件的公示信息" in (await month.public.get("/industries/H6210", headers=HTML)).text


async def test_every_figure_is_defined(month):
    async for _path, page in pages(month, "/methods"):
        for name in ("complaints", "accepted", "resolved", "resolution_rate", "mediations", "mediation_success_rate"):
            assert page.get_element_by_id(name).getnext().text_content().strip(), name
