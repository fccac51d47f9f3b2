"""`gongshi positions reset stats gongshi.complaints` applies what the topic holds again: what is missing is filled in, nothing counts twice."""

from __future__ import annotations

from deploy.cli.positions import _reset
from services.stats.verification import find_differences
from shared.contracts.complaints import COMPLAINTS
from tests.integration.probes import wait_until
from tests.integration.stats.test_api import produce, wait_for_count
from tests.unit.stats.complaints import OPERATORS, facts

FORGET_DAYS = "UPDATE stats.contributions SET accepted_on = NULL, closed_on = NULL"
ALL_DAYS = "SELECT count(*) FROM stats.contributions WHERE accepted_on IS NOT NULL AND closed_on IS NOT NULL"


async def test_contributions_stored_without_days_get_them_when_the_position_is_reset(settings, service):
    database = service.app.state.database
    await produce(settings, *(facts(number) for number in range(1, 31)), facts(1, 2, amount="5.00"))
    before = await wait_for_count(service, f"/stats/operators/{OPERATORS[0]}?period=2026-10", 30)
    await database.pool.execute(FORGET_DAYS)

    await _reset(settings, "stats", COMPLAINTS, None, None)

    async def has_all_days():
        return await database.pool.fetchval(ALL_DAYS) == 30

    await wait_until("every contribution has its days", has_all_days)
    after = await wait_for_count(service, f"/stats/operators/{OPERATORS[0]}?period=2026-10", 30)
    assert after["figures"] == before["figures"]
    assert (await find_differences(database)).differences == []
