"""Parts of the site in other sites' pages, and sheets for notice boards."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from tests.integration.publisher.events import uscc
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_operators_card_and_a_board_may_be_framed_and_run_no_script(month):
    item = (await month.items())[0]
    code = item["operator"]["uscc"]

    for path in (f"/embed/operators/{code}", "/embed/boards/basic", "/embed/boards/warnings"):
        answer = await month.public.get(path, headers=HTML)
        assert answer.status_code == 200
        assert "frame-ancestors *" in answer.headers["content-security-policy"]
        assert "<script" not in answer.text
        assert "x-frame-options" not in answer.headers
    card = (await month.public.get(f"/embed/operators/{code}", headers=HTML)).text
    assert item["operator"]["name"] in card
    assert f'{month.url}/operators/{code}"' in card
    assert (await month.public.get(f"/embed/operators/{uscc(77)}", headers=HTML)).status_code == 404
    assert (await month.public.get("/embed/boards/none", headers=HTML)).status_code in {404, 422}


async def test_oembed_names_the_frame_of_our_pages_alone(month):
    code = (await month.items())[0]["operator"]["uscc"]
    page = (await month.public.get(f"/operators/{code}", headers=HTML)).text
    discovered = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
    answer = await month.json(discovered[1].replace("&amp;", "&"))
    small = await month.json(f"/oembed?url={month.url}/boards/major&maxwidth=10&maxheight=20")

    assert (answer["version"], answer["type"]) == ("1.0", "rich")
    assert f'src="{month.url}/embed/operators/{code}"' in answer["html"]
    assert (small["width"], small["height"]) == (240, 20)
    for address in (
        "https://elsewhere.example/boards/basic",
        f"{month.url}/desk",
        f"{month.url}/boards/none",
        f"{month.url}.evil/boards/basic",
    ):
        assert (await month.public.get(f"/oembed?url={address}")).status_code == 404
    assert (await month.public.get(f"/oembed?url={month.url}/boards/basic&format=xml")).status_code == 501


@pytest.mark.parametrize(("region", "paper", "width_pt"), [("all", "a4", 595), ("990102", "a3", 842)])
async def test_a_notice_sheet_is_a_pdf_of_its_size(month, region, paper, width_pt):
    answer = await month.public.get(f"/notices/{region}.pdf?paper={paper}")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    sheet = PdfReader(io.BytesIO(answer.content)).pages[0]
    assert round(float(sheet.mediabox.width)) == width_pt
    text = re.sub(r"\s", "", sheet.extract_text())
    assert all(item["operator"]["name"] in text for item in await month.items())


async def test_sheets_of_what_there_is_not_are_refused(month):
    assert (await month.public.get("/notices/000000.pdf")).status_code == 404
    assert (await month.public.get("/notices/all.pdf?month=2026-13")).status_code == 422
    assert (await month.public.get("/notices/all.pdf?month=2020-01")).status_code == 200
