"""What people wrote leaves a complaint for good: here, in the newest revision of the topic, and in what comes later of it."""

from __future__ import annotations

from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.erasure import erase_complaint
from shared import clock
from shared.contracts.complaints import COMPLAINTS
from tests.integration.intake.conftest import BATCH, BINARY, envelope, report, results_of
from tests.integration.probes import wait_until

WORDS = ("title", "text", "goods", "goods_class", "demand")
REPORTED = {"goods": "手机", "demand": "更换"}


async def newest_revision(settings, complaint_id):
    """Return the newest revision of a complaint in the topic."""
    topic = settings.topic_prefix + COMPLAINTS
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(8)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        records = await consumer.getmany(timeout_ms=3_000)
    finally:
        await consumer.stop()
    bodies = [orjson.loads(record.value) for each in records.values() for record in each]
    return max((each for each in bodies if each["complaint_id"] == complaint_id), key=lambda each: each["revision"])


async def test_erased_words_are_nowhere_and_do_not_come_back(settings, post, intake):
    await post([envelope(report(number, **REPORTED)) for number in (1, 2)], BATCH)
    refused = [report(number, **REPORTED, amount="x") for number in (1, 11)]
    assert (await post([envelope(each) for each in refused], BATCH)).status_code == 202
    assert (await post(refused[0], **BINARY)).status_code == 422
    before = (await intake.complaints())["HZ-1"]
    assert all(before[word] for word in ("title", "text", "goods", "demand"))

    done = [
        await erase_complaint(intake.database, UUID(before["complaint_id"]), "root", "个人信息", clock.now()) for _ in range(2)
    ]

    async def is_sent():
        return await intake.database.fetchval("SELECT count(*) FROM intake.outbox") == 0

    await wait_until("the outbox is empty", is_sent)
    after, other = [(await intake.complaints())[number] for number in ("HZ-1", "HZ-2")]
    assert done == [True, False]
    assert {word: after[word] for word in WORDS} == dict.fromkeys(WORDS)
    assert (after["revision"], after["amount"], other["text"]) == (2, before["amount"], before["text"])
    assert await newest_revision(settings, before["complaint_id"]) == after
    left = await intake.dead_letters()
    assert [b'"HZ-11"' in value for _, _, value in left] == [True]

    again = results_of(
        await post([envelope(report(1, **REPORTED)), envelope(report(1, **REPORTED, revision=2, status="accepted"))], BATCH)
    )
    later = (await intake.complaints())["HZ-1"]
    assert [status for _, status, _ in again] == ["duplicate", "accepted"]
    assert {word: later[word] for word in WORDS} == dict.fromkeys(WORDS)
    assert (later["revision"], later["status"], later["redaction"]) == (3, "accepted", "withheld")
    assert await intake.dead_letters() == left
    acts = await intake.database.fetch("SELECT action, subject FROM intake.journal WHERE action = 'complaint_erased'")
    assert [tuple(row) for row in acts] == [("complaint_erased", before["complaint_id"])]
