"""Several systems on one machine: each has engines of its own, however their starts fall together."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.embedded import EngineError, Engines
from deploy.embedded.kafka import Anonymous
from deploy.embedded.ports import PortReservation, reserve_port
from tests.integration.embedded.conftest import engines_in, execute, fetch_value, first_record, make_topic, produce

SYSTEMS = 3
SYSTEM = """
import asyncio, sys
from pathlib import Path
from deploy.embedded import EngineError, Engines
from deploy.embedded.kafka import Anonymous

async def main():
    kafka_port, postgres_port = map(int, sys.argv[2:])
    print("started", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    ports = {"kafka_port": kafka_port, "postgres_port": postgres_port}
    async with Engines(Path(sys.argv[1]), **ports, kafka_anonymous=Anonymous.SUPER_USER) as engines:
        print(engines.kafka_bootstrap_servers, engines.database_url, flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


async def test_systems_that_start_at_once_have_engines_of_their_own(tmp_path: Path) -> None:
    ports = [str(port) for port in free_ports(2)]
    async with AsyncExitStack() as stack:
        systems = [await launch(stack, tmp_path / f"home-{number}", *ports) for number in range(SYSTEMS)]
        for system in systems:
            system.stdin.write(b"\n")
        addresses = [(await system.stdout.readline()).decode().split() for system in systems]
        for number, (servers, url) in enumerate(addresses):
            await make_topic(servers, "owner")
            await produce(servers, "owner", b"%d" % number)
            await execute(url, f"CREATE TABLE owner AS SELECT {number} AS number")

        owners = [(await first_record(servers, "owner"), await fetch_value(url, "TABLE owner")) for servers, url in addresses]

        assert owners == [(b"%d" % number, number) for number in range(SYSTEMS)]
        assert len({address.rpartition(":")[2] for pair in addresses for address in pair}) == 2 * SYSTEMS


@pytest.mark.parametrize("is_copy", [False, True], ids=["another system", "a copy of the other system"])
async def test_another_systems_engines_on_the_ports_are_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_copy: bool
) -> None:
    if is_copy:
        async with engines_in(tmp_path / "first"):
            pass
        # With owners: under root PostgreSQL's data belongs to the account that runs it.
        copying = await asyncio.create_subprocess_exec("cp", "-a", tmp_path / "first", tmp_path / "second")
        assert await copying.wait() == 0
    async with engines_in(tmp_path / "first") as first:
        await execute(first.database_url, "CREATE TABLE of_the_first ()")
        await make_topic(first.kafka_bootstrap_servers, "of-the-first")
        monkeypatch.setattr("deploy.embedded.engine.reserve_port", race_lost_once())
        ports = {"kafka_port": first.kafka.port, "postgres_port": first.postgres.port}
        async with Engines(tmp_path / "second", **ports, kafka_anonymous=Anonymous.SUPER_USER) as second:
            assert await fetch_value(second.database_url, "SELECT to_regclass('of_the_first')") is None
            await make_topic(second.kafka_bootstrap_servers, "of-the-first")


async def test_a_lost_password_is_named_and_not_waited_for(tmp_path: Path) -> None:
    async with Engines(tmp_path, kafka_bootstrap_servers="unused:9092", postgres_port=0):
        pass
    password = tmp_path / "postgresql" / "password"
    password.write_text("another", encoding="ascii")

    with pytest.raises(EngineError, match=rf"PostgreSQL did not start: .*{password}"):
        await Engines(tmp_path, kafka_bootstrap_servers="unused:9092", postgres_port=0).start()


def race_lost_once() -> Callable[[int], PortReservation]:
    """Return a reservation of ports that takes each preferred port for free once, as when another system was faster."""
    lost: set[int] = set()

    def reserve(preferred: int) -> PortReservation:
        if preferred in lost:
            return reserve_port(preferred)
        lost.add(preferred)
        return PortReservation(preferred, socket.socket())

    return reserve


async def launch(stack: AsyncExitStack, home: Path, *ports: str) -> asyncio.subprocess.Process:
    """Start a system that waits for a line on its standard input before it starts its engines, and before it ends."""
    command = (sys.executable, "-c", SYSTEM, str(home), *ports)
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    stack.push_async_callback(end, process)
    assert await process.stdout.readline() == b"started\n"
    return process


async def end(process: asyncio.subprocess.Process) -> None:
    await process.communicate(b"\n\n")
    assert process.returncode == 0


def free_ports(count: int) -> list[int]:
    reservations = [reserve_port(0) for _ in range(count)]
    for reservation in reservations:
        reservation.release()
    return [reservation.port for reservation in reservations]
