"""What is amiss with an engine is told to commands in a sentence that says what to do, whichever command it is."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from pydantic import SecretStr

from deploy.flow import look
from deploy.stores import DatabaseRefused, EngineAwayError, SchemaMissing, connected, opened
from shared.settings import Settings
from tests.integration.conftest import database_named

NOBODY = "127.0.0.1:9"  # the port of discard, which nobody listens on
AWAY = f"postgresql://gongshi@{NOBODY}/gongshi"
SERVICES = ("intake", "stats", "publisher", "corrections")
COMMANDS = (
    ("figures", "--by", "month", "--format", "json"),
    ("close-month", "2026-09"),
    ("draft-month", "2026-09"),
    ("sources", "list", "--format", "json"),
    ("screens", "list"),
    ("dead-letters", "list", "--format", "json"),
    ("accounts", "add", "wang", "--role", "clerk"),
    ("verify", "all"),
)


@pytest.fixture
async def empty(settings: Settings) -> Settings:
    """Settings of a database in which nothing was made."""
    name = settings.topic_prefix.rstrip(".") + "_unmade"
    async with connected(settings) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    return settings.model_copy(update={"database_url": SecretStr(database_named(url(settings), name))})


def url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


async def gongshi(settings: Settings, *arguments: str) -> tuple[int | None, str, str]:
    """Run the command against the engines of these settings; its exit code, output and messages."""
    environment = os.environ | {
        "DATABASE_URL": url(settings),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "GONGSHI_HOME": str(settings.home),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", *arguments, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, messages = await process.communicate()
    return process.returncode, output.decode(), messages.decode()


async def test_a_store_is_opened_in_the_role_of_its_service_and_closed(settings: Settings) -> None:
    async with opened(settings, "stats") as store, store.reading() as connection:
        assert await connection.fetchval("SELECT current_user") == "gongshi_stats"

    assert store.pool.is_closing()


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
async def test_every_command_tells_at_once_that_the_database_is_away(settings: Settings, arguments: tuple[str, ...]) -> None:
    began = time.monotonic()

    code, output, messages = await gongshi(settings.model_copy(update={"database_url": SecretStr(AWAY)}), *arguments)

    assert (code, output) == (1, "")
    assert messages.startswith("gongshi: The database does not answer: ")
    assert messages.endswith("Look at DATABASE_URL.\n")
    assert len(messages.splitlines()) == 1
    assert time.monotonic() - began < 15  # a service would wait for 30 s


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
async def test_every_command_tells_that_nothing_was_made_yet(empty: Settings, arguments: tuple[str, ...]) -> None:
    code, output, messages = await gongshi(empty, *arguments)

    assert (code, output) == (1, "")
    assert messages.startswith("gongshi: The database has no schema of ")
    assert messages.endswith(" yet, or an older one: run `gongshi migrate` first.\n")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_schema_that_is_missing_is_told_by_its_name(empty: Settings, service: str) -> None:
    with pytest.raises(SchemaMissing, match=f"no schema of {service} yet.*gongshi migrate"):
        async with opened(empty, service) as store, store.reading() as connection:
            await connection.fetch("SELECT FROM journal")


async def test_a_role_that_is_missing_is_a_schema_that_is_missing(empty: Settings) -> None:
    with pytest.raises(SchemaMissing, match="no schema of nobody"):
        async with opened(empty, "nobody"):
            pass


async def test_an_older_schema_is_told(settings: Settings) -> None:
    with pytest.raises(SchemaMissing, match="or an older one"):
        async with opened(settings, "stats") as store, store.reading() as connection:
            await connection.fetch("SELECT not_yet FROM journal")


async def test_a_database_that_is_not_there_is_told(settings: Settings) -> None:
    other = settings.model_copy(update={"database_url": SecretStr(database_named(url(settings), "nowhere"))})

    with pytest.raises(DatabaseRefused, match=r"nowhere.*DATABASE_URL"):
        async with opened(other, "stats"):
            pass


@pytest.fixture
async def killer(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url(settings))
    yield connection
    await connection.close()


async def test_a_database_that_goes_away_meanwhile_is_told(settings: Settings, killer: asyncpg.Connection) -> None:
    with pytest.raises(EngineAwayError, match="DATABASE_URL"):
        async with opened(settings, "stats") as store, store.reading() as connection:
            await killer.execute("SELECT pg_terminate_backend($1)", await connection.fetchval("SELECT pg_backend_pid()"))
            await connection.fetch("SELECT FROM journal")


async def test_an_error_of_the_command_itself_passes(settings: Settings, tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        async with opened(settings, "stats"):
            (tmp_path / "missing").read_text()


async def test_a_broker_that_is_away_is_told(settings: Settings) -> None:
    with pytest.raises(EngineAwayError, match=r"The broker does not answer.*KAFKA_BOOTSTRAP_SERVERS"):
        await look(settings.model_copy(update={"kafka_bootstrap_servers": NOBODY}))


async def test_the_topic_cannot_be_compared_without_a_broker(settings: Settings) -> None:
    other = settings.model_copy(update={"kafka_bootstrap_servers": NOBODY})

    code, _, messages = await gongshi(other, "verify", "publications")

    assert code == 1
    assert "gongshi: The broker does not answer" in messages
    assert "Traceback" not in messages
