"""The sample hotlines on a real broker: everything arrives, and revisions of a report keep the order of sending."""

from collections import defaultdict
from datetime import date

import pytest
from aiokafka import AIOKafkaConsumer

from deploy.cli.simulate import BrokerUnavailableError, emit
from deploy.samples import kafka_emissions
from shared.contracts.topics import REPORTS
from shared.settings import Settings

UNTIL = date(2026, 11, 23)
EVENTS = 3_000


async def records(settings: Settings, count: int) -> list:
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + REPORTS, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    async with consumer:
        return [await consumer.getone() for _ in range(count)]


async def test_every_event_arrives_once_and_in_order_per_report(settings: Settings):
    emissions = list(kafka_emissions(EVENTS, until=UNTIL, faults=0.01))

    sent = await emit(settings, emissions)

    found, wanted = defaultdict(list), defaultdict(list)
    for record in await records(settings, EVENTS):
        found[record.key].append((record.value, list(record.headers)))
    for emission in emissions:
        wanted[emission.key].append((emission.body, emission.headers))
    assert found == wanted
    assert sent.events == EVENTS
    assert sent.malformed == sum(emission.facts is None for emission in emissions)


async def test_a_rate_is_kept_and_progress_adds_up(settings: Settings):
    progress = []

    sent = await emit(settings, kafka_emissions(105, until=UNTIL), rate=200, on_progress=progress.append)

    assert sum(progress) == 105
    assert sent.seconds >= 0.5


async def test_a_missing_broker_is_named_with_what_to_do():
    with pytest.raises(BrokerUnavailableError, match="gongshi up"):
        await emit(Settings(kafka_bootstrap_servers="127.0.0.1:1"), kafka_emissions(1, until=UNTIL))
