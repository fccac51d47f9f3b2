"""What subscribers of the topic are told, against the release record."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.publisher.store import verification
from services.publisher.verification.bar import Bar, unseen
from shared.contracts.publications import PUBLICATIONS
from shared.settings import Settings
from shared.stream import Store

Body = dict[str, Any]
READ_TIMEOUT_MS = 1_000
DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an item with the digest of its public form: some 200 bytes, so that a million fit into memory."""

    number: int
    state: str
    digest: bytes

    @classmethod
    def of(cls, body: Body) -> Version:
        """Return the version that a public form is of."""
        content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return cls(body["version"], body["state"], hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest())

    def __str__(self) -> str:
        return f"v{self.number} {self.state}"


@dataclass(slots=True)
class Telling:
    """What was released of each item, and what the topic tells of it; the same told again at once or later is no difference.

    `later` was released while the topic was read: it may be told already, or not yet.
    """

    released: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, item_id: str, version: Version) -> None:
        """Take in what the topic tells."""
        if version not in self.told[item_id]:
            self.told[item_id].append(version)

    def differences(self) -> list[str]:
        """Return where the topic does not tell the releases of an item in their order, `item: what`."""
        return [
            f"{item_id}: the topic tells {_words(self.told.get(item_id))}, released were {_words(self.released.get(item_id))}"
            for item_id in sorted({*self.released, *self.told})
            if not self._as_released(item_id)
        ]

    def _as_released(self, item_id: str) -> bool:
        told, released = self.told.get(item_id, []), self.released.get(item_id, [])
        more = told[len(released) :]
        return told[: len(released)] == released and more == self.later.get(item_id, [])[: len(more)]


def _words(versions: list[Version] | None) -> str:
    return ", ".join(map(str, versions or ())) or "nothing"


@dataclass(frozen=True, slots=True)
class Told:
    """How many releases were compared with the topic, and what was found to differ."""

    releases: int
    found: list[str]


async def differences(store: Store, settings: Settings, bar: Bar = unseen) -> Told:
    """Compare all releases with the topic and with what waits to be sent to it."""
    telling = Telling()
    async with store.reading() as connection:
        held = await verification.held(connection)
        advance = bar("Releases", held.releases)
        async for body in verification.releases(connection):
            item_id, version = _version(body)
            telling.released[item_id].append(version)
            advance(1)
        unsent = [_version(event["item"]) async for event in verification.waiting(connection, PUBLICATIONS)]
    async for body in _read_topic(settings, bar):
        telling.hear(*_version(body))
    for item_id, version in unsent:
        telling.hear(item_id, version)
    async with store.reading() as connection:
        async for body in verification.releases(connection, held.seq):
            item_id, version = _version(body)
            telling.later[item_id].append(version)
    return Told(held.releases, telling.differences())


def _version(body: Body) -> tuple[str, Version]:
    return body["item_id"], Version.of(body)


async def _read_topic(settings: Settings, bar: Bar) -> AsyncIterator[Body]:
    """Yield the items of all records of the topic, each partition in order, up to its end as of now."""
    topic = settings.topic_prefix + PUBLICATIONS
    # Without a group every partition is assigned at the start.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        await consumer.start()
        partitions = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        advance = bar("Topic", sum(ends[partition] - begins[partition] for partition in partitions))
        await consumer.seek_to_beginning(*partitions)
        async for record in _up_to(consumer, ends, advance):
            yield orjson.loads(record.value)["item"]
    finally:
        await consumer.stop()


async def _up_to(
    consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], advance: Callable[[int], object]
) -> AsyncIterator[Any]:
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)).values():
            for record in records:
                yield record
            advance(len(records))
