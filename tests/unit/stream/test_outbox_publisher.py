"""What the outbox holds is what the producer's batches take."""

from __future__ import annotations

from aiokafka.producer.message_accumulator import BatchBuilder

from shared.stream.outbox_batch import OutboxMessage, pack, unpack
from shared.stream.outbox_publisher import OutboxPublisher


class Producer:
    """Makes real batches and sends none."""

    def create_batch(self):
        return BatchBuilder(16_384, 0, is_transactional=False)


def test_a_message_that_was_packed_fits_into_a_batch():
    publisher = OutboxPublisher(Producer(), "")
    (message,) = unpack("t", pack([OutboxMessage("t", b"k", (("ce_id", b"1"),), b"v")]))

    assert publisher._append(("t", 0), message)
