"""What the topic of publications holds, against the release record."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.publisher.store import verification
from services.publisher.store.erasure import fetch_erased
from services.publisher.verification.progress import Progress, no_progress
from shared.contracts.publications import PUBLICATIONS
from shared.settings import Settings
from shared.stream import Database
from shared.stream.client_options import client_options

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
class TopicComparison:
    """The released and the published versions of each item; a version published twice is no difference.

    The topic is compacted: of what was released it holds the newest, and of the versions before as many as are left.
    `later` was released while the topic was read: it may be published already, or not yet. Of what was `erased` (item id and
    version) the number and state are compared.
    """

    released: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    published: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    erased: frozenset[tuple[str, int]] = frozenset()

    def add_released(self, item_id: str, version: Version) -> None:
        """Add a version of the release record."""
        self.released[item_id].append(self._comparable(item_id, version))

    def _comparable(self, item_id: str, version: Version) -> Version:
        """Return the version, without a digest where it was erased: the topic may hold it as it was for two hours."""
        return replace(version, digest=b"") if (item_id, version.number) in self.erased else version

    def add_published(self, item_id: str, version: Version) -> None:
        """Add a version read from the topic."""
        version = self._comparable(item_id, version)
        if version not in self.published[item_id]:
            self.published[item_id].append(version)

    def differences(self) -> list[str]:
        """Return the items whose newest release the topic does not hold, or others or in another order, `item: what`."""
        item_ids = sorted({*self.released, *self.published})
        return [self._difference(item_id) for item_id in item_ids if not self._is_complete(item_id)]

    def _difference(self, item_id: str) -> str:
        published, released = _names(self.published.get(item_id)), _names(self.released.get(item_id))
        return f"{item_id}: the topic tells {published}, released were {released}"

    def _is_complete(self, item_id: str) -> bool:
        published, released = self.published.get(item_id, []), self.released.get(item_id, [])
        known = released + self.later.get(item_id, [])
        if any(version not in known for version in published):
            return False
        places = [known.index(version) for version in published]
        return places == sorted(places) and max(places, default=-1) >= len(released) - 1


def _names(versions: list[Version] | None) -> str:
    return ", ".join(map(str, versions or ())) or "nothing"


@dataclass(frozen=True, slots=True)
class TopicDifferences:
    """How many releases were compared with the topic, and the differences found."""

    releases: int
    found: list[str]


async def find_differences(database: Database, settings: Settings, progress: Progress = no_progress) -> TopicDifferences:
    """Compare all releases with the topic and with the messages in the outbox for it."""
    comparison = TopicComparison()
    async with database.snapshot() as connection:
        comparison.erased = await fetch_erased(connection)
        counts = await verification.count_record(connection)
        advance = progress("Releases", counts.releases)
        async for body in verification.stream_releases(connection):
            item_id, version = _version(body)
            comparison.add_released(item_id, version)
            advance(1)
        unsent = [_version(event["item"]) async for event in verification.stream_unsent(connection, PUBLICATIONS)]
    async for body in _read_topic(settings, progress):
        comparison.add_published(*_version(body))
    for item_id, version in unsent:
        comparison.add_published(item_id, version)
    async with database.snapshot() as connection:
        async for body in verification.stream_releases(connection, counts.seq):
            item_id, version = _version(body)
            comparison.later[item_id].append(version)
    return TopicDifferences(counts.releases, comparison.differences())


def _version(body: Body) -> tuple[str, Version]:
    return body["item_id"], Version.of(body)


async def _read_topic(settings: Settings, progress: Progress) -> AsyncIterator[Body]:
    """Yield the items of all records of the topic, each partition in order, up to its end as of now."""
    topic = settings.topic_prefix + PUBLICATIONS
    # Without a group every partition is assigned at the start.
    consumer = AIOKafkaConsumer(topic, **client_options(settings))
    try:
        await consumer.start()
        partitions = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        advance = progress("Topic", sum(ends[partition] - begins[partition] for partition in partitions))
        await consumer.seek_to_beginning(*partitions)
        async for record in _read_until(consumer, ends, advance):
            yield orjson.loads(record.value)["item"]
    finally:
        await consumer.stop()


async def _read_until(
    consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], advance: Callable[[int], object]
) -> AsyncIterator[Any]:
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)).values():
            for record in records:
                yield record
            advance(len(records))
