"""What each account of the broker may and must not, tried on a real broker with SCRAM: the rights are those of the catalogue."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError, TopicAuthorizationFailedError
from pydantic import SecretStr

from shared.contracts.rulings import RULINGS
from shared.contracts.topics import CATALOGUE, REPORTS
from shared.stream.access import (
    AccessRefused,
    account_names,
    add_source_account,
    ensure_access,
    remove_source_account,
    user_of,
)
from shared.stream.client_options import client_options
from tests.integration.probes import wait_until

READ_TIMEOUT_MS = 1_500

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
async def administrator(engines, settings):
    """The super user of a broker whose services have their accounts."""
    administrator = engines.sign_in(settings)
    await ensure_access(administrator, dict.fromkeys(account_names(), password_in(administrator)))
    return administrator


def password_in(administrator):
    """Return another password in each test: it is known only when the rights that were given before it are."""
    return f"for {administrator.topic_prefix} only"


def signed_in(administrator, user, password=""):
    password = password or password_in(administrator)
    account = {"kafka_sasl_username": user, "kafka_sasl_password": SecretStr(password), "kafka_sasl_mechanism": "SCRAM-SHA-512"}
    return client_options(administrator.model_copy(update=account))


async def write(options, topic):
    """Write one record; return the error, if any."""
    producer = AIOKafkaProducer(**options, request_timeout_ms=10_000)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}", key=b"key", partition=0)
    except KafkaError as error:
        return type(error)
    finally:
        await producer.stop()
    return None


async def can_read(options, topic):
    """Whether a record comes; the broker lets a topic that is denied look as if there was none."""
    consumer = AIOKafkaConsumer(topic, **options, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        await consumer.start()
        return bool(await consumer.getmany(timeout_ms=READ_TIMEOUT_MS))
    except TopicAuthorizationFailedError:
        return False
    finally:
        await consumer.stop()


async def test_every_account_writes_what_it_says_and_reads_what_it_consumes_and_nothing_else(administrator):
    topics = {administrator.topic_prefix + topic.name: topic for topic in CATALOGUE}
    assert await asyncio.gather(*(write(client_options(administrator), name) for name in topics)) == [None] * len(topics)
    pairs = [(account, name, topic) for account in account_names() for name, topic in topics.items()]

    written = await asyncio.gather(*(write(signed_in(administrator, user_of(account)), name) for account, name, _ in pairs))
    read = await asyncio.gather(*(can_read(signed_in(administrator, user_of(account)), name) for account, name, _ in pairs))

    assert {pair[:2]: error for pair, error in zip(pairs, written, strict=True)} == {
        (account, name): None if topic.owner == account else TopicAuthorizationFailedError for account, name, topic in pairs
    }
    assert {pair[:2]: found for pair, found in zip(pairs, read, strict=True)} == {
        (account, name): account in topic.consumers for account, name, topic in pairs
    }


async def test_a_source_may_report_and_no_more_until_it_is_revoked(administrator):
    prefix = administrator.topic_prefix
    user = await add_source_account(administrator, "/hotlines/12345/330100", password_in(administrator))
    options = signed_in(administrator, user)

    assert await write(options, prefix + REPORTS) is None
    assert await write(options, prefix + RULINGS) is TopicAuthorizationFailedError
    assert not await can_read(options, prefix + REPORTS)
    assert await write(signed_in(administrator, user, "another"), prefix + REPORTS) is KafkaConnectionError

    await remove_source_account(administrator, "/hotlines/12345/330100")

    async def is_unknown():
        return await write(options, prefix + REPORTS) is KafkaConnectionError

    assert await wait_until("an account that is gone", is_unknown)


async def test_a_service_joins_no_group_of_another(administrator):
    options = signed_in(administrator, user_of("stats"))
    topic = administrator.topic_prefix + RULINGS

    with pytest.raises(GroupAuthorizationFailedError):
        async with asyncio.timeout(10):
            consumer = AIOKafkaConsumer(topic, **options, group_id="gongshi-publisher-x")
            try:
                await consumer.start()
                await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)
            finally:
                await consumer.stop()


async def test_who_is_no_super_user_changes_no_rights(administrator):
    account = {"kafka_sasl_username": user_of("stats"), "kafka_sasl_password": SecretStr(password_in(administrator))}
    stats = administrator.model_copy(update={**account, "kafka_sasl_mechanism": "SCRAM-SHA-512"})

    with pytest.raises(AccessRefused):
        await add_source_account(stats, "/hotlines/12345/330100", password_in(administrator))
