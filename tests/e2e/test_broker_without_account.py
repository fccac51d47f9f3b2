"""What a client of this machine without an account may at the embedded broker: report, and read what services say."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError

from deploy.demo.system import DemoSystem
from shared.contracts.publications import PUBLICATIONS
from shared.contracts.topics import CATALOGUE, REPORTS

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


async def test_it_reads_publications_and_no_reports_and_joins_no_group_of_a_service(system: DemoSystem) -> None:
    servers = system.supervisor.engines.kafka_bootstrap_servers
    portal = AIOKafkaConsumer(PUBLICATIONS, bootstrap_servers=servers, auto_offset_reset="earliest")
    thief = AIOKafkaConsumer(PUBLICATIONS, bootstrap_servers=servers, group_id="gongshi-corrections-gongshi.publications")
    reader = AIOKafkaConsumer(REPORTS, bootstrap_servers=servers, auto_offset_reset="earliest")

    await portal.start()
    await portal.stop()
    with pytest.raises(GroupAuthorizationFailedError):
        await thief.start()
    await thief.stop()
    try:
        await reader.start()
        with pytest.raises(TopicAuthorizationFailedError):
            await reader.getmany(timeout_ms=3_000)
    finally:
        await reader.stop()
