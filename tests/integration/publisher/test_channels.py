"""Every channel of a running publisher against the release record, and every way of going wrong, which has to be found."""

from __future__ import annotations

import asyncio
import os
import pty
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from fastapi import Response

from deploy import runtime
from deploy.runtime import RunningService, Runtime
from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.publisher.verification import channels, permalinks
from services.publisher.verification import screens as screen_probes
from services.publisher.verification.channels import ProbeOptions
from services.publisher.verification.client import PublisherClient
from services.publisher.verification.comparison import Comparison
from shared.web.text_size import USUAL
from tests import commands
from tests.integration.probes import wait_until
from tests.integration.progress import without_progress
from tests.integration.publisher.events import NAMES, complaint, figure, month_closed, ruling, uscc
from tests.integration.publisher.running_publisher import HTML, run_month

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOON = ProbeOptions(patience_s=0.1)
ELSEWHERE = "http://127.0.0.1:9"  # the port of discard, which nobody listens on
# Records of handled complaints are drafted once nothing else comes, so they are not counted among these.
DRAFTS = """
SELECT count(*) = $1
  FROM publisher.versions
  JOIN publisher.items i USING (item_id)
 WHERE state = 'draft'
   AND i.kind IS DISTINCT FROM 'record'
"""


@dataclass
class City:
    """A publisher with items in every state: released, corrected, withdrawn, and one that waits at the desk."""

    publisher: object
    owner: asyncpg.Connection
    released: str
    corrected: str
    withdrawn: str
    waiting: str

    async def tamper(self, statement, *arguments):
        """Write past every trigger and key, as only the database's owner can."""
        await self.owner.execute("SET session_replication_role = replica")
        assert (await self.owner.execute(statement, *arguments)).endswith(" 1")

    async def correct(self):
        """Correct a second item, in Kafka and at the desk."""
        await self.publisher.produce(figure(1, 43, version=2, was=41))
        await wait_until("both drafts", lambda: self.owner.fetchval(DRAFTS, 2))
        await self.publisher.release_all()

    async def differences(self, options=SOON):
        served = await channels.find_differences(
            self.publisher.database, self.publisher.url, self.publisher.settings.zone, options
        )
        return served.found

    async def differences_of(self, item_id):
        """What differs of an item, without its number."""
        return [what.removeprefix(f"{item_id}: ") for what in await self.differences() if what.startswith(item_id)]

    async def comparison(self, client):
        return Comparison(self.publisher.database, client, self.publisher.settings.zone)


@pytest.fixture
async def city(released):
    """A city of one test, which changes it."""
    async with build_city(released) as city:
        yield city


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def unchanged(engines, template, tmp_path_factory):
    """The same, one for all tests that only read of it."""
    home = tmp_path_factory.mktemp("channels")
    async with run_month(engines, template, home) as month, build_city(month) as city:
        yield city


@asynccontextmanager
async def build_city(released):
    owner = await asyncpg.connect(released.settings.database_url.get_secret_value())
    by_name = {item["operator"]["name"]: item["item_id"] for item in await released.items()}
    records = "SELECT count(*) = $1 FROM publisher.items WHERE kind = 'record'"
    await released.produce(figure(0, 66, version=2, was=64))
    await wait_until("the draft of the correction", lambda: owner.fetchval(DRAFTS, 1))
    await released.produce(complaint(1), complaint(2))
    await wait_until("three drafts", lambda: owner.fetchval(DRAFTS, 3))
    await wait_until("the records of two complaints", lambda: owner.fetchval(records, 2))
    await released.release_all()
    recalled, _kept = [item["item_id"] for item in await released.items("major")]
    await released.produce(ruling(recalled, "withdrawn").model_copy(update={"public_reason": "主体对应错误。"}), complaint(3))
    await wait_until("the recall", lambda: owner.fetchval("SELECT true FROM publisher.public_items WHERE state = 'withdrawn'"))
    waiting = await wait_until(
        "a draft",
        lambda: owner.fetchval(
            "SELECT item_id FROM publisher.versions JOIN publisher.items i USING (item_id)"
            " WHERE state = 'draft' AND i.kind IS DISTINCT FROM 'record'"
        ),
    )
    await wait_until("the record of the third", lambda: owner.fetchval(records, 3))
    async with released.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen("hall", "政务服务中心", None))
        await screens.register_screen(uow.connection, Screen("far", "远郊", "990103"))
        tenants = Screen("tenants", "云湖天地购物中心", None, boards=["basic"], operators=[uscc(0), uscc(2)])
        await screens.register_screen(uow.connection, tenants)
    yield City(released, owner, by_name[NAMES[1]], by_name[NAMES[0]], recalled, waiting)
    await owner.close()


async def test_nothing_differs_where_all_is_well_and_what_was_compared_is_listed(unchanged):
    url, zone = unchanged.publisher.url, unchanged.publisher.settings.zone

    some = await channels.find_differences(unchanged.publisher.database, url, zone, SOON)
    every = await channels.find_differences(unchanged.publisher.database, url, zone, ProbeOptions(sample=None, patience_s=0.1))

    assert (some.found, every.found) == ([], [])
    assert every.compared == [
        "12 feeds", "4 items listed", "3 of 3 operators", "0 operators without public items",
        "5 of 5 permanent addresses", "4 unreleased items", "18 pages", "4 of 4 screens",
    ]  # fmt: skip


async def test_a_sample_takes_the_same_items_each_time_and_all_that_changed_last(unchanged):
    async with PublisherClient(unchanged.publisher.url) as client:
        comparison = await unchanged.comparison(client)
        probes = [await permalinks.probes(comparison, 1) for _ in range(2)]

    first, second = ({probe.args[1] for probe in released} for released, _unreleased, _held in probes)
    assert first == second
    assert len(first - {unchanged.withdrawn}) <= 2
    assert unchanged.withdrawn in first


async def test_an_edited_public_form_is_found_in_every_channel(city):
    await city.tamper(
        "UPDATE publisher.public_items SET body = jsonb_set(body, '{operator,name}', '\"x\"') WHERE item_id = $1", city.released
    )

    found = "\n".join(await city.differences_of(city.released))

    for channel in ("/api/items?board=basic", "/api/items?since=0", f"/api/items/{city.released}", "/feeds/basic.atom (en)"):
        assert channel in found
    assert f"/items/{city.released} lacks the operator of v1 (zh)" in found


async def test_a_missing_row_is_found_in_every_channel(city):
    await city.tamper("DELETE FROM publisher.public_items WHERE item_id = $1", city.corrected)

    found = await city.differences_of(city.corrected)

    assert "/api/items?board=basic lacks v2 corrected, release 4" in found
    assert "/api/items?since=0 lacks v2 corrected, release 4" in found
    assert f"/api/items/{city.corrected} answers 404, not 200" in found
    assert f"/items/{city.corrected} answers 404, not 200 (en)" in found
    assert "/feeds/basic.atom (zh) lacks v2 corrected" in found
    assert "/boards/basic (zh) lacks it" in found
    assert "/items (en) lacks it" in found
    assert "/screens/mall lacks v2" in found
    assert "/screens/mall, cards lacks v2" in found


async def test_a_recalled_item_that_comes_back_is_found_in_every_channel(city):
    await city.tamper(
        "UPDATE publisher.public_items p SET state = 'released', body = r.body FROM publisher.releases r"
        " WHERE r.item_id = p.item_id AND r.version = 1 AND p.item_id = $1",
        city.withdrawn,
    )

    found = await city.differences_of(city.withdrawn)

    assert any(what.startswith("/api/items?board=major has v1 released") for what in found)
    assert any(what.startswith("/api/items?since=0 differs from release") for what in found)
    assert f"/items/{city.withdrawn} answers 200, not 410 (zh)" in found
    assert any(what.startswith("/feeds/major.atom (zh) tells released of ") for what in found)
    assert "/boards/major (en) has it, and should not" in found
    assert "/ (zh) has it, and should not" in found
    assert "/screens/hall, cards shows v1, and should not" in found


async def test_an_unreleased_item_is_found_wherever_it_leaks(city):
    await city.tamper(
        "INSERT INTO publisher.public_items (item_id, release_seq, board, state, operator_key, operator_name, region, industry,"
        " period, expires_on, words, body) SELECT $1, 999, board, state, operator_key, operator_name, region, industry, period,"
        " expires_on, words, jsonb_set(body, '{item_id}', to_jsonb($1::text)) FROM publisher.public_items WHERE item_id = $2",
        city.waiting,
        city.released,
    )

    found = await city.differences_of(city.waiting)

    assert "/api/items?board=basic has v1 released as release 999, which is not its newest" in found
    assert f"/api/items/{city.waiting} answers 200, not 404" in found
    assert f"/items/{city.waiting} answers 200, not 404 (zh)" in found
    assert "/feeds/basic.atom (en) has it, and should not" in found
    assert "/screens/mall shows v1, and should not" in found
    assert any("/api/operators/" in what for what in await city.differences())


async def test_a_stale_page_is_found(city):
    path = f"/items/{city.released}"
    old = await city.publisher.public.get(path, headers={**HTML, "accept-language": "zh"})
    await city.correct()
    assert await city.differences() == []

    page_cache = city.publisher.app.state.page_cache
    page_cache.put((path, "", "zh", USUAL), page_cache.state(), Response(old.content))

    assert await city.differences_of(city.released) == [f"{path} shows other versions than v2 and those before it (zh)"]


async def test_a_withdrawn_items_page_with_content_or_without_reason_is_found(city):
    path, page_cache = f"/items/{city.withdrawn}", city.publisher.app.state.page_cache
    kept = (path, "", "en", USUAL)
    await city.publisher.public.get(path, headers={**HTML, "accept-language": "en"})

    page_cache.put(kept, page_cache.state(), Response(f"W03 主体对应错误 {NAMES[0]}", 410))
    too_much = await city.differences_of(city.withdrawn)
    page_cache.put(kept, page_cache.state(), Response("W03", 410))
    too_little = await city.differences_of(city.withdrawn)

    assert too_much == [f"{path} still tells the operator (en)"]
    assert too_little == [f"{path} does not tell why it was withdrawn (en)"]


async def test_a_stale_feed_is_found(city):
    old = await city.publisher.public.get("/feeds/basic.atom")
    await city.correct()
    assert await city.differences() == []
    newest = await city.publisher.public.get("/feeds/basic.atom")

    city.publisher.app.state.feed_cache.put("/feeds/basic.atom", "zh", newest.headers["etag"], old.content)

    assert await city.differences() == ["/feeds/basic.atom (zh): the entries are not in the order of releases"]


async def test_an_item_that_its_operator_lacks_is_found(city):
    await city.tamper("UPDATE publisher.public_items SET period = '2020-01' WHERE item_id = $1", city.released)
    await city.tamper("UPDATE publisher.public_items SET board = 'other' WHERE item_id = $1", city.released)

    found = await city.differences()

    assert any("/api/operators/" in what and what.endswith("differs from what was released in figures") for what in found)


async def test_a_stream_that_loses_a_release_is_found(unchanged):
    class Forgetful(PublisherClient):
        async def events(self, path, last, **query):
            return [event for event in await super().events(path, last, **query) if event.id != 2]

    async with Forgetful(unchanged.publisher.url) as client, PublisherClient(unchanged.publisher.url) as right:
        probes, _ = await screen_probes.probes(await unchanged.comparison(client), every=False)
        others, _ = await screen_probes.probes(await unchanged.comparison(right), every=False)
        found = [what for probe in probes for what in await probe()]
        right_found = [what for probe in others for what in await probe()]

    assert sorted(what.partition(": ")[2] for what in found) == [
        "/screens/far/events tells nothing of release 2",
        "/screens/hall/events tells nothing of release 2",
        "/screens/mall/events tells nothing of release 2",
        "/screens/tenants/events tells nothing of release 2",
    ]
    assert right_found == []


async def test_a_release_during_the_comparison_is_no_difference(city):
    publishing = []

    def progress(title, _total):
        if title == "Pages":
            publishing.append(asyncio.ensure_future(city.correct()))
        return lambda _: None

    found = await city.differences(ProbeOptions(progress=progress))

    await asyncio.gather(*publishing)
    assert len(publishing) == 1
    assert found == []


async def test_lists_of_several_pages_are_walked_to_their_end(publisher, monkeypatch):
    monkeypatch.setattr("services.publisher.verification.listing.MAX_LIMIT", 7)
    await publisher.produce(*(figure(i, 3 + i) for i in range(45)), month_closed(45, sum(3 + i for i in range(45))))
    async with publisher.person("zhou") as reviewer:
        await wait_until("all drafts", lambda: publisher.fetch_containing(reviewer, "/desk", "45</span>"))
    await publisher.release_all()
    options = ProbeOptions(patience_s=0.1)
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    well = await channels.find_differences(publisher.database, publisher.url, publisher.settings.zone, options)

    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM publisher.public_items WHERE release_seq BETWEEN 10 AND 30")
    await owner.close()
    ill = await channels.find_differences(publisher.database, publisher.url, publisher.settings.zone, options)

    assert well.found == []
    lacked = [what for what in ill.found if "/api/items?board=basic lacks" in what]
    assert lacked[0].startswith("GS-2026-000030")
    assert len(lacked) >= 7
    assert any(what.startswith("/api/items?board=basic: differs further on") for what in ill.found)


async def gongshi(publisher, *arguments, standard_error=None, **more):
    """Run the command as if no supervisor ran; return its exit code, standard output and standard error."""
    settings = publisher.settings
    variables = commands.environment_of(settings) | {"GONGSHI_PUBLISHER_PORT": str(settings.publisher_port)} | more
    code, output, messages = await commands.gongshi(variables, *arguments, standard_error=standard_error)
    return code, output.splitlines(), without_progress(messages).splitlines()


async def test_the_command_finds_the_publisher_and_prints_what_it_compared(unchanged):
    code, lines, messages = await gongshi(unchanged.publisher, "verify", "publications")

    assert (code, messages) == (0, [])
    assert lines[0].startswith("record and topic: 7 releases compared")
    assert lines[1].startswith(f"channels at {unchanged.publisher.url}: 12 feeds, 4 items listed, ")
    assert lines[-1] == "publications: 0 differences"


async def test_the_command_lists_what_differs_and_ends_with_one(city):
    await city.tamper("DELETE FROM publisher.public_items WHERE item_id = $1", city.released)

    code, lines, messages = await gongshi(city.publisher, "verify", "all")

    assert code == 1
    assert lines[-1] == f"publications: {len(messages)} differences"
    assert f"{city.released}: what is shown is not the newest release" in messages
    assert f"{city.released}: /boards/basic (zh) lacks it" in messages


async def test_a_publisher_that_does_not_run_is_reported_and_no_difference(month):
    code, lines, messages = await gongshi(month, "verify", "publications", GONGSHI_PUBLISHER_PORT="9")

    assert code == 0
    assert lines[1:] == ["channels: not compared", "publications: 0 differences"]
    assert messages[0].startswith(f"No publisher answers at {ELSEWHERE}: lists, pages")


async def test_another_program_at_the_address_is_no_publisher(month):
    async with httpx2.AsyncClient(timeout=60) as client:
        assert (await client.get(f"{month.url}/corrections/api/items")).status_code == 404
    assert not await channels.is_publisher(f"{month.url}/corrections")
    assert await channels.is_publisher(month.url)


@pytest.mark.parametrize("named", [True, False], ids=["named by --publisher", "run by a supervisor here"])
async def test_a_publisher_that_should_run_and_does_not_is_a_difference(month, named, tmp_path):
    if not named:
        services = {"publisher": RunningService(url=ELSEWHERE, pid=1)}
        runtime.write(tmp_path, Runtime(pid=os.getpid(), kafka_bootstrap_servers="", database_url="", services=services))

    options = ["--publisher", ELSEWHERE] if named else []
    code, lines, messages = await gongshi(month, "verify", "publications", *options, GONGSHI_HOME=str(tmp_path))

    assert (code, lines[-1]) == (1, "publications: 1 differences")
    assert messages == [f"No publisher answers at {ELSEWHERE}: lists, pages, feeds, operators and screens were not compared."]


async def test_a_terminal_sees_progress_and_standard_output_does_not(month):
    terminal, inside = pty.openpty()
    reading = asyncio.create_task(asyncio.to_thread(everything, terminal))

    code, lines, _ = await gongshi(month, "verify", "publications", standard_error=inside)

    os.close(inside)
    shown = await reading
    assert code == 0
    assert "Permanent addresses" in shown
    assert [line.partition(":")[0] for line in lines] == ["record and topic", "channels at http", "publications"]


def everything(terminal):
    """What was written to a terminal whose writers are gone."""
    shown = b""
    try:
        while some := os.read(terminal, 65_536):
            shown += some
    except OSError:  # what Linux says at the end
        pass
    os.close(terminal)
    return shown.decode(errors="replace")
