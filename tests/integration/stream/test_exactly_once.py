"""The stream core on real Kafka and PostgreSQL: fencing, poison, rollback, relay."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from fastapi import FastAPI

from shared import service as service_module
from shared.contracts import FigureChanged, Measures, MonthClosed, binary_headers
from shared.contracts.figures import FIGURES
from shared.database import open_pool
from shared.errors import Fenced, PositionAhead
from shared.service import Service, running
from shared.stream import Store, dead_letters, listen
from shared.stream.journal import Entry, faults
from shared.stream.positions import Advance, advance, claim
from tests.integration.probes import until

AT = datetime(2026, 10, 1, tzinfo=UTC)
NOTHING = Measures(
    complaints=0, accepted=0, resolved=0, resolution_rate=None, mediations=0, mediation_successes=0,
    mediation_success_rate=None, amount=0, recovered=0, median_days=None, p90_days=None,
)  # fmt: skip


def month(number: int) -> MonthClosed:
    return MonthClosed(month=f"{2000 + number // 12}-{number % 12 + 1:02}", operators=number, complaints=1, closed_at=AT)


@asynccontextmanager
async def producing(settings, **options):
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def tell(producer, settings, *events, value=None):
    for event in events:
        headers = list(binary_headers(event, event_id=uuid4(), source="/test", at=AT))
        body = event.model_dump_json().encode() if value is None else value
        await producer.send_and_wait(settings.topic_prefix + FIGURES, body, key=event.key().encode(), headers=headers)


@asynccontextmanager
async def counting(settings, handler=None):
    """A service that keeps the numbers it was told in a table."""

    async def keep(unit, events):
        numbers = [received.event.operators for received in events]
        await unit.connection.executemany("INSERT INTO kept VALUES ($1)", [(n,) for n in numbers])

    async def prepare(_):
        return [listen(FIGURES, {MonthClosed: handler or keep})]

    async with running(Service("publisher", prepare), settings, FastAPI()) as state:
        yield state


@pytest.fixture
async def kept(settings):
    """A table of the handlers below, in the schema of the service that the test plays."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    await connection.execute("CREATE TABLE publisher.kept (number integer NOT NULL CHECK (number <> 666))")
    await connection.execute("GRANT SELECT, INSERT ON publisher.kept TO gongshi_publisher")

    async def numbers():
        return sorted(row[0] for row in await connection.fetch("SELECT number FROM publisher.kept"))

    yield numbers
    await connection.close()


async def test_what_is_told_is_applied_once_over_a_restart(settings, kept):
    async with producing(settings) as producer:
        await tell(producer, settings, *(month(n) for n in range(20)))
        async with counting(settings):
            await until("20 numbers", lambda: has(kept, 20))
        await tell(producer, settings, *(month(n) for n in range(20, 30)))
        async with counting(settings):
            await until("30 numbers", lambda: has(kept, 30))

    assert await kept() == list(range(30))


async def has(kept, count):
    return len(await kept()) == count


async def test_aborted_transactions_leave_gaps_that_do_not_matter(settings, kept):
    async with producing(settings, transactional_id="gaps") as producer:
        for aborted in (True, False, True, False):
            await producer.begin_transaction()
            await tell(producer, settings, month(13 if aborted else 7))
            await (producer.abort_transaction() if aborted else producer.commit_transaction())
        async with counting(settings):
            await until("two numbers", lambda: has(kept, 2))

    assert await kept() == [7, 7]


async def test_a_record_that_the_store_rejects_is_a_dead_letter_and_its_neighbours_are_applied(settings, kept):
    async with producing(settings) as producer:
        await tell(producer, settings, *(month(n) for n in (1, 2, 666, 3)))
        await tell(producer, settings, month(4), value=b"{\xff")
        await tell(producer, settings, month(5))
    async with counting(settings) as state:
        await until("four numbers", lambda: has(kept, 4))
        letters = await until("two dead letters", lambda: letters_of(state, 2))

    assert await kept() == [1, 2, 3, 5]
    assert {letter.reason for letter in letters} == {"rejected_by_store", "undecodable"}
    assert {letter.value for letter in letters if letter.reason == "undecodable"} == {b"{\xff"}


async def letters_of(state, count):
    async with state.store.pool.acquire() as connection:
        letters = await dead_letters.listed(connection)
    return letters if len(letters) == count else None


async def test_a_transient_failure_rolls_back_and_comes_again(settings, kept):
    failures = [ConnectionResetError(), ConnectionResetError()]

    async def keep(unit, events):
        await unit.connection.executemany("INSERT INTO kept VALUES ($1)", [(e.event.operators,) for e in events])
        if failures:
            raise failures.pop()

    async with producing(settings) as producer:
        await tell(producer, settings, month(1), month(2))
    async with counting(settings, keep):
        await until("two numbers", lambda: has(kept, 2))

    assert await kept() == [1, 2]


async def test_an_older_owner_is_fenced(settings):
    pool = await open_pool(settings, "publisher")
    partition = TopicPartition("t", 0)
    async with pool.acquire() as connection:
        (older,) = await claim(connection, [partition])
        (newer,) = await claim(connection, [partition])

        with pytest.raises(Fenced):
            await advance(connection, [Advance(partition, 0, 9, older.epoch)])
        await advance(connection, [Advance(partition, 0, 9, newer.epoch)])
        with pytest.raises(Fenced):
            await advance(connection, [Advance(partition, 5, 9, newer.epoch)])

    await pool.close()


async def test_letters_of_a_rolled_back_unit_are_never_sent_and_others_keep_their_order(settings):
    async with counting(settings) as state:
        for version in range(1, 301):
            try:
                async with state.store.unit() as unit:
                    unit.emit(figure(version))
                    if version % 3 == 0:
                        raise ConnectionResetError
            except ConnectionResetError:
                pass
        said = await read(settings, 200)

    assert said == [v for v in range(1, 301) if v % 3]


def figure(version):
    return FigureChanged(
        subject_kind="all", subject="all", period_kind="month", period="2026-10", version=version, figures=NOTHING, as_of=AT
    )


async def read(settings, count):
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + FIGURES, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        records = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    return [FigureChanged.model_validate_json(record.value).version for record in records]


async def test_a_letter_longer_than_a_batch_is_sent(settings):
    long = "公示" * 500_000
    async with counting(settings) as state:
        async with state.store.unit() as unit:
            unit.emit(figure(1))
            unit.emit(figure(2).model_copy(update={"region": long}))
            unit.emit(figure(3))
        said = await read(settings, 3)

    assert said == [1, 2, 3]


async def test_two_relays_do_not_send_at_the_same_time(settings):
    async with counting(settings) as first, counting(settings):
        async with first.store.unit() as unit:
            for version in range(1, 51):
                unit.emit(figure(version))
        said = await read(settings, 50)

    assert said == list(range(1, 51))


async def test_an_edited_dropped_or_reordered_journal_entry_is_found(settings):
    pool = await open_pool(settings, "publisher")
    store = Store(pool, service_module.clock.now, "/test")
    for number in range(5):
        async with store.unit() as unit:
            unit.record(Entry("lin", "approved", f"GS-{number}", None, {"n": number}, {"at": unit.now, "z": 1, "a": [1, 2]}))

    async def found(sql):
        owner = await asyncpg.connect(settings.database_url.get_secret_value())
        try:
            transaction = owner.transaction()
            await transaction.start()
            await owner.execute("SET LOCAL search_path = publisher")
            await owner.execute(sql)
            return await faults(owner)
        finally:
            await owner.close()

    assert await found("SELECT 1") == []
    assert await found("UPDATE journal SET actor = 'wang' WHERE seq = 3")
    assert await found("DELETE FROM journal WHERE seq = 3")
    assert await found("""UPDATE journal SET detail = '{"a": []}' WHERE seq = 2""")
    assert await found("UPDATE journal SET seq = CASE seq WHEN 4 THEN 40 ELSE seq END")
    await pool.close()


async def test_a_service_may_not_rewrite_its_journal(settings):
    pool = await open_pool(settings, "publisher")
    async with pool.acquire() as connection:
        for statement in ("DELETE FROM journal", "UPDATE journal SET actor = 'x'", "TRUNCATE journal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT * FROM intake.positions")
    await pool.close()


async def test_a_topic_that_ends_before_the_stored_position_is_told_and_nothing_is_applied(settings, kept):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    await owner.execute(
        "INSERT INTO publisher.positions (topic, part, next_offset) SELECT $1, part, 1000 FROM generate_series(0, 7) AS part",
        settings.topic_prefix + FIGURES,
    )
    await owner.close()
    async with producing(settings) as producer, counting(settings) as state:
        await tell(producer, settings, month(1))

        async def told():
            return isinstance(state.consumers[0].health.failure, PositionAhead)

        await until("the consumer says that the topic ends too early", told)

    assert await kept() == []
