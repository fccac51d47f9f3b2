"""A large batch approved and released at the desk: when its page opens, when it is done, the cost, and what is on the topic."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from aiokafka import TopicPartition

from deploy.bench.idle import PARTS, REST
from deploy.bench.meter import cpu_by_part
from deploy.bench.own_system import run_own_system
from deploy.databases import open_database
from deploy.demo import batches
from deploy.demo.batches import Decided
from deploy.demo.staff import create_staff
from deploy.demo.visitor import Visitor
from deploy.producers import open_producer
from deploy.quality.invented_values import uscc
from deploy.topic_offsets import open_consumer
from services.publisher.store import batches as stored
from shared.accounts import Role
from shared.contracts import ComplaintOperator, ComplaintRevised, binary_headers
from shared.contracts.publications import PUBLICATIONS
from shared.contracts.topics import BY_NAME
from shared.settings import Settings

AT = datetime(2026, 10, 9, tzinfo=UTC)
OPERATORS = 2_000
SENT_TOGETHER = 500
POLL_S, TIMEOUT_S = 0.5, 1_800.0
Advance = Callable[[int], object]


async def measure(settings: Settings, items: int, seed: int, advance: Advance) -> dict[str, Any]:
    """Draft so many records in a system of its own, then approve and release them as one batch by the desk's own pages."""
    async with run_own_system(settings) as supervisor:
        staff = await create_staff(supervisor.settings)
        await _report(supervisor.settings, items, seed)
        await _wait_drafted(supervisor.settings, items, advance)
        async with Visitor(**supervisor.urls) as reviewer, Visitor(**supervisor.urls) as gatekeeper:
            for visitor, role in ((reviewer, Role.REVIEWER), (gatekeeper, Role.GATEKEEPER)):
                account = staff.of(role)
                await visitor.sign_in("publisher", "/desk", account.name, account.password)
            path = await batches.find_batch(reviewer)
            await batches.look_at_sample(reviewer, path)
            approved = await _timed(batches.decide(reviewer, path, "approve"))
            released = await _timed(batches.decide(gatekeeper, path, "release", checked="yes"))
        times = await _read_topic(supervisor.settings)
    return {
        "bench": "releases", "items": items, "approve": approved, "release": released, "on_topic": len(times),
        "exact": len(times) == items and set(times.values()) == {1},
    }  # fmt: skip


async def _timed(deciding: Awaitable[Decided]) -> dict[str, Any]:
    before = cpu_by_part(os.getpid(), PARTS, REST)
    decided = await deciding
    after = cpu_by_part(os.getpid(), PARTS, REST)
    spent = {part: round(after.get(part, 0.0) - before.get(part, 0.0), 2) for part in PARTS.values()}
    return {"opens_s": round(decided.opens_s, 3), "done_s": round(decided.done_s, 2), "cpu_s": spent}


def _handled(number: int, operator: ComplaintOperator) -> ComplaintRevised:
    return ComplaintRevised(
        complaint_id=uuid4(), revision=1, source="/bench", external_id=f"B{number}", kind="complaint", channel="platform",
        received_on=date(2026, 8, 19), region="990102", industry="F5273", category="prepaid", operator=operator,
        status="closed", ledger=None, outcome="mediated", accepted=True, accepted_on=date(2026, 8, 21),
        closed_on=date(2026, 9, 8), amount="120.00", recovered="100.00", received_at=AT, goods="健身卡",
        goods_class="服务->餐饮和住宿服务", sale_mode="online", demand="退款", office="990102000", title="门店搬迁后退卡",
        text="门店搬迁后距离较远，要求退还余额。", redaction="clean",
    )  # fmt: skip


async def _report(settings: Settings, items: int, seed: int) -> None:
    """Send so many handled complaints, of operators in turn."""
    rng = random.Random(seed)  # noqa: S311 - the same seed, the same complaints
    codes = [uscc(rng) for _ in range(min(OPERATORS, items))]
    operators = [ComplaintOperator(key=code, name=f"云州第{n}商贸有限公司", uscc=code) for n, code in enumerate(codes)]
    async with open_producer(settings) as producer:
        for first in range(0, items, SENT_TOGETHER):
            revised = [_handled(n, operators[n % len(operators)]) for n in range(first, min(items, first + SENT_TOGETHER))]
            await asyncio.gather(*[await producer.send(**_message(settings, each)) for each in revised])


def _message(settings: Settings, event: ComplaintRevised) -> dict[str, Any]:
    own = binary_headers(event, event_id=uuid4(), source="/bench", at=AT)
    return {
        "topic": settings.topic_prefix + event.topic, "value": event.body(), "key": event.key().encode(),
        "headers": [*own, *event.extension_headers()],
    }  # fmt: skip


async def _wait_drafted(settings: Settings, items: int, advance: Advance) -> None:
    drafted = 0
    async with asyncio.timeout(TIMEOUT_S), open_database(settings, "publisher") as database:
        while drafted < items:
            await asyncio.sleep(POLL_S)
            async with database.snapshot() as connection:
                found = await stored.list_batches(connection, "", limit=1)
            drafts = found[0].drafts if found else 0
            advance(drafts - drafted)
            drafted = drafts


async def _read_topic(settings: Settings) -> Counter[str]:
    """Return how often each item is on the topic, once nothing more comes."""
    times: Counter[str] = Counter()
    topic = settings.topic_prefix + PUBLICATIONS
    async with open_consumer(settings) as consumer:
        consumer.assign([TopicPartition(topic, part) for part in range(BY_NAME[PUBLICATIONS].partitions)])
        await consumer.seek_to_beginning()
        while found := await consumer.getmany(timeout_ms=3_000):
            times.update((record.key or b"").decode() for records in found.values() for record in records)
    return times
