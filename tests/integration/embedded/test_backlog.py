"""How far behind everything is, told from the database and the broker."""

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.record._crecords import default_records as compiled_records

from deploy.backlog import measure_backlog
from deploy.cli.status import wait_applied
from shared.contracts.topics import REPORTS
from shared.settings import Settings

INTAKE = ("intake",)


async def produce(settings: Settings, count: int, **options: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, **options) as producer:
        for number in range(count):
            await producer.send_and_wait(settings.topic_prefix + REPORTS, b"%d" % number, partition=0)


async def execute(settings: Settings, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def applied_up_to(settings: Settings, offset: int) -> None:
    statement = "INSERT INTO intake.positions (topic, part, next_offset) VALUES ($1, 0, $2)"
    await execute(settings, statement, settings.topic_prefix + REPORTS, offset)


async def test_lag_counts_from_the_stored_positions(settings: Settings) -> None:
    await produce(settings, 5)
    await applied_up_to(settings, 2)

    backlog = await measure_backlog(settings, INTAKE)

    assert backlog.lag == {settings.topic_prefix + REPORTS: {"intake": 3}}
    assert backlog.outbox == {"intake": 0}
    assert backlog.total == 3
    assert backlog.describe() == [f"intake has 3 records of {settings.topic_prefix}{REPORTS} to apply"]


async def test_records_of_partitions_never_claimed_count_from_their_beginning(settings: Settings) -> None:
    await produce(settings, 4)

    assert (await measure_backlog(settings, INTAKE)).lag == {settings.topic_prefix + REPORTS: {"intake": 4}}


async def test_positions_behind_records_that_the_broker_deleted_are_named_with_the_way_on(settings: Settings) -> None:
    await produce(settings, 5)
    await applied_up_to(settings, 2)
    topic = settings.topic_prefix + REPORTS
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(3)})
    await admin.close()

    backlog = await measure_backlog(settings, INTAKE)

    (blocked,) = backlog.blocked
    assert (blocked.service, blocked.topic, blocked.partition, blocked.cause) == ("intake", topic, 0, "position_lost")
    assert backlog.describe()[0] == blocked.reason
    assert f"gongshi positions accept-loss intake {topic} --partition 0" in blocked.reason
    assert backlog.total == 3


async def test_a_record_that_no_client_can_read_does_not_keep_the_backlog_from_being_measured(settings: Settings) -> None:
    await produce(settings, 1, compression_type="lz4")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_records, "lz4_decode", None)

        assert (await measure_backlog(settings, INTAKE)).total == 1


@pytest.mark.parametrize(("end", "lag"), [("commit_transaction", 3), ("abort_transaction", 0)])
async def test_what_no_consumer_would_see_is_no_lag_of_a_service_that_is_stopped(
    settings: Settings, end: str, lag: int
) -> None:
    topic = settings.topic_prefix + REPORTS
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, transactional_id=settings.topic_prefix)
    async with producer:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"applied", partition=0)
        await applied_up_to(settings, 1)
        assert (await measure_backlog(settings, INTAKE)).total == 0

        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"one more", partition=0)
        await getattr(producer, end)()

    # The mark before, the record, the mark behind it.
    backlog = await measure_backlog(settings, INTAKE)
    assert backlog.total == lag


async def test_unsent_outbox_messages_are_backlog(settings: Settings) -> None:
    await execute(settings, "INSERT INTO intake.outbox (topic, headers) VALUES ('t', ''), ('t', '')")
    await execute(settings, "INSERT INTO intake.outbox (topic, messages, batch) VALUES ('t', 3, '')")

    assert (await measure_backlog(settings, INTAKE)).describe() == ["intake has 5 messages to send"]


async def test_a_service_without_a_schema_is_named(settings: Settings) -> None:
    await execute(settings, "DROP SCHEMA intake CASCADE")

    backlog = await measure_backlog(settings, INTAKE)

    assert backlog.outbox == {"intake": None}
    assert backlog.describe() == ["intake has no schema"]


async def test_waiting_ends_when_all_is_applied_and_otherwise_names_the_backlog(settings: Settings) -> None:
    updates: list[tuple[int, str]] = []
    behind = f"intake has 1 records of {settings.topic_prefix}{REPORTS} to apply"
    assert await wait_applied(settings, INTAKE, 10) == []

    await produce(settings, 1)
    assert await wait_applied(settings, INTAKE, 0.2, lambda left, what: updates.append((left, what))) == [behind]

    assert set(updates) == {(1, behind)}


async def test_waiting_goes_on_while_an_engine_is_unavailable_and_then_names_it(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:9"})

    (behind,) = await wait_applied(away, INTAKE, 0.2)

    assert behind.startswith("The broker does not answer")
