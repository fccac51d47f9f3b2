"""The file of 双公示: what is released, corrected and withdrawn is in it until the target says that it has taken it in."""

from __future__ import annotations

import io
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from python_calamine import CalamineWorkbook

from services.publisher import desk_drafts, releasing
from services.publisher.channels.credit import HEADINGS
from services.publisher.delivering import administration
from services.publisher.store import deliveries, recalls
from services.publisher.web import targets as target_routes
from tests.integration.publisher.receivers import add_target
from tests.integration.publisher.test_desk_drafts import PENALTY, REASON, form_of, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILE = "/api/targets/credit/file"
# What a double holds no more of: eighteen digits, and a sixth decimal behind twelve of them.
DIGITS, AMOUNT = "123456789012345678", "123456789012.000001"
# Fields of 双公示 about persons.
PERSONAL = ("法定代表人", "证件类型", "证件号码", "身份证号")


@pytest.fixture
async def credit(desk):
    """A client with the key of a target that takes files."""
    credentials = await add_target(desk.database, desk.bureau.lease_key, "", "credit", channel="credit_file")
    app = FastAPI()
    app.include_router(target_routes.router)
    app.state.database = desk.database
    headers = {"authorization": f"Bearer {credentials.key}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://publisher", headers=headers) as client:
        yield client


async def fetch(desk, credit):
    """Enqueue what is released, and fetch the file; return its number and its rows by heading."""
    async with desk.database.unit_of_work() as uow:
        await deliveries.enqueue(uow.connection, "credit", uow.now, 100)
    answer = await credit.get(FILE)
    assert answer.status_code == 200, answer.text
    headings, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert answer.headers["content-disposition"] == f'attachment; filename="credit-{answer.headers["x-release-seq"]}.xlsx"'
    return answer.headers["x-release-seq"], [dict(zip(headings, row, strict=True)) for row in rows]


async def take(credit, number):
    return (await credit.post(f"{FILE}/{number}/taken")).json()["acknowledged"]


async def unacknowledged(desk):
    async with desk.database.snapshot() as connection:
        return (await recalls.count_unacknowledged(connection, desk.database.clock() - timedelta(minutes=20))).targets


async def test_a_penalty_is_in_the_file_until_it_is_taken_and_so_are_its_correction_and_its_recall(desk, credit):
    first = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number=DIGITS, fine=AMOUNT[6:]))
    other = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number="=1+1"))
    await desk.review_and_release("penalties")

    number, rows = await fetch(desk, credit)
    again, same = await fetch(desk, credit)

    assert (number, rows) == (again, same)
    assert list(rows[0]) == ["操作", *HEADINGS.values()]
    assert not [heading for heading in rows[0] if any(word in heading for word in PERSONAL)]
    by_id = {row["备注"]: row for row in rows}
    assert by_id.keys() == {first, other}
    assert (by_id[first]["操作"], by_id[first]["行政处罚决定书文号"]) == ("新增", DIGITS)
    assert (by_id[first]["罚款金额（万元）"], by_id[other]["行政处罚决定书文号"]) == (AMOUNT[6:], "=1+1")

    assert (await take(credit, number), await take(credit, number)) == (2, 0)
    assert (await credit.get(FILE)).status_code == 204

    await write(desk, desk_drafts.correct, first, 1, PENALTY, form_of(PENALTY, document_number=DIGITS, fine="2"), REASON)
    await desk.review_and_release("penalties")
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", other, 1, "W01", "不应公示")
    await desk.release(await desk.seen("penalties"))
    number, (removed, changed) = await fetch(desk, credit)

    assert (changed["操作"], changed["备注"], changed["罚款金额（万元）"]) == ("变更", first, "2.000000")
    assert {heading: cell for heading, cell in removed.items() if cell} == {"操作": "撤销", "备注": other}
    assert await unacknowledged(desk) == 2
    assert await take(credit, int(number) - 1) == 1
    assert (await unacknowledged(desk), await take(credit, number), await unacknowledged(desk)) == (1, 1, 0)


async def test_the_file_is_for_its_target_while_staff_have_not_paused_it(desk, credit):
    stranger = await credit.get(FILE, headers={"authorization": "Bearer another"})
    taken = await credit.post(f"{FILE}/1/taken", headers={"authorization": "Bearer another"})
    async with desk.database.unit_of_work() as uow:
        await administration.pause(uow, "ops", "credit")
    paused = await credit.get(FILE)

    assert (stranger.status_code, taken.status_code) == (401, 401)
    assert (paused.status_code, paused.json()["code"]) == (409, "target_paused")
