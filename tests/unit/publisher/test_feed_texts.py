"""A feed is XML whatever texts its items hold: one bad entry costs no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree

from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.domain.feed_subject import FeedSubject
from services.publisher.domain.major import major_form
from services.publisher.projection import ReleaseDetails, public_item, withdrawn_item
from services.publisher.store.public_items import StoredItem
from services.publisher.web.dependencies import create_presenter
from services.publisher.web.feeds import ATOM, FeedPage, render_feed
from shared.contracts import Board
from shared.web.i18n import Text
from shared.web.templating import Pages
from tests.integration.publisher.events import complaint
from tests.unit.web.sample.pages import SITE

SERVICE = Path(__file__).parents[3] / "services" / "publisher"
AT = datetime(2026, 10, 9, tzinfo=UTC)
RELEASE = ReleaseDetails("GS-2026-000001", Board.MAJOR, 1, AT, AT, None, date(2027, 10, 9), "2018-01-01")


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x7f", "\u202e", "\ufffe", "\uffff", "\ud800", "]]>", "<b>&amp;"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_character_that_xml_cannot_hold_costs_itself_only(bad: str, language: str) -> None:
    pages = Pages(SERVICE, SITE)
    form = major_form(complaint())
    named = public_item(form, RELEASE).model_copy(update={"title": f"投诉{bad}公示", "summary": f"概要{bad}"})
    taken_back = form.model_copy(update={"reason_code": "W03", "reason": f"主体{bad}错误"})
    withdrawn = withdrawn_item(taken_back, replace(RELEASE, item_id="GS-2026-000002", version=2, supersedes=1))
    sound = public_item(form, replace(RELEASE, item_id="GS-2026-000003"))
    rows = [StoredItem(number, item, under_review=False) for number, item in enumerate([named, withdrawn, sound])]
    page = FeedPage(FeedSubject("board", "major"), Text("x"), rows, [rows[1]], None, has_next=False)

    body = render_feed(page, FeedIdentity("gongshi.example,2026", ""), pages.site, create_presenter(pages, language))

    titles = [element.text for element in etree.fromstring(body).iter(f"{{{ATOM}}}title")]
    assert len(titles) == len(rows) + 1
    assert titles[-1]
