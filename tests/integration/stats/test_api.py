"""The API and the desk of stats, on the running service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.accounts import Role, add_person
from shared.clock import local_day
from shared.contracts import ComplaintOperator, FigureChanged, binary_headers
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.figures import FIGURES
from tests.integration.probes import wait_until
from tests.unit.stats.complaints import OPERATORS, facts

AT = datetime(2026, 10, 1, tzinfo=UTC)


async def produce(settings, *complaints):
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    for complaint in complaints:
        headers = list(binary_headers(complaint, event_id=uuid4(), source="/test", at=AT))
        await producer.send(
            settings.topic_prefix + COMPLAINTS,
            complaint.model_dump_json().encode(),
            key=complaint.key().encode(),
            headers=headers,
        )
    await producer.stop()


async def wait_for_count(client, address, complaints):
    """Wait until an address answers with so many complaints."""

    async def probe():
        response = await client.get(address)
        matches = response.status_code == 200 and response.json()["figures"]["complaints"] == complaints
        return response.json() if matches else None

    return await wait_until(f"{complaints} complaints at {address}", probe)


async def test_figures_of_an_operator_are_served_by_period_and_window(settings, service):
    today = local_day(datetime.now(UTC), settings.zone)
    await produce(
        settings,
        facts(1),
        facts(2),
        facts(3, received_on=today),
        facts(4, received_on=today - timedelta(days=6)),
        facts(5, received_on=today - timedelta(days=7)),
    )

    month = await wait_for_count(service, f"/stats/operators/{OPERATORS[0]}?period=2026-10", 2)
    week = await wait_for_count(service, f"/stats/operators/{OPERATORS[0]}?window=7d", 2)
    year = await wait_for_count(service, f"/stats/operators/{OPERATORS[0]}?window=365d", 5)

    assert month["operator"]["name"] == facts().operator.name
    assert month["figures"] == {
        "complaints": 2, "accepted": 2, "resolved": 2, "resolution_rate": 1.0, "mediations": 2, "mediation_successes": 2,
        "mediation_success_rate": 1.0, "amount": "2598.00", "recovered": "601.00", "median_days": 5.0, "p90_days": 5.0,
    }  # fmt: skip
    assert month["restated"] is False
    assert month["as_of"]
    assert month["lag"] == 0
    assert month["coverage"]["sources"] == [{"source": facts().source, "first_day": "2026-10-09", "last_day": str(today)}]
    assert week["last_day"] == str(today)
    assert year["window"] == "365d"


async def test_figures_of_a_region_include_the_regions_within_it(settings, service):
    await produce(settings, facts(1), facts(2, region="990103"))

    await wait_for_count(service, "/stats/regions/990100?period=2026", 2)
    await wait_for_count(service, "/stats/regions/990103?period=2026-Q4", 1)
    await wait_for_count(service, "/stats/industries/F5273?period=2026-H2", 2)
    await wait_for_count(service, "/stats/all?period=2026-10", 2)
    await wait_for_count(service, "/stats/regions/990105?period=2026-10", 0)


async def test_the_register_is_paged_by_a_cursor(settings, service):
    operators = [ComplaintOperator(key=f"N-{number}", name=f"店{number}") for number in range(5)]
    await produce(settings, *(facts(n, operator=each) for n, each in enumerate(operators)))
    await wait_for_count(service, "/stats/all?period=2026", 5)

    names, address = [], "/stats/operators?limit=2"
    while address:
        page = (await service.get(address)).json()
        names += [each["operator"]["name"] for each in page["operators"]]
        address = page["next"]

    assert names == [each.name for each in operators]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/stats/operators/91330100MA0000001A", 404),
        ("/stats/regions/110101", 404),
        ("/stats/industries/Z9999", 404),
        ("/stats/all?period=2026-13", 422),
        ("/stats/all?window=8d", 422),
        ("/stats/all?window=7d&period=2026", 409),
        ("/stats/all?period=2101", 422),
        ("/stats/all?period=9999-12", 422),
        ("/stats/operators/%00", 400),
        ("/stats/operators?cursor=%00", 400),
        (f"/stats/operators?limit={2**63}", 422),
        ("/stats/operators?limit=0", 422),
    ],
)
async def test_an_unknown_subject_or_an_invalid_query_is_a_problem_document(empty_service, address, status):
    response = await empty_service.get(address)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


async def test_figures_reach_their_topic(settings, service):
    await produce(settings, facts(1))

    consumer = AIOKafkaConsumer(
        settings.topic_prefix + FIGURES, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    figures = {}

    async def has_all_figures():
        for records in (await consumer.getmany(timeout_ms=100)).values():
            for record in records:
                figures[record.key.decode()] = FigureChanged.model_validate_json(record.value)
        return len(figures) >= 32

    await wait_until("32 figures of one complaint", has_all_figures)
    await consumer.stop()

    assert figures[f"operator/{OPERATORS[0]}/year/2026"].figures.complaints == 1


async def test_the_desk_is_for_staff_in_both_languages(settings, service):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    await add_person(owner, "ops", "郑航", Role.OPS, "correct horse battery")
    await owner.close()
    signed_out = await service.get("/stats/desk", headers={"accept": "text/html"})
    await service.post("/stats/desk/sign-in", data={"name": "ops", "password": "correct horse battery"})
    chinese = await service.get("/stats/desk?lang=zh", headers={"accept": "text/html"})
    english = await service.get("/stats/desk?lang=en", headers={"accept": "text/html"})

    assert signed_out.status_code == 303
    assert "还没有结账的月份" in chinese.text
    assert "No month is closed yet" in english.text
