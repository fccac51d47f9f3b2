"""The embedded engines: durable data, one holder, no orphans, ports, crashes."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from shutil import which

import pytest
from asyncpg import CheckViolationError, UniqueViolationError

from deploy.embedded import Engines, StateInUseError
from deploy.embedded.postgres import bin_directory
from tests.integration.embedded.conftest import (
    engines_in,
    execute,
    fetch_value,
    first_record,
    is_alive,
    make_topic,
    parent_of,
    produce,
)
from tests.integration.probes import wait_until

PARENT = """
import asyncio, sys
from pathlib import Path
from deploy.embedded import Engines
from deploy.embedded.kafka import Anonymous

async def main():
    async with Engines(Path(sys.argv[1]), kafka_port=0, postgres_port=0, kafka_anonymous=Anonymous.SUPER_USER) as engines:
        print(engines.kafka.process.pid, engines.postgres.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def open_to_others(home: Path) -> list[Path]:
    """What in a state directory, itself included, other accounts of the machine have any right to."""
    return [path for path in (home, *home.rglob("*")) if path.lstat().st_mode & 0o077 and not path.is_symlink()]


async def test_topics_and_rows_survive_a_restart_and_other_accounts_can_read_none_of_them(home: Path) -> None:
    async with engines_in(home) as first:
        await make_topic(first.kafka_bootstrap_servers, "kept")
        await produce(first.kafka_bootstrap_servers, "kept", b"report")
        await execute(first.database_url, "CREATE TABLE kept AS SELECT 7 AS n")

    async with engines_in(home) as second:
        assert await first_record(second.kafka_bootstrap_servers, "kept") == b"report"
        assert await fetch_value(second.database_url, "SELECT n FROM kept") == 7
        assert open_to_others(home) == []


async def test_a_second_start_in_the_same_directory_names_the_holder(home: Path) -> None:
    async with engines_in(home) as first:
        with pytest.raises(StateInUseError, match=rf"in use by process {os.getpid()}.*GONGSHI_HOME"):
            await engines_in(home).start()

        assert await fetch_value(first.database_url, "SELECT 1") == 1


async def test_a_killed_parent_leaves_no_broker_and_no_postmaster(home: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, home, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    broker, postmaster = map(int, (await parent.stdout.readline()).split())
    assert is_alive(broker)
    assert is_alive(postmaster)

    parent.kill()
    await parent.wait()

    # The guards still end the engines while the next holder waits for the directory.
    async with engines_in(home) as next_holder:
        assert not is_alive(broker)
        assert not is_alive(postmaster)
        assert await fetch_value(next_holder.database_url, "SELECT 1") == 1


async def test_an_engine_ends_with_its_guard(home: Path) -> None:
    async with engines_in(home) as engines:
        assert engines.kafka is not None
        assert engines.postgres is not None
        pids = [engines.kafka.process.pid, engines.postgres.process.pid]

        for pid in pids:
            os.kill(parent_of(pid), signal.SIGKILL)

        async def both_gone() -> bool:
            return not any(map(is_alive, pids))

        await wait_until("engines to end with their guards", both_gone)


async def test_ports_in_use_are_reported_and_the_next_free_ones_used(home: Path) -> None:
    messages: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        kafka_port, postgres_port = one.getsockname()[1], other.getsockname()[1]

        async with Engines(home, kafka_port=kafka_port, postgres_port=postgres_port, notify=messages.append) as engines:
            assert engines.kafka is not None
            assert engines.postgres is not None
            assert engines.kafka.port > kafka_port
            assert engines.postgres.port > postgres_port
            assert set(messages) == {
                f"Port {kafka_port} is in use by another program: Kafka listens on {engines.kafka.port} instead.",
                f"Port {postgres_port} is in use by another program: PostgreSQL listens on {engines.postgres.port} instead.",
            }


async def test_after_a_crash_both_recover_acknowledged_data_on_their_ports(home: Path) -> None:
    async with engines_in(home) as engines:
        servers, url = engines.kafka_bootstrap_servers, engines.database_url
        await make_topic(servers, "kept")
        await produce(servers, "kept", b"report")
        await execute(url, "CREATE TABLE kept AS SELECT 7 AS n")

        await asyncio.gather(engines.kill_kafka(), engines.kill_postgres())
        await asyncio.gather(engines.restart_kafka(), engines.restart_postgres())

        assert (engines.kafka_bootstrap_servers, engines.database_url) == (servers, url)
        assert await first_record(servers, "kept") == b"report"
        assert await fetch_value(url, "SELECT n FROM kept") == 7

        await engines.restart_postgres(immediate=True)
        assert await fetch_value(url, "SELECT n FROM kept") == 7


async def test_a_long_chinese_path_below_a_closed_directory_works(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / ("投诉 公示" * 12) / "home"
    assert len(os.fsencode(home)) > 107

    async with engines_in(home) as engines:
        await make_topic(engines.kafka_bootstrap_servers, "there")
        assert await fetch_value(engines.database_url, "SELECT 1") == 1


async def test_external_addresses_are_used_and_nothing_is_started(home: Path) -> None:
    async with Engines(home, kafka_bootstrap_servers="broker:9092", database_url="postgresql://db/gongshi") as engines:
        assert engines.kafka_bootstrap_servers == "broker:9092"
        assert engines.database_url == "postgresql://db/gongshi"
        assert engines.kafka is None
        assert engines.postgres is None


async def test_postgres_has_chinese_trigrams_and_a_url_for_dbmate_and_psql(home: Path) -> None:
    dbmate = which("dbmate", path=str(Path(sys.executable).parent))
    assert dbmate is not None
    async with Engines(home, kafka_bootstrap_servers="unused:9092", postgres_port=0) as engines:
        url = engines.database_url
        await execute(url, "CREATE EXTENSION pg_trgm")

        assert await fetch_value(url, "SELECT similarity('云州市消费投诉', '云州市消费者投诉') > 0.5") is True
        assert await fetch_value(url, "SHOW server_encoding") == "UTF8"
        for command in (
            [dbmate, "--url", url, "--migrations-dir", str(home), "status"],
            [str(bin_directory() / "psql"), url, "-c", "SELECT 1"],
        ):
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=home)
            await process.communicate()
            assert process.returncode == 0, command[0]


async def test_the_log_quotes_no_rejected_row(home: Path) -> None:
    async with Engines(home, kafka_bootstrap_servers="unused:9092", postgres_port=0) as engines:
        await execute(engines.database_url, "CREATE TABLE statements (words text PRIMARY KEY CHECK (words <> '张三'))")
        await execute(engines.database_url, "INSERT INTO statements VALUES ('李四')")
        for words, error in (("李四", UniqueViolationError), ("张三", CheckViolationError)):
            with pytest.raises(error, match=words):
                await execute(engines.database_url, "INSERT INTO statements VALUES ($1)", words)
    log = engines.postgres.log.tail(200)
    assert "statements_pkey" in log
    assert "statements_words_check" in log
    assert "李四" not in log
    assert "张三" not in log


async def test_the_password_file_is_readable_by_its_owner_only(home: Path) -> None:
    async with Engines(home, kafka_bootstrap_servers="unused:9092", postgres_port=0):
        assert (home / "postgresql" / "password").stat().st_mode & 0o077 == 0
