"""Claims: a partition whose log cannot be asked for holds up no other."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition
from aiokafka.errors import LeaderNotAvailableError

from shared.stream import partition_claims
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import PartitionClaims
from shared.stream.positions import Position
from shared.stream.topic_offsets import TopicOffsets

WITHOUT_LEADER, SOUND = TopicPartition("t", 0), TopicPartition("t", 1)


class Kafka:
    """A consumer of two partitions that keeps what is paused and sought."""

    def __init__(self):
        self.paused, self.sought = set(), {}
        self.resumed = asyncio.Event()

    def assignment(self):
        return {WITHOUT_LEADER, SOUND}

    def pause(self, *partitions):
        self.paused |= {*partitions}

    def resume(self, *partitions):
        self.paused -= {*partitions}
        self.resumed.set()

    def seek(self, partition, offset):
        self.sought[partition] = offset

    def bind_topic(self, topic, topic_id):
        return False


class OneWithoutLeader(PartitionClaims):
    """Claims of which one partition's log cannot be asked for."""

    async def _load(self, partitions):
        if WITHOUT_LEADER in partitions:
            raise LeaderNotAvailableError
        log = TopicOffsets(None, dict.fromkeys(partitions, 0), dict.fromkeys(partitions, 9))
        return log, [Position(each, 5, 1) for each in partitions]


async def test_a_partition_without_a_leader_holds_up_no_other(monkeypatch):
    monkeypatch.setattr(partition_claims, "BACK_OFF_S", (0.0,))
    health, kafka = ConsumerHealth("t", "intake"), Kafka()
    claims = OneWithoutLeader(None, health, lambda: kafka)

    claims.claim(kafka.assignment())
    await kafka.resumed.wait()

    assert (kafka.paused, kafka.sought, claims.next_offsets) == ({WITHOUT_LEADER}, {SOUND: 5}, {SOUND: 5})
    assert {each.partition: each.error for each in health.blocked.values()} == {WITHOUT_LEADER: "LeaderNotAvailableError"}
    await claims.stop()
