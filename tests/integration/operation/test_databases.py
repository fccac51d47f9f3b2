"""Every command reports a fault of an engine in a sentence that says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from deploy.backlog import measure_backlog
from deploy.databases import DatabaseAccessDenied, EngineUnavailable, SchemaMissing, connect_database, open_database
from deploy.embedded.engines import Engines
from shared.settings import Settings
from tests import commands
from tests.integration.conftest import fresh_database, replace_database
from tests.integration.progress import without_progress

UNUSED_ADDRESS = "127.0.0.1:9"  # the discard port, on which nothing listens
UNAVAILABLE = f"postgresql://gongshi@{UNUSED_ADDRESS}/gongshi"
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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settings(engines: Engines, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Settings of a database for all tests here, which write nothing to it."""
    async with fresh_database(engines, template, tmp_path_factory.mktemp("stores")) as settings:
        yield settings


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty(settings: Settings) -> Settings:
    """Settings of a database without schemas."""
    name = settings.topic_prefix.rstrip(".") + "_unmade"
    async with connect_database(settings) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    return settings.model_copy(update={"database_url": SecretStr(replace_database(url(settings), name))})


def url(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


async def gongshi(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    """Run the command against the engines of these settings; its exit code, output and messages without progress."""
    code, output, messages = await commands.gongshi(commands.environment_of(settings), *arguments)
    return code, output, without_progress(messages)


async def test_a_store_uses_the_role_of_its_service_and_is_closed(settings: Settings) -> None:
    async with open_database(settings, "stats") as database, database.snapshot() as connection:
        assert await connection.fetchval("SELECT current_user") == "gongshi_stats"

    assert database.pool.is_closing()


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
async def test_every_command_reports_that_the_database_is_unavailable_and_does_not_try_again_as_a_service_does(
    settings: Settings, arguments: tuple[str, ...]
) -> None:
    code, output, messages = await gongshi(settings.model_copy(update={"database_url": SecretStr(UNAVAILABLE)}), *arguments)

    assert (code, output) == (1, "")  # a service's attempts are logged on standard output
    assert messages.startswith("gongshi: The database does not answer: ")
    assert messages.endswith("Look at DATABASE_URL.\n")
    assert len(messages.splitlines()) == 1


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
async def test_every_command_reports_a_database_without_schemas(empty: Settings, arguments: tuple[str, ...]) -> None:
    code, output, messages = await gongshi(empty, *arguments)

    assert (code, output) == (1, "")
    assert messages.startswith("gongshi: The database has no schema of ")
    assert messages.endswith(" yet, or an older one: run `gongshi migrate` first.\n")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_missing_schema_is_named(empty: Settings, service: str) -> None:
    with pytest.raises(SchemaMissing, match=f"no schema of {service} yet.*gongshi migrate"):
        async with open_database(empty, service) as database, database.snapshot() as connection:
            await connection.fetch("SELECT FROM journal")


async def test_a_missing_role_is_a_missing_schema(empty: Settings) -> None:
    with pytest.raises(SchemaMissing, match="no schema of nobody"):
        async with open_database(empty, "nobody"):
            pass


async def test_an_outdated_schema_is_reported(settings: Settings) -> None:
    with pytest.raises(SchemaMissing, match="or an older one"):
        async with open_database(settings, "stats") as database, database.snapshot() as connection:
            await connection.fetch("SELECT not_yet FROM journal")


async def test_a_missing_database_is_reported(settings: Settings) -> None:
    other = settings.model_copy(update={"database_url": SecretStr(replace_database(url(settings), "nowhere"))})

    with pytest.raises(DatabaseAccessDenied, match=r"nowhere.*DATABASE_URL"):
        async with open_database(other, "stats"):
            pass


@pytest.fixture
async def killer(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url(settings))
    yield connection
    await connection.close()


async def test_a_lost_connection_is_reported(settings: Settings, killer: asyncpg.Connection) -> None:
    with pytest.raises(EngineUnavailable, match="DATABASE_URL"):
        async with open_database(settings, "stats") as database, database.snapshot() as connection:
            await killer.execute("SELECT pg_terminate_backend($1)", await connection.fetchval("SELECT pg_backend_pid()"))
            await connection.fetch("SELECT FROM journal")


async def test_other_errors_pass_unchanged(settings: Settings, tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        async with open_database(settings, "stats"):
            (tmp_path / "missing").read_text()


async def test_an_unavailable_broker_is_reported(settings: Settings) -> None:
    with pytest.raises(EngineUnavailable, match=r"The broker does not answer.*KAFKA_BOOTSTRAP_SERVERS"):
        await measure_backlog(settings.model_copy(update={"kafka_bootstrap_servers": UNUSED_ADDRESS}))


async def test_publications_cannot_be_verified_without_a_broker(settings: Settings) -> None:
    other = settings.model_copy(update={"kafka_bootstrap_servers": UNUSED_ADDRESS})

    code, _, messages = await gongshi(other, "verify", "publications")

    assert code == 1
    assert "gongshi: The broker does not answer" in messages
    assert "Traceback" not in messages
