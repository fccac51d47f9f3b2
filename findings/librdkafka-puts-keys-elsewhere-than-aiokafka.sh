#!/usr/bin/env bash
# confluent-kafka 2.16.1 (librdkafka) and aiokafka 0.14.0 write to one topic: by default one key goes to different partitions (CRC-32
# there, murmur2 here and in Java), so that the order per key, which both promise, does not hold between them. With librdkafka's
# partitioner murmur2_random they agree. Expected: one key, one partition. Seen: most keys apart; none with that setting.
# Runs on librdkafka's own mock of a broker. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check confluent-kafka==2.16.1 aiokafka==0.14.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from aiokafka.partitioner import DefaultPartitioner
from confluent_kafka import Producer

KEYS = [f"/hotlines/a|{number}".encode() for number in range(8)]
PARTITIONS = [0, 1, 2, 3]  # what the mock makes


def places(**settings):
    found = {}
    producer = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0, **settings})
    for key in KEYS:
        producer.produce("reports", key=key, value=b"{}", on_delivery=lambda error, message: found.update({message.key(): message.partition()}))
    producer.flush(10)
    return [found.get(key) for key in KEYS]


aiokafka = [DefaultPartitioner()(key, PARTITIONS, PARTITIONS) for key in KEYS]
default, murmur2 = places(), places(partitioner="murmur2_random")
print(f"aiokafka {aiokafka}, librdkafka {default}, librdkafka with murmur2_random {murmur2}")
sys.exit(0 if default != aiokafka and murmur2 == aiokafka else 1)
PYTHON
