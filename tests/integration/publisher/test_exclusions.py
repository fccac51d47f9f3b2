"""What became of what was decided: published + excluded + pending = decided, for each day and office, whatever happens."""

from __future__ import annotations

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.publisher import batches, declining
from services.publisher.releasing import SeenVersion
from services.publisher.store import exclusions
from shared.clock import local_day, now
from shared.contracts import Outcome, Status
from tests.integration.probes import wait_until
from tests.integration.publisher.events import operator, ruling
from tests.integration.publisher.test_records import act, handled, hear, look_at_all, publish, the_batch

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
OFFICES = ("990102000", "990103000")


async def fates(desk):
    """The table by (day, office), and the grounds; the identity holds in every row."""
    async with desk.database.snapshot() as connection:
        rows = await exclusions.count_by_office_and_day(connection, "basic", "record", FIRST, LAST)
        grounds = await exclusions.count_by_ground(connection, "basic", "record", FIRST, LAST)
    assert all(row.published + row.excluded + row.pending == row.decided for row in rows)
    assert sum(row.excluded for row in rows) == sum(each.complaints for each in grounds)
    table = {(row.day, row.office): (row.decided, row.published, row.excluded, row.pending) for row in rows}
    return table, {each.ground: each.complaints for each in grounds}


async def test_the_identity_holds_at_every_step_by_day_and_office(desk):
    days = (date(2026, 9, 7), date(2026, 9, 8))
    complaints = [handled(n, office=OFFICES[n % 2], closed_on=days[n // 2 % 2]) for n in range(8)]
    await desk.apply(*complaints)
    waiting, _grounds = await fates(desk)
    assert waiting == {(day, office): (2, 0, 0, 2) for day in days for office in OFFICES}

    published = await publish(desk, *complaints)
    assert len(published) == 8
    await hear(
        desk,
        handled(8, outcome=Outcome.TRANSFERRED, office=OFFICES[0], closed_on=days[0]),
        handled(9, operator=operator(0).model_copy(update={"key": "N-1", "uscc": None}), office=OFFICES[0], closed_on=days[0]),
        handled(10, office=OFFICES[0], closed_on=days[0]),
        handled(11, status=Status.MEDIATING, outcome=None, closed_on=None),
        handled(12, kind="tip_off"),
        handled(13, duplicate_of=complaints[0].complaint_id),
        handled(0, 2, status=Status.MEDIATING, outcome=None, closed_on=None, office=OFFICES[0]),
    )
    (seen,) = [
        SeenVersion(row["item_id"], row["digest"].hex()) for row in await desk.open_versions() if row["purpose"] == "publish"
    ]
    await desk.decline(seen, "N09")
    await desk.apply(ruling(published[1].item_id, "withdrawn"))

    table, grounds = await fates(desk)

    decided = Counter((each.closed_on, each.office) for each in complaints[1:])
    decided[days[0], OFFICES[0]] += 3
    assert {place: row[0] for place, row in table.items()} == dict(decided)
    assert table[days[0], OFFICES[0]] == (4, 1, 2, 1)
    assert sum(row[2] for row in table.values()) == 3
    assert grounds == {"N09": 1, "W03": 1, "result": 1}


async def test_a_proposal_or_a_return_leaves_it_pending(desk):
    await hear(desk, handled(1), handled(2))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    seen = await look_at_all(desk, batch)

    await act(desk, declining.propose, "zhou", seen[0], "N09", "恶意投诉")

    table, grounds = await fates(desk)
    assert list(table.values()) == [(2, 0, 0, 2)]
    assert grounds == {}


async def test_the_page_and_the_interface_say_the_same(publisher):
    today = local_day(now(), ZoneInfo("Asia/Shanghai"))
    await publisher.produce(*(handled(n, closed_on=today, office="990102000") for n in range(3)))

    async def count():
        days = (await publisher.json("/api/exclusions"))["kinds"]["record"]["days"]
        return days if days and days[0]["decided"] == 3 else []

    (row,) = await wait_until("three handled complaints", count)
    page = await publisher.public.get("/withheld", headers={"accept": "text/html"})

    assert row == {"day": today.isoformat(), "office": "990102000", "decided": 3, "published": 0, "excluded": 0, "pending": 3}
    assert "市场监督管理局" in page.text
    assert "/api/exclusions" in page.text
    assert (await publisher.public.get("/api/exclusions?first=2020-01-01&last=2026-01-01")).status_code == 422
