"""The feeds of the boards: everything that was released and withdrawn can be had by their links, under ids that never change."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio
from lxml import etree

from services.publisher.app import create_app
from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.store import feeds
from services.publisher.verification import channels
from services.publisher.verification.channels import ProbeOptions
from services.publisher.web.feeds import ENTRIES
from shared.clock import now
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until
from tests.integration.publisher.events import figure, month_closed, ruling, uscc
from tests.integration.publisher.running_publisher import HTML, run_publisher, serve

pytestmark = pytest.mark.asyncio(loop_scope="session")

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
OPERATORS = ENTRIES + 31


class Page:
    """A page of a feed as a reader parses it."""

    def __init__(self, body):
        root = etree.fromstring(body)
        self.id = root.findtext(f"{ATOM}id")
        self.entries = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
        self.tombstones = [element.get("ref") for element in root.iter(f"{TOMBSTONES}deleted-entry")]
        self.links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}


async def read_feed(publisher, board="basic"):
    """Every page of a feed, by its links."""
    pages, path = [], f"/feeds/{board}.atom"
    while path:
        response = await publisher.public.get(path)
        assert response.status_code == 200, response.text
        pages.append(Page(response.content))
        link = pages[-1].links.get("next")
        path = link and link.removeprefix(publisher.app.state.pages.site.public)
    return pages


async def withdraw(publisher, item, number):
    await publisher.produce(ruling(item["item_id"], "withdrawn", number))

    async def is_gone():
        return (await publisher.public.get(f"/api/items/{item['item_id']}")).status_code == 410

    await wait_until("the withdrawal", is_gone)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def full_month(engines, template, tmp_path_factory):
    """A month of more operators than a page of the feed has entries, the first of them withdrawn before the rest was released."""
    home = tmp_path_factory.mktemp("feeds")
    async with fresh_system(engines, template, home) as settings, run_publisher(settings) as publisher:
        await fill_month(publisher)
        yield publisher


async def fill_month(publisher):
    await publisher.produce(figure(0, 3, month="2026-08"), month_closed(1, 3, month="2026-08"))
    async with publisher.person("zhou") as reviewer:
        await wait_until("the first draft", lambda: publisher.fetch_containing(reviewer, "/desk", 'name="seen"'))
    await publisher.release_all()
    (first,) = await publisher.items()
    await withdraw(publisher, first, 1)
    await publisher.produce(*(figure(i, 3 + i) for i in range(OPERATORS)))
    await publisher.produce(month_closed(OPERATORS, sum(3 + i for i in range(OPERATORS))))
    async with publisher.person("zhou") as reviewer:
        await wait_until("all drafts", lambda: publisher.fetch_containing(reviewer, "/desk", f"{OPERATORS}</span>"))
    await publisher.release_all()
    publisher.withdrawn = first["item_id"]


async def test_everything_released_and_withdrawn_is_had_by_the_links(full_month):
    pages = await read_feed(full_month)

    ids = [entry for page in pages for entry in page.entries]
    assert [len(page.entries) for page in pages] == [ENTRIES, OPERATORS + 1 - ENTRIES]
    assert len(set(ids)) == OPERATORS + 1
    assert {page.id for page in pages} == {pages[0].id}
    assert {page.links["first"] for page in pages} == {pages[0].links["self"]}
    identity = full_month.app.state.feed_identity
    assert set(ids) >= {identity.entry_id(item["item_id"]) for item in (await full_month.json("/api/items?limit=500"))["items"]}


async def test_a_withdrawal_stays_on_the_first_page_however_much_is_released_after_it(full_month):
    pages = await read_feed(full_month)

    tombstone = full_month.app.state.feed_identity.entry_id(full_month.withdrawn)
    assert tombstone not in pages[0].entries
    assert pages[0].tombstones == [tombstone]
    assert tombstone in pages[-1].tombstones


async def set_authority(publisher, authority):
    async with publisher.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE publisher.feed_identity SET authority = $1", authority)


async def test_the_verification_follows_the_pages(full_month):
    options = ProbeOptions(patience_s=0.1)
    well = await channels.find_differences(full_month.database, full_month.url, full_month.settings.zone, options)

    await set_authority(full_month, "other.example,2026")
    ill = await channels.find_differences(full_month.database, full_month.url, full_month.settings.zone, options)
    await set_authority(full_month, full_month.app.state.feed_identity.authority)

    assert well.found == []
    assert any("has the id tag:" in what for what in ill.found)


async def test_ids_and_tombstones_stay_when_the_public_address_changes(released):
    item = (await released.items())[0]
    await withdraw(released, item, 1)
    (before,) = await read_feed(released)

    moved = released.settings.model_copy(update={"public_url": "https://gongshi.elsewhere.example"})
    async with serve(create_app, moved) as elsewhere:
        after = Page((await elsewhere.get("/feeds/basic.atom")).content)

    assert (after.id, after.entries, after.tombstones) == (before.id, before.entries, before.tombstones)
    assert after.links["self"] == "https://gongshi.elsewhere.example/feeds/basic.atom"


async def test_readers_of_ids_that_were_addresses_are_told_of_the_new_ones(released):
    identity = FeedIdentity(released.app.state.feed_identity.authority, "http://old.example", now())
    released.app.state.feed_identity = identity
    await released.produce(figure(5, 4, month="2026-08"), month_closed(1, 4, month="2026-08"))
    async with released.person("zhou") as reviewer:
        await wait_until("a draft", lambda: released.fetch_containing(reviewer, "/desk", 'name="seen"'))
    await released.release_all()

    (page,) = await read_feed(released)

    months = {item["item_id"]: item["period"] for item in await released.items()}
    former = {f"http://old.example/items/{item_id}" for item_id, period in months.items() if period == "2026-09"}
    assert set(page.tombstones) == former
    assert len(page.entries) == len(months) == len(former) + 1
    response = await released.public.get("/feeds/basic.atom")
    assert f"/items/{next(iter(months))}" in response.text


async def test_the_identity_is_chosen_once(month):
    async with month.database.unit_of_work() as uow:
        again = await feeds.ensure_identity(uow.connection, "other.example,2030", "http://other.example")

    assert again == month.app.state.feed_identity
    assert again.addresses_until is None


async def test_what_was_released_before_the_first_start_with_tags_had_addresses(released):
    async with released.database.unit_of_work() as uow:
        await uow.connection.execute("DELETE FROM publisher.feed_identity")
        identity = await feeds.ensure_identity(uow.connection, "a.example,2026", "http://old.example")

    assert identity.addresses_until is not None
    assert replace(identity, addresses_until=None) == FeedIdentity("a.example,2026", "http://old.example")


async def test_pages_without_content_and_beyond_the_end_are_feeds_too(month):
    for path in ("/feeds/other.atom", "/feeds/basic.atom?before=0", "/feeds/basic.atom?before=1"):
        page = Page((await month.public.get(path)).content)
        assert page.entries == []
        assert "next" not in page.links
    assert (await month.public.get("/feeds/basic.atom", headers=HTML)).status_code == 200
    assert uscc(0) not in (await month.public.get("/feeds/other.atom")).text
