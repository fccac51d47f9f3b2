"""KPIs of subjects: tallies of single complaints, added up, against a plain count of them."""

from __future__ import annotations

import csv
import io
from datetime import date

from services.stats.domain.tallies import TALLIES
from services.stats.store.sums import fold_days
from services.stats.store.tallies import fetch_tallies
from services.stats.store.verification import find_sum_differences
from shared.contracts import ComplaintOperator, Kind, Outcome, Status
from shared.contracts.reports import SaleMode
from tests.integration.stats.test_api import produce, wait_for_count
from tests.unit.stats.complaints import OPERATORS, facts

WAITING = {"status": Status.RECEIVED, "outcome": None, "accepted": False, "accepted_on": None, "closed_on": None}
OPEN = {"status": Status.MEDIATING, "outcome": None, "closed_on": None}
OFFICE = "990102000"


def some():
    """Complaints of 9 October 2026 and what each is tallied as."""
    mall = ComplaintOperator(key=OPERATORS[0], name="店", platform="某平台", site="某商场一层")
    return [
        (facts(1, office=OFFICE, sale_mode=SaleMode.ONLINE, operator=mall), ["closed", "decided", "decided_in_time", "mediations_timed", "mediated_in_time"]),
        (facts(2, office=OFFICE, outcome=Outcome.SELF_SETTLED, consents_to_direct=True, satisfaction=4),
         ["closed", "decided", "decided_in_time", "mediations_timed", "mediated_in_time", "self_settled", "direct", "direct_settled",
          "satisfaction_answers", "satisfied", *["satisfaction_points"] * 4]),
        (facts(3, outcome=Outcome.SETTLED_OR_WITHDRAWN, accepted_on=date(2026, 10, 30), closed_on=date(2026, 12, 31), satisfaction=1),
         ["closed", "decided", "mediations_timed", "settled_or_withdrawn", "satisfaction_answers", "satisfaction_points"]),
        (facts(4, case_number="云市监处罚〔2026〕1号", outcome=Outcome.FAILED, closed_on=date(2026, 12, 31)),
         ["closed", "decided", "decided_in_time", "mediations_timed", "cases"]),
        (facts(5, **WAITING), []),
        (facts(6, **OPEN, office=OFFICE), ["decided", "decided_in_time", "open_1"]),
        (facts(7, **OPEN | {"accepted_on": None}), ["decided_undated", "open_undated"]),
        (facts(8, closed_on=date(2026, 10, 1), accepted_on=None, accepted=False, outcome=Outcome.WITHDRAWN),
         ["closed", "decided_undated", "impossible_days"]),
        (facts(9, kind=Kind.TIP_OFF, case_number="1", closed_on=None, status=Status.ACCEPTED, outcome=None),
         ["tip_offs", "tip_offs_checked", "tip_offs_checked_in_time", "tip_offs_ended", "tip_off_cases"]),
        (facts(10, kind=Kind.TIP_OFF, accepted_on=date(2026, 11, 20), closed_on=date(2026, 11, 20)),
         ["tip_offs", "tip_offs_checked", "tip_offs_ended"]),
    ]  # fmt: skip


def plainly(rows):
    return {name: sum(tallied.count(name) for _, tallied in rows) for name in TALLIES}


async def tallied(stats, kind, subject):
    async with stats.database.snapshot() as connection:
        days = await fetch_tallies(connection, kind, [subject], date(2026, 1, 1), date(2026, 12, 31), apart=False)
    return {name: sum(day.get(name) for day in days.get("", [])) for name in TALLIES}


async def test_each_complaint_is_tallied_as_what_it_is_for_every_subject_folded_or_not(stats):
    rows = some()
    await stats.count(*(complaint for complaint, _ in rows))

    for _ in range(2):
        assert await tallied(stats, "all", "") == plainly(rows)
        assert await tallied(stats, "operator", OPERATORS[0]) == plainly(rows)
        assert await tallied(stats, "office", OFFICE) == plainly([rows[0], rows[1], rows[5]])
        assert await tallied(stats, "site", "某商场一层") == plainly(rows[:1])
        assert await tallied(stats, "platform", "某平台") == await tallied(stats, "sale_mode", "online") == plainly(rows[:1])
        async with stats.database.unit_of_work() as uow:
            assert not await fold_days(uow.connection)
    async with stats.database.snapshot() as connection:
        assert await find_sum_differences(connection) == []


async def test_what_changes_is_taken_out_and_put_in_anew(stats):
    rows = some()
    await stats.count(*(complaint for complaint, _ in rows))
    await stats.count(*(complaint.model_copy(update={"revision": 2, **WAITING, "case_number": None, "satisfaction": None,
                                                      "consents_to_direct": False, "office": None})
                        for complaint, _ in rows))  # fmt: skip

    assert await tallied(stats, "office", OFFICE) == plainly([])
    assert await tallied(stats, "all", "") == plainly([]) | {"tip_offs": 2}


async def test_kpis_of_all_and_of_each_office(settings, service):
    await produce(settings, *(complaint for complaint, _ in some()))
    await wait_for_count(service, "/stats/all?period=2026-10", 8)

    whole = (await service.get("/stats/kpis?period=2026-10")).json()
    offices = (await service.get("/stats/kpis?period=2026-10&subject_kind=office")).json()
    sites = (await service.get("/stats/sites/某商场一层?period=2026-10")).status_code
    table = (await service.get("/stats/kpis?period=2026-10&format=csv")).text

    [subject] = whole["subjects"]
    rates = {each["name"]: (each["numerator"], each["denominator"]) for each in subject["rates"]}
    assert rates["mediation_success_of_closed"] == (2, 5)
    assert rates["direct_settlement"] == (1, 1)
    assert rates["complaint_to_case"] == (1, 8)
    assert rates["substantiation"] == (1, 2)
    assert rates["satisfaction"] == (1, 2)
    assert subject["open_cases"] == 2
    assert set(whole["without_data"]) == {"publication_rate", "call_connect_rate", "complaints_per_sales"}
    assert [(each["subject"], each["complaints"]) for each in offices["subjects"]] == [(OFFICE, 3)]
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))}
    assert (rows["satisfaction"]["value"], rows["tip_offs"]["value"]) == ("0.5", "2")
    assert sites == 200


async def test_subjects_that_nobody_knows_are_not_found_and_codes_of_a_table_are_zero(empty_service):
    statuses = [
        (await empty_service.get(f"/stats/{path}?period=2026-10")).status_code
        for path in (
            "categories/quality",
            "channels/letter",
            "sale-modes/online",
            "offices/1",
            "sites/1",
            "platforms/1",
            "categories/none",
        )
    ]

    assert statuses == [200, 200, 200, 404, 404, 404, 404]
