"""Helpers of the tests of embedded engines: a state directory, produce and consume, SQL, processes."""

from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded import Engines
from deploy.embedded.kafka import Anonymous


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state directory that nobody else uses."""
    return tmp_path / "home"


def engines_in(home: Path) -> Engines:
    return Engines(home, kafka_port=0, postgres_port=0, kafka_anonymous=Anonymous.SUPER_USER)


async def make_topic(servers: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def produce(servers: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def first_record(servers: str, topic: str) -> bytes:
    """The first record of the topic."""
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        record = await consumer.getone()
    assert record.value is not None
    return bytes(record.value)


async def execute(url: str, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def fetch_value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return process_state(pid)[0] != "Z"
    except FileNotFoundError:
        return False


def parent_of(pid: int) -> int:
    return int(process_state(pid)[1])


def process_state(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent and so on."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()
