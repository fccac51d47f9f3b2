"""Figures over periods, special periods, spans and windows: compared, by step of time, and by what lies below."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from services.stats.domain.figures import ZERO_MEASURES
from services.stats.domain.measures import compute_measures
from services.stats.domain.periods import day_range, single_days
from services.stats.store.sums_of_days import Grouping, fetch_grouped_sums, fetch_sums
from shared.clock import local_day
from shared.contracts import SubjectKind
from shared.stream import Database
from tests.integration.stats.test_api import produce, wait_for_count
from tests.unit.stats.complaints import OPERATORS, facts


def of(rows, kind):
    return next(each for each in rows if each["kind"] == kind)


async def test_a_special_period_is_compared_with_its_own_days_of_the_year_before(settings, service):
    await produce(
        settings,
        facts(1, received_on=date(2025, 10, 8)),
        facts(2, received_on=date(2026, 10, 7)),
        facts(3, received_on=date(2026, 10, 8)),
        facts(4, received_on=date(2026, 9, 30)),
    )
    await wait_for_count(service, "/stats/all?from=2025-01-01&to=2026-12-31", 4)

    answer = (await service.get("/stats/regions/000000?special=国庆&period=2026")).json()

    assert (answer["first_day"], answer["last_day"], answer["period"]) == ("2026-10-01", "2026-10-07", "2026-国庆")
    assert answer["figures"]["complaints"] == 1
    year = of(answer["comparisons"], "year_before")
    assert (year["first_day"], year["last_day"], year["rule"]) == ("2025-10-01", "2025-10-08", "daily_average")
    assert year["changes"]["complaints"] == pytest.approx(8 / 7 - 1, abs=1e-4)
    before = of(answer["comparisons"], "period_before")
    assert (before["first_day"], before["last_day"], before["rule"]) == ("2026-09-24", "2026-09-30", "equal_days")


@pytest.mark.parametrize(
    "query",
    ["special=国庆", "special=none&period=2026", "special=国庆&period=1999", "from=2026-10-02&to=2026-10-01", "from=2026-10-01",
     "window=7d&from=2026-10-01&to=2026-10-02", "period=2026-10&to=2026-10-02", "from=1980-01-01&to=1980-02-01"],
)  # fmt: skip
async def test_days_that_are_named_twice_or_not_are_a_conflict(empty_service, query):
    assert (await empty_service.get(f"/stats/all?{query}")).status_code == 409


async def test_windows_move_with_the_day_though_nothing_arrives(settings, service):
    today = local_day(datetime.now(UTC), settings.zone)
    await produce(settings, facts(1, received_on=today - timedelta(days=6)), facts(2, received_on=today - timedelta(days=29)))
    await wait_for_count(service, "/stats/all?window=7d", 1)
    await wait_for_count(service, "/stats/all?window=30d", 2)

    state = service.app.state
    state.database = Database(state.database.pool, lambda: datetime.now(UTC) + timedelta(days=1), "/gongshi/stats")
    week, month = [(await service.get(f"/stats/all?window={window}")).json() for window in ("7d", "30d")]

    assert (week["figures"]["complaints"], month["figures"]["complaints"]) == (0, 1)
    assert of(week["comparisons"], "period_before")["figures"]["complaints"] == 1


async def test_parts_and_what_lies_in_none_of_them_add_up_level_by_level(settings, service):
    regions = ["990102", "990103001", "990103", "990100", "110101", "CA", None]
    await produce(settings, *(facts(number, region=region) for number, region in enumerate(regions)))
    await wait_for_count(service, "/stats/all?period=2026", len(regions))

    async def parts(code):
        answer = (await service.get(f"/stats/regions/{code}?period=2026&parts=true")).json()
        counts = {part["code"]: part["figures"]["complaints"] for part in answer["parts"]}
        assert sum(counts.values()) == answer["figures"]["complaints"]
        return counts

    assert await parts("000000") == {"110000": 1, "990000": 4, None: 2}
    assert await parts("990000") == {"990100": 4}
    assert await parts("990100") == {"990102": 1, "990103": 2, None: 1}
    assert await parts("990103") == {"990103001": 1, None: 1}


async def test_an_industry_of_any_level_counts_its_classes(settings, service):
    await produce(settings, facts(1, industry="F5273"), facts(2, industry="F5211"), facts(3, industry="H6210"))
    await wait_for_count(service, "/stats/all?period=2026", 3)

    answer = (await service.get("/stats/industries/F?period=2026&parts=true")).json()

    assert answer["figures"]["complaints"] == 2
    assert {part["code"]: part["figures"]["complaints"] for part in answer["parts"]} == {"F52": 2}


async def test_series_csv_and_entity_tags(settings, service):
    await produce(settings, facts(1, received_on=date(2026, 9, 30)), facts(2), facts(3, received_on=date(2026, 10, 31)))
    await wait_for_count(service, "/stats/all?period=2026", 3)

    address = f"/stats/operators/{OPERATORS[0]}?from=2026-09-15&to=2026-10-20&by=month"
    steps = (await service.get(address)).json()["series"]
    table = await service.get(f"{address}&format=csv")
    again = await service.get(f"{address}&format=csv", headers={"If-None-Match": table.headers["etag"]})

    assert {step["step"]: step["figures"]["complaints"] for step in steps} == {"2026-09": 1, "2026-10": 1}
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [(row["row"], row["days"], row["complaints"]) for row in rows] == [
        ("whole", "2026-09-15/2026-10-20", "2"), ("step", "2026-09", "1"), ("step", "2026-10", "1"),
    ]  # fmt: skip
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")


async def test_each_restatement_says_what_was_what_is_why_and_when(service):
    await service.app.state.database.pool.execute(
        """
        INSERT INTO stats.restatements (subject_kind, subject, period, version, before, after, ruling_ids, notices, restated_at)
        SELECT 'region', '990102', '2026-0' || n, 2, m, jsonb_set(m, '{complaints}', '9'), '{}', '{国办发明电}', $2
          FROM generate_series(1, 3) AS n, (SELECT $1::jsonb) AS j(m)
        """,
        ZERO_MEASURES.model_dump_json(),
        datetime(2026, 11, 1, tzinfo=UTC),
    )

    first = (await service.get("/stats/restatements?limit=2")).json()
    second = (await service.get(first["next"])).json()
    filtered = (await service.get("/stats/restatements?period=2026-02&format=csv")).text

    assert [each["period"] for each in first["restatements"] + second["restatements"]] == ["2026-03", "2026-02", "2026-01"]
    assert second["next"] is None
    [row] = csv.DictReader(io.StringIO(filtered.removeprefix("\ufeff")))
    assert (row["measure"], row["before"], row["after"], row["notices"]) == ("complaints", "0", "9", "国办发明电")
    assert (await service.get("/stats/restatements?subject_kind=operator")).json()["restatements"] == []


async def test_the_sums_of_any_days_are_those_of_the_days_one_by_one(stats):
    await stats.count(*(facts(n, received_on=date(2026, 1, 1) + timedelta(days=n * 3)) for n in range(110)))
    async with stats.database.snapshot() as connection:
        for kind, subject in ((SubjectKind.ALL, ""), (SubjectKind.OPERATOR, OPERATORS[0]), (SubjectKind.REGION, "990000")):
            for first, last in ((date(2026, 1, 15), date(2026, 11, 3)), (date(2026, 2, 1), date(2026, 2, 28)),
                                (date(2026, 3, 30), date(2026, 4, 2)), (date(2026, 5, 2), date(2026, 5, 2))):  # fmt: skip
                whole = await fetch_sums(connection, kind, [subject], day_range(first, last))
                days = await fetch_grouped_sums(connection, kind, [subject], single_days(first, last), Grouping.DAY)

                assert compute_measures(type(whole).together(list(days.values()))) == compute_measures(whole)
                assert whole.complaints == sum(first <= date(2026, 1, 1) + timedelta(days=n * 3) <= last for n in range(110))
