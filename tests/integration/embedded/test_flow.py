"""How far behind everything is, told from the database and the broker."""

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.cli.status import until_applied
from deploy.flow import look
from shared.contracts.topics import REPORTS
from shared.settings import Settings

INTAKE = ("intake",)


async def produce(settings: Settings, count: int, *, transaction: str | None = None) -> None:
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, transactional_id=transaction) as producer:
        if transaction is None:
            for n in range(count):
                await producer.send_and_wait(settings.topic_prefix + REPORTS, b"%d" % n, partition=0)
            return
        async with producer.transaction():
            for n in range(count):
                await producer.send(settings.topic_prefix + REPORTS, b"%d" % n, partition=0)


async def execute(settings: Settings, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def applied_up_to(settings: Settings, offset: int) -> None:
    statement = "INSERT INTO intake.positions (topic, part, next_offset) VALUES ($1, 0, $2)"
    await execute(settings, statement, settings.topic_prefix + REPORTS, offset)


async def test_lag_is_what_lies_behind_the_stored_positions(settings: Settings) -> None:
    await produce(settings, 5)
    await applied_up_to(settings, 2)

    flow = await look(settings, INTAKE)

    assert flow.lag == {settings.topic_prefix + REPORTS: {"intake": 3}}
    assert flow.outbox == {"intake": 0}
    assert flow.left == 3
    assert flow.behind() == [f"intake has 3 records of {settings.topic_prefix}{REPORTS} to apply"]


async def test_records_of_partitions_never_claimed_count_from_their_beginning(settings: Settings) -> None:
    await produce(settings, 4)

    assert (await look(settings, INTAKE)).lag == {settings.topic_prefix + REPORTS: {"intake": 4}}


async def test_the_mark_at_the_end_of_a_transaction_is_no_lag(settings: Settings) -> None:
    await produce(settings, 3, transaction=settings.topic_prefix + "hotline")
    await applied_up_to(settings, 3)

    assert (await look(settings, INTAKE)).behind() == []


async def test_a_record_before_such_a_mark_is_lag(settings: Settings) -> None:
    await produce(settings, 3, transaction=settings.topic_prefix + "hotline")
    await applied_up_to(settings, 2)

    assert (await look(settings, INTAKE)).behind() != []


async def test_letters_in_the_outbox_are_behind(settings: Settings) -> None:
    await execute(settings, "INSERT INTO intake.outbox (topic, headers) VALUES ('t', ''), ('t', '')")

    assert (await look(settings, INTAKE)).behind() == ["intake has 2 letters to send"]


async def test_a_service_without_a_schema_is_told(settings: Settings) -> None:
    await execute(settings, "DROP SCHEMA intake CASCADE")

    flow = await look(settings, INTAKE)

    assert flow.outbox == {"intake": None}
    assert flow.behind() == ["intake has no schema"]


async def test_waiting_ends_when_all_is_applied_and_else_names_what_is_behind(settings: Settings) -> None:
    told: list[tuple[int, str]] = []
    behind = f"intake has 1 records of {settings.topic_prefix}{REPORTS} to apply"
    assert await until_applied(settings, INTAKE, 10) == []

    await produce(settings, 1)
    assert await until_applied(settings, INTAKE, 0.2, lambda left, what: told.append((left, what))) == [behind]

    assert set(told) == {(1, behind)}


async def test_waiting_goes_on_while_an_engine_is_away_and_then_says_so(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:9"})

    (behind,) = await until_applied(away, INTAKE, 0.2)

    assert behind.startswith("The broker does not answer")
