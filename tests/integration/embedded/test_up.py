"""`gongshi up` as a process: what a signal ends, and what it says of data that is gone."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from deploy.embedded import Engines
from deploy.embedded.engines import ROWS_LOST, TOPICS_LOST
from deploy.embedded.state_directory import StateDirectory
from tests.integration.probes import wait_until

PORTS = {f"GONGSHI_{name}_PORT": "0" for name in ("KAFKA", "POSTGRES", "PUBLISHER", "INTAKE", "STATS", "CORRECTIONS")}


async def up(home: Path) -> asyncio.subprocess.Process:
    """Start the intake service and its engines by the command."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "up", "--services", "intake",
        env={**os.environ, **PORTS, "GONGSHI_HOME": str(home)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def assert_free(home: Path) -> None:
    """No guard of an engine holds the state directory any more."""
    directory = StateDirectory(home)
    await directory.lock()
    directory.unlock()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_during_the_start_stops_what_was_started(home: Path, number: signal.Signals) -> None:
    process = await up(home)

    async def database_is_there() -> bool:
        return (home / "postgresql" / "data" / "postmaster.pid").exists()

    await wait_until("the database's process", database_is_there)
    process.send_signal(number)
    _, messages = await process.communicate()

    assert process.returncode == 128 + number
    assert messages.decode().splitlines()[-1] == "Stopped before everything was ready."
    assert b"Traceback" not in messages
    await assert_free(home)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_to_what_is_ready_ends_it_with_0(home: Path, number: signal.Signals) -> None:
    process = await up(home)
    assert process.stdout is not None
    while not (line := await process.stdout.readline()).startswith(b"Everything is ready"):
        assert line, await process.communicate()

    process.send_signal(number)
    _, messages = await process.communicate()

    assert process.returncode == 0
    assert messages.decode().splitlines() == ["Stopping: services first, then Kafka and PostgreSQL."]
    await assert_free(home)


async def test_an_engine_whose_data_is_gone_is_named_with_what_to_do(home: Path) -> None:
    messages: list[str] = []

    async def start() -> None:
        async with Engines(home, notify=messages.append):
            pass

    await start()
    assert messages == []
    shutil.rmtree(home / "kafka")
    await start()
    assert messages == [TOPICS_LOST]
    shutil.rmtree(home / "postgresql")
    await start()
    assert messages == [TOPICS_LOST, ROWS_LOST]
