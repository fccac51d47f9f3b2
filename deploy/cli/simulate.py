"""`gongshi simulate`: the sample hotlines emit synthetic complaint events to Kafka."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from zlib import crc32

import orjson
import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.runtime import check_bootstrap_servers, resolve_addresses
from deploy.samples import FAULT_SHARE, Emission, kafka_emissions, today
from shared.contracts.topics import REPORTS
from shared.settings import Settings
from shared.stream.client_options import client_options

SYNTHETIC = "Synthetic hotlines: every operator, person and complaint sent here is invented. 以下投诉均为虚构。"
# Room for some hundred reports a request, and a tenth of the delay that a page's reader would notice.
BATCH_BYTES = 256 * 1024
LINGER_MS = 20
# Events between two checks of the pace without a rate; with a rate, ten checks a second.
STRIDE = 200
CHECKS_PER_S = 10


class BrokerUnavailableError(Exception):
    """No broker answers, or the reports topic is missing."""

    def __init__(self, bootstrap_servers: str, cause: KafkaError) -> None:
        super().__init__(
            f"No Kafka broker answers at {bootstrap_servers}, or {REPORTS} is missing: {cause}. "
            "`gongshi up` starts a broker, `gongshi topics` makes the topics."
        )


@dataclass(slots=True)
class EmitResult:
    """Result of a run: events acknowledged by the broker, those malformed on purpose among them, and seconds."""

    events: int = 0
    malformed: int = 0
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Return the run as one JSON object; `events_per_second` includes the generation of events."""
        rate = round(self.events / self.seconds) if self.seconds else 0
        return {
            "synthetic": True,
            "sent": self.events,
            "malformed": self.malformed,
            "seconds": round(self.seconds, 2),
            "events_per_second": rate,
        }


def simulate(
    total: Annotated[int, typer.Option(min=1, help="Events to send, malformed ones included.")],
    rate: Annotated[float, typer.Option(min=0, help="Events per second; 0 is as fast as the broker accepts them.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed is another city.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day before which all was received; default today.")
    ] = None,
    faults: Annotated[float, typer.Option(min=0, max=1, help="Share of malformed events.")] = FAULT_SHARE,
    bootstrap_servers: Annotated[
        str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Bootstrap servers; default those of GONGSHI_HOME.")
    ] = "",
) -> None:
    """Let synthetic hotlines emit complaint events to Kafka. All content is invented.

    The same options on the same day send the same events again, which the system recognises as duplicates.

    Examples:
        gongshi simulate --total 50000

        gongshi simulate --total 1000 --rate 20 --seed 7
    """
    check_bootstrap_servers(bootstrap_servers)
    settings = Settings(kafka_bootstrap_servers=bootstrap_servers) if bootstrap_servers else resolve_addresses(Settings())
    console = Console(stderr=True)
    console.print(SYNTHETIC)
    day = until.date() if until else today()
    emissions = kafka_emissions(total, seed, day, faults=faults)
    with _progress_bar(console) as bar:
        task = bar.add_task(REPORTS, total=total)
        try:
            result = asyncio.run(emit(settings, emissions, rate=rate, on_progress=lambda n: bar.advance(task, n)))
        except BrokerUnavailableError as error:
            raise typer.BadParameter(str(error), param_hint="--bootstrap-servers") from error
    typer.echo(orjson.dumps({**result.summary(), "seed": seed, "until": day.isoformat()}).decode())


async def emit(
    settings: Settings,
    emissions: Iterable[Emission],
    *,
    rate: float = 0,
    on_progress: Callable[[int], object] = lambda _: None,
) -> EmitResult:
    """Send `emissions` to the reports topic in order, and return when the broker has acknowledged all of them.

    Sending is pipelined on one idempotent producer: order per key is kept, and a retry leaves no second record. `rate` is in
    events per second, 0 without limit. `on_progress` receives the number of further events. Raises BrokerUnavailableError,
    or the KafkaError with which the broker rejected a record.
    """
    result, started, topic = EmitResult(), time.monotonic(), settings.topic_prefix + REPORTS
    async with _open_producer(settings, topic) as producer:
        stride = max(1, min(STRIDE, round(rate / CHECKS_PER_S))) if rate else STRIDE
        errors: list[BaseException] = []
        for emission in emissions:
            delivery = await producer.send(topic, emission.body, key=emission.key, headers=emission.headers)
            delivery.add_done_callback(partial(_collect_error, errors))
            result.events += 1
            result.malformed += emission.facts is None
            if result.events % stride == 0:
                on_progress(stride)
                await _keep_pace(result.events, rate, started)
        await producer.flush()
        # One turn of the loop, for the callbacks of the last deliveries.
        await asyncio.sleep(0)
        if errors:
            raise errors[0]
        on_progress(result.events % stride)
    result.seconds = time.monotonic() - started
    return result


@asynccontextmanager
async def _open_producer(settings: Settings, topic: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
        partitioner=_partition,
    )
    try:
        await producer.start()
        await producer.partitions_for(topic)
    except KafkaError as error:
        await producer.stop()
        raise BrokerUnavailableError(settings.kafka_bootstrap_servers, error) from error
    try:
        yield producer
    finally:
        await producer.stop()


def _collect_error(errors: list[BaseException], delivery: asyncio.Future[Any]) -> None:
    if error := delivery.exception():
        errors.append(error)


def _partition(key: bytes, partitions: list[int], _available: list[int]) -> int:
    """Return the partition by CRC-32, as librdkafka does: aiokafka's default costs more than generating the event."""
    return partitions[crc32(key) % len(partitions)]


async def _keep_pace(count: int, rate: float, started: float) -> None:
    ahead = count / rate - (time.monotonic() - started) if rate else 0
    await asyncio.sleep(max(ahead, 0))


def _progress_bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)
