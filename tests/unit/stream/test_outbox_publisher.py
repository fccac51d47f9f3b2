"""What the outbox holds is what the producer's batches take."""

from __future__ import annotations

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.stream.outbox_batch import OutboxMessage, pack, unpack
from shared.stream.outbox_publisher import OutboxPublisher
from shared.stream.signature import HEADER, Signer, Verifier

KEY = Ed25519PrivateKey.generate()
HEADERS = (("ce_id", b"1"), ("ce_type", b"t"))


class Producer:
    """Makes real batches and sends none."""

    def __init__(self):
        self.batch = BatchBuilder(16_384, 0, is_transactional=False)

    def create_batch(self):
        return self.batch


@pytest.mark.parametrize("signer", [None, Signer(KEY)])
def test_a_message_that_was_packed_is_in_the_batch_as_it_was_and_signed_where_it_has_to_be(signer):
    producer = Producer()
    publisher = OutboxPublisher(producer, "", signer)
    (message,) = unpack("t", pack([OutboxMessage("t", b"k", HEADERS, b"v")]))

    assert publisher._append(("t", 0), message)

    producer.batch.close()
    (record,) = MemoryRecords(bytes(producer.batch._build())).next_batch()
    assert (record.key, record.value, tuple(record.headers[: len(HEADERS)])) == (b"k", b"v", HEADERS)
    assert [name for name, _ in record.headers[len(HEADERS) :]] == ([HEADER] if signer else [])
    assert Verifier(KEY.public_key()).verify("t", record) == bool(signer)
