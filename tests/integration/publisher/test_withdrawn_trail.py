"""What stays of a withdrawn item: number, day and reason; nothing of it leads to the operator, or says what it said."""

from __future__ import annotations

import io
import re
from itertools import product
from urllib.parse import quote, unquote

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from services.publisher.verification import channels, invariants
from services.publisher.verification.channels import ProbeOptions
from shared.contracts import Board
from tests.hostile import ACCEPTS, fill_path, query_names, service_routes
from tests.integration.probes import wait_until
from tests.integration.publisher.events import NAMES, complaint, figure, ruling, uscc
from tests.integration.publisher.running_publisher import HTML
from tests.route_roles import roles_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The third operator of the released month has this item only, the first one a major item beside its month.
LONE, OTHER = 2, 0


async def withdraw(released, item, number=1, **changes):
    """Withdraw an item by a ruling and wait until it is gone."""
    await released.produce(ruling(item["item_id"], "withdrawn", number).model_copy(update=changes))

    async def is_gone():
        return (await released.public.get(f"/api/items/{item['item_id']}")).status_code == 410

    await wait_until("the withdrawal", is_gone)


async def item_of(released, place, board="basic"):
    return next(item for item in await released.items(board) if item["operator"]["uscc"] == uscc(place))


# Each place that leads to an item, or to whom it is about, while it is public: the walk finds it there, so it would find it again.
LEADING = {
    "/items", "/items/{item_id}", "/boards/{board}", "/search", "/operators/{code}", "/industries/{code}", "/feeds/{board}.atom", "/feeds/{kind}/{code}.atom", "/open-data/{name}", "/notices/{region}.pdf",
    "/embed/operators/{code}", "/embed/boards/{board}", "/screens/{screen_id}", "/screens/{screen_id}/events",
    "/api/items", "/api/items/{item_id}", "/api/operators/{uscc}", "/api/search", "/api/delta",
}  # fmt: skip


class Trail:
    """Every route of the publisher that asks for no session, by each value that may lead to an item: what tells of it."""

    def __init__(self, released, item):
        self._released = released
        name, code, boards = item["operator"]["name"], item["operator"]["uscc"], [board.value for board in Board]
        self._values = {
            "item_id": [item["item_id"]], "code": [code, "990102", item["content"]["industry"]], "uscc": [code], "board": boards,
            "kind": ["operators", "regions", "industries"], "region": ["all", "990102"], "screen_id": ["mall"],
            "name": ["items.csv", "items.jsonl", "items.xlsx", "figures.csv", "figures.jsonl", "figures.xlsx"],
        }  # fmt: skip
        # A screen tells the distinctive part of a name; a page of a search says what was asked for, which is less.
        self._telling = (name[2:6], code)
        words = [quote(name[2:5]), code[:12]]
        pages = [f"/operators/{code}", f"/items/{item['item_id']}", "/boards/basic"]
        self._queries = {
            "q": words, "url": [quote(released.url + page) for page in pages], "month": ["2026-09"], "region": ["990102"],
            "industry": [item["content"]["industry"]], "kind": ["operator_month"], "since": ["0"], "after": ["0"], "cursor": ["0"],
            "subject": [f"operators/{code}", "regions/990102"], "window": ["year"],
        }  # fmt: skip

    async def follow(self):
        """Return the routes whose answers tell the operator's name or code."""
        await self._released.app.state.snapshots.renew(self._released.database)
        return {path for path, target in self._targets() if await self._tells(target)}

    def _targets(self):
        for route in service_routes(self._released.app):
            if "GET" not in route.methods or roles_of(route) is not None:
                continue
            named = {name: self._values.get(name, ["x"]) for name in route.param_convertors}
            queries = [f"?{name}={value}" for name in query_names(route.dependant) for value in self._queries.get(name, [])]
            paths = [fill_path(route, dict(zip(named, values, strict=True))) for values in product(*named.values())]
            yield from ((route.path, path) for path in paths)
            yield from ((route.path, paths[0] + query) for query in queries)

    async def _tells(self, target):
        # With a query the page alone: its JSON is a route of its own.
        for accept in ACCEPTS[1:] if "?" in target else ACCEPTS:
            answer = await self._released.public.get(target, headers={"accept": accept})
            assert answer.status_code < 500, (target, answer.text)
            text = unquote(text_of(answer)).replace("<wbr>", "")
            # What was asked for is no answer.
            if any(telling in text for telling in self._telling if telling not in unquote(target)):
                return True
        return False


def text_of(answer):
    """What can be read in an answer, of documents and workbooks too."""
    kind = answer.headers.get("content-type", "")
    if kind == "application/pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    if "spreadsheet" in kind:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0)
        return str(sheet.to_python())
    return answer.text


async def test_of_an_operator_of_whom_everything_was_withdrawn_no_route_tells_anything(released):
    item = await item_of(released, LONE)
    trail, code = Trail(released, item), item["operator"]["uscc"]
    before = await trail.follow()

    await withdraw(released, item)

    assert before >= LEADING
    assert await trail.follow() == set()
    for path in (f"/operators/{code}", f"/api/operators/{code}"):
        assert (await released.public.get(path, headers=HTML)).status_code == 404, path


async def test_the_record_keeps_number_day_and_reason(released):
    item = await item_of(released, LONE)
    name, code = item["operator"]["name"], item["operator"]["uscc"]

    await withdraw(released, item, public_reason=f"该投诉不属于{name}（{code}）")

    page = await released.public.get(f"/items/{item['item_id']}", headers=HTML)
    gone = await released.public.get(f"/api/items/{item['item_id']}")
    assert (page.status_code, gone.status_code) == (410, 410)
    for text in (page.text, gone.text):
        assert item["item_id"] in text
        assert "W03" in text
        assert "该投诉不属于该经营者" in text
        assert name not in text.replace("<wbr>", "")
        assert code not in text
    assert gone.json()["released_at"]
    assert item["item_id"] in (await released.public.get("/changes", headers=HTML)).text


async def test_no_version_of_a_withdrawn_item_says_what_it_said(released):
    item = await item_of(released, OTHER)
    await released.produce(figure(OTHER, 66, version=2, was=64))
    await released.release_all()

    await withdraw(released, item)

    gone = await released.gone(f"/api/items/{item['item_id']}")
    newest, corrected, first = gone["versions"]
    assert (newest["state"], corrected["state"], first["state"]) == ("withdrawn", "corrected", "released")
    assert corrected["changes"] == first["changes"] == []
    assert (corrected["reason_code"], corrected["reason"]) == (None, None)
    changes = (await released.public.get("/changes", headers=HTML)).text
    assert "64" not in re.sub(r"/static/\w+/", "", changes)


async def test_an_operator_with_other_items_keeps_its_page_without_the_withdrawn_one(released):
    month = await item_of(released, OTHER)
    await released.produce(complaint(1))
    await released.release_all()
    major = await item_of(released, OTHER, "major")

    await withdraw(released, major)

    answer = await released.json(f"/api/operators/{uscc(OTHER)}")
    assert [item["item_id"] for item in answer["items"]] == [month["item_id"]]
    page = (await released.public.get(f"/operators/{uscc(OTHER)}", headers=HTML)).text
    assert major["item_id"] not in page


async def test_a_screen_that_reconnects_receives_nothing_of_what_was_withdrawn(released):
    item = await item_of(released, LONE)
    await withdraw(released, item)

    async with released.database.snapshot() as connection:
        seqs = await connection.fetch("SELECT release_seq FROM publisher.releases WHERE item_id = $1", item["item_id"])
    stream = released.public.stream("GET", "/screens/mall/events?after=0")
    received = []
    async with stream as response:
        async for line in response.aiter_lines():
            received.append(line)
            if line == f"id: {max(row['release_seq'] for row in seqs)}":
                break

    assert NAMES[LONE] not in "\n".join(received)
    assert f"id: {min(row['release_seq'] for row in seqs)}" not in received


async def test_the_verification_holds_with_withdrawn_items_and_finds_an_operator_that_came_back(released):
    item = await item_of(released, LONE)
    await withdraw(released, item)
    options = ProbeOptions(patience_s=0.1)
    well = await channels.find_differences(released.database, released.url, released.settings.zone, options)
    assert await invariants.find_differences(released.database) == []

    async with released.database.unit_of_work() as uow:
        await uow.connection.execute(
            "INSERT INTO publisher.public_operators (key, name, uscc) VALUES ($1, $2, $1)", uscc(LONE), NAMES[LONE]
        )

    assert well.found == []
    assert "1 operators without public items" in well.compared
    assert any(uscc(LONE) in what for what in await invariants.find_differences(released.database))
