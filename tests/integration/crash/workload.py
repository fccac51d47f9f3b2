"""The workload: reports sent at a fixed rate, each until the broker has acknowledged it, and the ledger of what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.samples import Emission, Ledger
from shared.contracts.topics import REPORTS

CHUNK = 500
SEND_TIMEOUT_S = 20.0


class Workload:
    """Sends emissions in order, a chunk at a time; a chunk that was not fully acknowledged is sent again."""

    def __init__(self, bootstrap_servers: str, emissions: Sequence[Emission], chunks_per_s: float) -> None:
        self.ledger = Ledger()
        self.sent = 0
        self._bootstrap_servers = bootstrap_servers
        self._emissions = emissions
        self._interval_s = 1 / chunks_per_s

    @property
    def progress(self) -> float:
        """The share of the reports that were sent."""
        return self.sent / len(self._emissions)

    async def run(self) -> None:
        """Send everything."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(self._emissions), CHUNK):
            started_at = loop.time()
            chunk = self._emissions[start : start + CHUNK]
            while not await self._send(chunk):
                pass
            self.ledger.consume(chunk)
            self.sent += len(chunk)
            await _sleep_until(started_at + self._interval_s)

    async def _send(self, chunk: Sequence[Emission]) -> bool:
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap_servers, acks="all", enable_idempotence=True, linger_ms=5)
        try:
            await asyncio.wait_for(producer.start(), SEND_TIMEOUT_S)
            sends = [await producer.send(REPORTS, e.body, key=e.key, headers=e.headers) for e in chunk]
            await asyncio.wait_for(asyncio.gather(*sends), SEND_TIMEOUT_S)
        except (KafkaError, TimeoutError, OSError):
            return False
        finally:
            with suppress(KafkaError, TimeoutError, OSError):
                await asyncio.wait_for(producer.stop(), SEND_TIMEOUT_S)
        return True


async def _sleep_until(moment: float) -> None:
    loop = asyncio.get_running_loop()
    reached = asyncio.Event()
    loop.call_at(moment, reached.set)
    await reached.wait()
