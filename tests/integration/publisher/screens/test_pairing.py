"""Which browser is a screen: the one that has its secret. Anybody else sees a preview, and nothing proves a recall but a paired screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus

import httpx2
import pytest
from playwright.async_api import expect

from services.publisher import screen_pairing
from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.publisher.web.screens.player import COOKIE
from tests.integration.publisher.events import uscc
from tests.integration.publisher.running_publisher import HTML, SECRET

LEASE = re.compile(r'data-lease="([^"]+)"')
CODE = re.compile(r"配对码([A-Z2-7]{4}-[A-Z2-7]{4})")


@pytest.fixture
async def register(city):
    """Register a screen; return its secret. It is removed at the end."""
    registered = set()

    async def make(screen_id, *, is_open=False):
        registered.add(screen_id)
        async with city.database.unit_of_work() as uow:
            return await screen_pairing.register(uow, "test", Screen(screen_id, "新屏", None, is_open=is_open))

    yield make
    for screen_id in sorted(registered):
        async with city.database.unit_of_work() as uow:
            await screen_pairing.remove(uow, "test", screen_id)


@pytest.fixture
async def browser_of(city):
    """A browser that keeps cookies, by address."""
    async with httpx2.AsyncClient(base_url=city.url, headers=HTML) as client:
        yield client


async def acknowledge(city, screen_id, lease, *shown):
    body = {
        "lease": lease,
        "shown": [{"item_id": i, "version": v, "shown_at": datetime.now(UTC).isoformat()} for i, v in shown],
    }
    return (await city.public.post(f"/screens/{screen_id}/acks", json=body)).status_code


async def acknowledged(city, screen_id):
    async with city.database.snapshot() as connection:
        rows = await connection.fetch("SELECT item_id, version FROM publisher.acknowledgements WHERE screen_id = $1", screen_id)
    return {(row["item_id"], row["version"]) for row in rows}


async def test_anybody_else_sees_a_preview_without_a_lease(new_panel, city):
    panel = await new_panel(is_paired=False)
    await panel.open()

    await expect(panel.items).to_have_count(3)
    await expect(panel.page.locator("header")).to_contain_text("预览")
    await expect(panel.page.locator("footer")).to_contain_text("配对码")
    assert LEASE.search(await panel.page.content()) is None
    stream = await city.public.get("/screens/mall/events?after=0")
    assert "event: released" in stream.text
    assert "event: lease" not in stream.text


async def test_a_secret_that_is_not_the_screens_is_a_preview_wherever_it_stands(city):
    wrong = SECRET[:-1] + ("A" if SECRET[-1] != "A" else "B")
    for path in (
        f"/screens/mall/key/{wrong}",
        "/screens/mall?secret=" + SECRET,
        "/screens/mall/key/%00",
        "/screens/mall/key/mall",
    ):
        page = await city.public.get(path, headers=HTML)
        assert LEASE.search(page.text) is None, path
    events = await city.public.get(f"/screens/mall/key/{wrong}/events?after=0")
    assert "event: lease" not in events.text


async def test_the_address_of_a_new_screen_makes_its_player_keep_the_secret_and_leave_it_out_of_the_address(
    city, register, browser_of
):
    secret = await register("new-1")

    answer = await browser_of.get(f"/screens/new-1/pair/{secret}")
    page = await browser_of.get("/screens/new-1")

    assert (answer.status_code, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/screens/new-1")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Path=/screens/new-1", "SameSite=lax"} <= set(cookie.split("; "))
    assert LEASE.search(page.text)
    assert secret not in page.text
    async with city.database.snapshot() as connection:
        row = await connection.fetchval("SELECT s::text FROM publisher.screens s WHERE screen_id = 'new-1'")
    assert secret not in row


async def test_staff_pair_a_player_by_the_code_that_it_shows_and_nobody_elses(new_panel, city, register):
    await register("new-2")
    panel, other = [await new_panel("new-2", is_paired=False, java_script_enabled=script) for script in (True, False)]
    for each in (panel, other):
        await each.open()
    code = CODE.search(await panel.page.content())[1]

    async with city.person("wu") as gatekeeper:
        answer = await gatekeeper.post("/desk/screens/new-2/pair", data={"code": code.lower().replace("-", " ")})
        assert answer.status_code == HTTPStatus.OK
    await other.open()
    await panel.open()

    await expect(panel.page.locator("body[data-lease]")).to_have_count(1)
    await expect(other.page.locator("body[data-preview]")).to_have_count(1)
    assert CODE.search(await other.page.content())[1] != code
    await expect(panel.page.locator("header")).not_to_contain_text("预览")


async def test_a_code_pairs_one_player_once(city, register, browser_of):
    await register("new-3")
    code = CODE.search((await browser_of.get("/screens/new-3")).text)[1]
    async with city.database.unit_of_work() as uow:
        await screen_pairing.pair(uow, "test", "new-3", code)

    assert LEASE.search((await browser_of.get("/screens/new-3")).text)
    async with city.database.unit_of_work() as uow:
        assert await screen_pairing.claim(uow, "new-3", code, "another") is False


async def test_a_screen_acknowledges_what_was_released_exactly_and_nothing_of_the_future(city, register):
    secret = await register("new-4")
    lease = LEASE.search((await city.public.get(f"/screens/new-4/key/{secret}", headers=HTML)).text)[1]
    item_id = (await city.items())[0]["item_id"]

    answered = await acknowledge(
        city, "new-4", lease, (item_id, 1), (item_id, 2), (item_id, 1_000_000), ("GS-2099-000001", 1), (item_id, 1)
    )

    assert answered == HTTPStatus.NO_CONTENT
    assert await acknowledged(city, "new-4") == {(item_id, 1)}


async def test_a_lease_of_the_secret_before_is_none_and_its_script_shows_a_preview(new_panel, city, register):
    secret = await register("new-5")
    panel = await new_panel(f"new-5/key/{secret}", is_paired=False)
    await panel.page.clock.install()
    await panel.open()
    lease = await panel.page.evaluate("document.body.dataset.lease")
    item_id = (await city.items())[0]["item_id"]

    async with city.database.unit_of_work() as uow:
        await screen_pairing.replace_secret(uow, "test", "new-5")

    assert await acknowledge(city, "new-5", lease, (item_id, 1)) == HTTPStatus.FORBIDDEN
    await panel.pass_time(60)
    await expect(panel.page.locator("body[data-preview]")).to_have_count(1)


async def test_an_open_screen_gives_anybody_a_lease_and_proves_nothing(city, register):
    await register("new-6", is_open=True)
    lease = LEASE.search((await city.public.get("/screens/new-6", headers=HTML)).text)[1]
    item_id = (await city.items())[0]["item_id"]
    async with city.database.snapshot() as connection:
        before = await screens.count_screens(connection)

    answered = await acknowledge(city, "new-6", lease, (item_id, 1))

    assert answered == HTTPStatus.NO_CONTENT
    assert await acknowledged(city, "new-6") == set()
    assert await acknowledge(city, "mall", lease, (item_id, 1)) == HTTPStatus.FORBIDDEN
    async with city.database.snapshot() as connection:
        assert await screens.count_screens(connection) == before


async def test_a_large_acknowledgement_is_refused_before_it_is_read(city):
    answer = await city.public.post("/screens/mall/acks", content=b'{"lease": "' + b"x" * 20_000 + b'"}')

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_a_removed_screen_shows_nothing_and_acknowledges_nothing(city, register):
    secret = await register("new-7")
    lease = LEASE.search((await city.public.get(f"/screens/new-7/key/{secret}", headers=HTML)).text)[1]
    item_id = (await city.items())[0]["item_id"]
    async with city.database.unit_of_work() as uow:
        await screen_pairing.remove(uow, "test", "new-7")

    assert (await city.public.get(f"/screens/new-7/key/{secret}", headers=HTML)).status_code == HTTPStatus.NOT_FOUND
    assert await acknowledge(city, "new-7", lease, (item_id, 1)) == HTTPStatus.FORBIDDEN
    assert (await register("new-7")) not in {None, secret}


async def test_the_desk_registers_lists_and_removes_screens_for_those_who_keep_them(city):
    async with city.person("wu") as gatekeeper:
        form = {
            "screen": "new-8", "name": "云湖地铁站", "region": "990102", "language": "en", "orientation": "portrait",
            "spot": "3号口", "board": "basic", "operators": f"{uscc(1)}\n{uscc(2)}",
        }  # fmt: skip
        listed = await gatekeeper.post("/desk/screens", data=form)
        wrong = await gatekeeper.post("/desk/screens", data={**form, "screen": "New 8"})
        no_operator = await gatekeeper.post("/desk/screens", data={**form, "operators": "91990102MA9K000000"})
        wall = await gatekeeper.get("/desk/screens/wall")
        no_code = await gatekeeper.post("/desk/screens/new-8/pair", data={"code": "K7QM"})
        upright = await gatekeeper.get("/screens/new-8")
        removed = await gatekeeper.post("/desk/screens/new-8/remove")
    async with city.person("zhou") as reviewer:
        refused = await reviewer.get("/desk/screens")

    for page in (listed, wall):
        assert all(text in page.text for text in ("云湖地铁站", "3号口", "本场所经营者"))
    assert (no_operator.status_code, "91990102MA9K000000" in no_operator.text) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    assert 'data-orientation="portrait"' in upright.text
    assert (wrong.status_code, no_code.status_code) == (HTTPStatus.UNPROCESSABLE_ENTITY,) * 2
    assert "云湖地铁站" not in removed.text
    assert refused.status_code == HTTPStatus.FORBIDDEN
    async with city.database.snapshot() as connection:
        entries = await connection.fetch("SELECT action, actor FROM publisher.journal WHERE subject = 'new-8' ORDER BY seq")
    assert [tuple(row) for row in entries] == [
        ("screen_registered", "wu"),
        ("screen_secret_made", "wu"),
        ("screen_removed", "wu"),
    ]
    assert COOKIE not in str(upright.headers.get("set-cookie", "")).partition("HttpOnly")[2]
