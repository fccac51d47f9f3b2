"""What a client of this machine without an account may at the embedded broker: report, and read what services say."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from deploy.demo.system import DemoSystem
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.rulings import RULINGS
from shared.contracts.topics import CATALOGUE, REPORTS
from shared.stream.client_options import client_options
from tests.integration.probes import wait_until

RULING = Path(__file__).parents[2] / "shared" / "contracts" / "examples" / "gongshi.ruling.made.v1.json"
RULING_ID = orjson.loads(RULING.read_bytes())["ruling_id"]
COUNT_FORGED = """
SELECT count(*)
  FROM (SELECT detail FROM stats.dead_letters UNION ALL SELECT detail FROM publisher.dead_letters) AS letters
 WHERE detail -> 0 ->> 'code' = 'forged'
"""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_may_report_and_writes_no_ruling_and_nothing_else_that_services_say(system: DemoSystem) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=system.supervisor.engines.kafka_bootstrap_servers)
    await producer.start()
    try:
        for topic in CATALOGUE:
            if topic.name == REPORTS:
                assert await producer.send_and_wait(REPORTS, b"no report")
                continue
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(topic.name, b"{}")
    finally:
        await producer.stop()


async def is_refused(consumer: AIOKafkaConsumer) -> bool:
    """Whether a consumer gets an error of rights, or nothing at all, from a topic that has records."""
    try:
        await consumer.start()
        return not await consumer.getmany(timeout_ms=3_000)
    except (GroupAuthorizationFailedError, TopicAuthorizationFailedError):
        return True
    finally:
        await consumer.stop()


async def test_it_reads_what_services_say_and_no_reports_and_joins_no_group_of_a_service(system: DemoSystem) -> None:
    options = {"bootstrap_servers": system.supervisor.engines.kafka_bootstrap_servers, "auto_offset_reset": "earliest"}

    assert not await is_refused(AIOKafkaConsumer(COMPLAINTS, **options))
    assert await is_refused(AIOKafkaConsumer(REPORTS, **options))
    assert await is_refused(AIOKafkaConsumer(COMPLAINTS, **options, group_id="gongshi-stats-gongshi.complaints"))


async def test_a_ruling_that_corrections_did_not_sign_changes_nothing_and_is_told(system: DemoSystem) -> None:
    settings = system.settings
    headers = [("ce_id", b"1"), ("ce_type", b"gongshi.ruling.made.v1"), ("ce_source", b"/gongshi/corrections")]
    forger = AIOKafkaProducer(**client_options(settings))  # even with the super user's account
    await forger.start()
    try:
        await forger.send_and_wait(RULINGS, RULING.read_bytes(), headers=headers)
    finally:
        await forger.stop()
    connection = await asyncpg.connect(settings.database_url.get_secret_value())

    async def refused_by_both() -> bool:
        return await connection.fetchval(COUNT_FORGED) == len(("stats", "publisher"))

    try:
        assert await wait_until("dead letters of a forged ruling", refused_by_both)
        assert await connection.fetchval("SELECT count(*) FROM publisher.rulings WHERE ruling_id = $1", RULING_ID) == 0
    finally:
        await connection.close()
