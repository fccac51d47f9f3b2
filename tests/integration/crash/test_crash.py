"""kill -9, zombies, a crash of PostgreSQL and a kill of the broker lose nothing and duplicate nothing."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.engines import Engines
from deploy.embedded.kafka import Anonymous
from deploy.samples import kafka_emissions
from services.intake.store.complaints import fetch_linked
from tests.integration.crash.checker import differences, expected_totals, stored_totals
from tests.integration.crash.machine import ROOT, Machine
from tests.integration.crash.workload import Workload
from tests.integration.probes import wait_until

REPORTS = int(os.environ.get("GONGSHI_CHAOS_REPORTS", "50000"))
SEED = int(os.environ.get("GONGSHI_CHAOS_SEED", "20261122"))
ROUNDS = max(1, REPORTS // 100_000)
CHUNKS_PER_S = 6.0
SESSION_TIMEOUT_MS = 6_000
SERVICES = ("intake", "stats", "publisher", "corrections")


@pytest.fixture
async def crash_engines(tmp_path: Path) -> AsyncIterator[Engines]:
    async with Engines(tmp_path / "engines", kafka_port=0, postgres_port=0, kafka_anonymous=Anonymous.SUPER_USER) as engines:
        yield engines


async def inject_faults(machine: Machine, workload: Workload) -> None:
    """Inject each fault once a round, in the order that the seed gives, spread over the workload."""
    chance = random.Random(SEED)
    faults: list[Callable[[], Awaitable[None]]] = [
        lambda: machine.kill("intake"),
        lambda: machine.kill("stats"),
        lambda: machine.freeze("intake"),
        lambda: machine.freeze("stats"),
        machine.crash_postgres,
        machine.kill_broker,
        lambda: machine.kill("intake"),
        lambda: machine.kill("stats"),
    ] * ROUNDS
    chance.shuffle(faults)
    for number, fault in enumerate(faults, 1):
        due = number / (len(faults) + 1)

        async def is_due(due: float = due) -> bool:
            return workload.progress >= due

        await wait_until(f"{due:.0%} of the reports are sent", is_due, within_s=300)
        await fault()


async def test_every_figure_equals_what_was_sent_whatever_process_dies(
    crash_engines: Engines, tmp_path: Path, record_property: Callable[[str, object], None]
):
    record_property("seed", SEED)
    async with Machine(crash_engines, tmp_path, SERVICES, SESSION_TIMEOUT_MS) as machine:
        await run_under_faults(machine)


async def run_under_faults(machine: Machine) -> None:
    """Send reports while processes die, then compare."""
    for preparation in (("migrate",), ("topics", "--create")):
        status, _, err = await machine.run_command(*preparation)
        assert status == 0, err.decode()
    workload = Workload(
        machine.engines.kafka_bootstrap_servers, list(kafka_emissions(REPORTS, seed=SEED, faults=0.003)), CHUNKS_PER_S
    )

    await machine.start()
    sending = asyncio.create_task(workload.run())
    await inject_faults(machine, workload)
    await sending
    status, _, err = await machine.run_command("wait", "--timeout", "180")
    assert status == 0, err.decode()

    assert len(machine.faults) == 8 * ROUNDS
    connection = await asyncpg.connect(machine.engines.database_url)
    try:
        linked = await fetch_linked(connection)
    finally:
        await connection.close()
    assert linked
    assert workload.ledger.wrong_links(linked) == []
    for by in (("operator", "month"), ("region", "category"), ("channel", "month"), ("industry", "year")):
        status, out, err = await machine.run_command("figures", "--by", ",".join(by), "--format", "json")
        assert status == 0, err.decode()
        assert differences(expected_totals(workload.ledger, linked, *by), stored_totals(orjson.loads(out), *by)) == [], (
            f"seed {SEED}, {machine.faults}"
        )
    status, out, err = await machine.run_command("verify", "figures")
    assert status == 0, out.decode() + err.decode()


async def test_a_naive_consumer_fails_the_same_comparison(crash_engines: Engines, tmp_path: Path):
    machine = Machine(crash_engines, tmp_path, (), SESSION_TIMEOUT_MS)
    status, _, err = await machine.run_command("topics", "--create")
    assert status == 0, err.decode()
    emissions = list(kafka_emissions(20_000, seed=SEED))
    workload = Workload(crash_engines.kafka_bootstrap_servers, emissions, 20)
    connection = await asyncpg.connect(crash_engines.database_url)

    async def count_reports() -> int:
        if not await connection.fetchval("SELECT to_regclass('naive_counts') IS NOT NULL"):
            return 0
        return int(await connection.fetchval("SELECT coalesce(sum(reports), 0) FROM naive_counts"))

    async def run_naive() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.integration.crash.naive",
            crash_engines.kafka_bootstrap_servers, crash_engines.database_url, cwd=ROOT,
        )  # fmt: skip

    naive = await run_naive()
    sending = asyncio.create_task(workload.run())
    for goal in range(2_000, 14_000, 2_000):

        async def has_reached(goal: int = goal) -> bool:
            return await count_reports() >= goal

        await wait_until(f"{goal} reports are counted", has_reached, within_s=60)
        naive.send_signal(signal.SIGKILL)
        await naive.wait()
        naive = await run_naive()
    await sending

    sent = Counter(e.key.decode() for e in emissions)

    async def is_committed() -> bool:
        return await count_committed("naive", crash_engines.kafka_bootstrap_servers) == len(emissions)

    await wait_until("the naive consumer has committed everything", is_committed, within_s=60)
    stored = {row["key"]: row["reports"] for row in await connection.fetch("SELECT key, reports FROM naive_counts")}
    naive.kill()
    await naive.wait()
    await connection.close()

    assert differences({(k,): (n,) for k, n in sent.items()}, {(k,): (n,) for k, n in stored.items()})


async def count_committed(group: str, bootstrap_servers: str) -> int:
    """Return how many records a consumer group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return sum(max(0, position.offset) for position in offsets.values())
