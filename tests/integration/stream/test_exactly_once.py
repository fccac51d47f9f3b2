"""The stream core on real Kafka and PostgreSQL: fencing, dead letters, rollback, relay, journal."""

from __future__ import annotations

import asyncpg
import pytest
from aiokafka import TopicPartition

from deploy.journals import SealCopies, check_journal_of
from shared import clock
from shared.database import open_pool
from shared.errors import Fenced
from shared.stream import Database, dead_letters
from shared.stream.journal import JournalEntry
from shared.stream.positions import PositionAdvance, advance_positions, claim_positions
from shared.stream.topic_offsets import TopicOffsets
from tests.integration.probes import wait_until
from tests.integration.stream.counter import (
    figure_changed,
    has_count,
    insert_numbers,
    month_closed,
    open_producer,
    read_figures,
    run_counter,
    send_events,
)

PARTITION = TopicPartition("t", 0)
EMPTY_LOG = TopicOffsets(None, {PARTITION: 0}, {PARTITION: 0})


async def test_records_are_applied_once_across_a_restart(settings, stored_numbers):
    async with open_producer(settings) as producer:
        await send_events(producer, settings, *(month_closed(n) for n in range(20)))
        async with run_counter(settings):
            await wait_until("20 numbers", lambda: has_count(stored_numbers, 20))
        await send_events(producer, settings, *(month_closed(n) for n in range(20, 30)))
        async with run_counter(settings):
            await wait_until("30 numbers", lambda: has_count(stored_numbers, 30))

    assert await stored_numbers() == list(range(30))


async def test_aborted_transactions_leave_gaps_that_do_not_matter(settings, stored_numbers):
    async with open_producer(settings, transactional_id="gaps") as producer:
        for aborted in (True, False, True, False):
            await producer.begin_transaction()
            await send_events(producer, settings, month_closed(13 if aborted else 7))
            await (producer.abort_transaction() if aborted else producer.commit_transaction())
        async with run_counter(settings):
            await wait_until("two numbers", lambda: has_count(stored_numbers, 2))

    assert await stored_numbers() == [7, 7]


async def test_a_record_that_the_store_rejects_is_a_dead_letter_and_its_neighbours_are_applied(settings, stored_numbers):
    async with open_producer(settings) as producer:
        await send_events(producer, settings, *(month_closed(n) for n in (1, 2, 666, 3)))
        await send_events(producer, settings, month_closed(4), value=b"{\xff")
        await send_events(producer, settings, month_closed(5))
    async with run_counter(settings) as context:
        await wait_until("four numbers", lambda: has_count(stored_numbers, 4))
        letters = await wait_until("two dead letters", lambda: fetch_letters(context, 2))

    assert await stored_numbers() == [1, 2, 3, 5]
    assert {letter.reason for letter in letters} == {"rejected_by_store", "undecodable"}
    assert {letter.value for letter in letters if letter.reason == "undecodable"} == {b"{\xff"}


async def fetch_letters(context, count):
    async with context.database.pool.acquire() as connection:
        letters = await dead_letters.fetch_dead_letters(connection)
    return letters if len(letters) == count else None


async def test_a_batch_with_a_transient_failure_is_rolled_back_and_applied_again(settings, stored_numbers):
    failures = [ConnectionResetError(), ConnectionResetError()]

    async def insert_or_fail(uow, events):
        await insert_numbers(uow, events)
        if failures:
            raise failures.pop()

    async with open_producer(settings) as producer:
        await send_events(producer, settings, month_closed(1), month_closed(2))
    async with run_counter(settings, insert_or_fail):
        await wait_until("two numbers", lambda: has_count(stored_numbers, 2))

    assert await stored_numbers() == [1, 2]


async def test_the_owner_of_an_older_epoch_is_fenced(settings):
    pool = await open_pool(settings, "publisher")
    async with pool.acquire() as connection:
        (older,) = await claim_positions(connection, EMPTY_LOG, [PARTITION])
        (newer,) = await claim_positions(connection, EMPTY_LOG, [PARTITION])

        with pytest.raises(Fenced):
            await advance_positions(connection, [PositionAdvance(PARTITION, 0, 9, older.epoch)])
        await advance_positions(connection, [PositionAdvance(PARTITION, 0, 9, newer.epoch)])
        with pytest.raises(Fenced):
            await advance_positions(connection, [PositionAdvance(PARTITION, 5, 9, newer.epoch)])

    await pool.close()


async def test_messages_of_a_rolled_back_unit_of_work_are_never_published_and_the_others_stay_in_order(settings):
    async with run_counter(settings) as context:
        for version in range(1, 301):
            try:
                async with context.database.unit_of_work() as uow:
                    uow.emit(figure_changed(version))
                    if version % 3 == 0:
                        raise ConnectionResetError
            except ConnectionResetError:
                pass
        published = await read_figures(settings, 200)

    assert published == [v for v in range(1, 301) if v % 3]


async def test_a_message_larger_than_a_batch_is_published(settings):
    long = "公示" * 300_000
    async with run_counter(settings) as context:
        async with context.database.unit_of_work() as uow:
            uow.emit(figure_changed(1))
            uow.emit(figure_changed(2).model_copy(update={"region": long}))
            uow.emit(figure_changed(3))
        published = await read_figures(settings, 3)

    assert published == [1, 2, 3]


async def test_two_relays_do_not_publish_at_the_same_time(settings):
    async with run_counter(settings) as first, run_counter(settings):
        async with first.database.unit_of_work() as uow:
            for version in range(1, 51):
                uow.emit(figure_changed(version))
        published = await read_figures(settings, 50)

    assert published == list(range(1, 51))


async def test_an_edited_dropped_or_reordered_journal_entry_is_detected(settings):
    pool = await open_pool(settings, "publisher")
    database = Database(pool, clock.now, "/test")
    for number in range(5):
        async with database.unit_of_work() as uow:
            uow.journal(
                JournalEntry("lin", "approved", f"GS-{number}", None, {"n": number}, {"at": uow.now, "z": 1, "a": [1, 2]})
            )

    async def chain_faults_after(sql):
        owner = await asyncpg.connect(settings.database_url.get_secret_value())
        try:
            transaction = owner.transaction()
            await transaction.start()
            await owner.execute("SET LOCAL search_path = publisher")
            await owner.execute(sql)
            return (await check_journal_of(owner, "publisher", SealCopies())).faults
        finally:
            await owner.close()

    assert await chain_faults_after("SELECT 1") == []
    assert await chain_faults_after("UPDATE journal SET actor = 'wang' WHERE seq = 3")
    assert await chain_faults_after("DELETE FROM journal WHERE seq = 3")
    assert await chain_faults_after("""UPDATE journal SET detail = '{"a": []}' WHERE seq = 2""")
    assert await chain_faults_after("UPDATE journal SET seq = CASE seq WHEN 4 THEN 40 ELSE seq END")
    await pool.close()


async def test_a_service_cannot_rewrite_its_journal(settings):
    pool = await open_pool(settings, "publisher")
    async with pool.acquire() as connection:
        for statement in ("DELETE FROM journal", "UPDATE journal SET actor = 'x'", "TRUNCATE journal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT * FROM intake.positions")
    await pool.close()
