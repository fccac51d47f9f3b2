"""The commands that prepare a new installation, as the migration job and a person at the terminal run them."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from pydantic import SecretStr

from shared.accounts import Person, Role, find_credentials, open_proven_session
from shared.contracts.topics import CATALOGUE
from shared.database import SCHEMAS
from shared.settings import Settings
from tests import commands
from tests.integration.conftest import replace_database


async def gongshi(settings: Settings, *arguments: str, stdin: str = "") -> commands.Finished:
    """Run the command against the engines of the test."""
    return await commands.gongshi(commands.environment_of(settings), *arguments, stdin=stdin)


@pytest.fixture
def settings(database: Settings) -> Settings:
    """Settings of a fresh database: no command here needs its topics."""
    return database


@pytest.fixture
async def empty(settings: Settings) -> Settings:
    """Settings of a database without schemas, and of a prefix without topics."""
    name = settings.topic_prefix.rstrip(".") + "_empty"
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = replace_database(settings.database_url.get_secret_value(), name)
    return settings.model_copy(update={"database_url": SecretStr(url), "topic_prefix": f"{name}."})


async def test_migrate_creates_every_schema_and_may_run_twice_at_once(empty: Settings) -> None:
    outcomes = await asyncio.gather(gongshi(empty, "migrate"), gongshi(empty, "migrate"))

    assert [code for code, _, _ in outcomes] == [0, 0]
    connection = await asyncpg.connect(empty.database_url.get_secret_value())
    schemas = {row["nspname"] for row in await connection.fetch("SELECT nspname FROM pg_namespace")}
    await connection.close()
    assert set(SCHEMAS) <= schemas


async def test_topics_are_created_once(empty: Settings) -> None:
    first = await gongshi(empty, "topics", "--create")
    second = await gongshi(empty, "topics", "--create")

    assert first[0] == second[0] == 0
    assert sorted(first[1].removeprefix("created: ").strip().split(", ")) == sorted(
        empty.topic_prefix + topic.name for topic in CATALOGUE
    )
    assert second[1] == "all topics exist\n"


async def person_who_signs_in(connection: asyncpg.Connection, name: str, password: str) -> Person | None:
    opened = await open_proven_session(connection, name, (await find_credentials(connection, name)).prove(password))
    return opened[0] if opened else None


async def test_an_added_person_signs_in_with_the_printed_password(settings: Settings) -> None:
    code, output, _ = await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer", "--display-name", "李娜")

    password = output.splitlines()[-1].rsplit(" ", 1)[1]
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    person = await person_who_signs_in(connection, "li.na", password)
    await connection.close()
    assert code == 0
    assert person is not None
    assert (person.display_name, person.role) == ("李娜", Role.REVIEWER)


async def test_a_password_from_standard_input_is_never_printed(settings: Settings) -> None:
    code, output, messages = await gongshi(
        settings, "accounts", "add", "zhao.lei", "--role", "gatekeeper", "--password-stdin", stdin="correct horse battery\n"
    )

    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    person = await person_who_signs_in(connection, "zhao.lei", "correct horse battery")
    await connection.close()
    assert code == 0
    assert "correct horse" not in output + messages
    assert person is not None


async def test_a_short_password_and_an_invalid_name_are_rejected_in_one_sentence(settings: Settings) -> None:
    short = await gongshi(settings, "accounts", "add", "wang", "--role", "clerk", "--password-stdin", stdin="short\n")
    bad = await gongshi(settings, "accounts", "add", "王芳", "--role", "clerk")

    assert (short[0], short[2]) == (1, "gongshi: A password needs at least 12 characters; any, spaces and Chinese included.\n")
    assert bad[0] == 1
    assert bad[2].startswith("gongshi: A name is 2 to 63")


async def test_a_role_never_changes(settings: Settings) -> None:
    """Who approved an item could otherwise decide on it after a change of desks."""
    await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer")

    again = await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer")
    other = await gongshi(settings, "accounts", "add", "li.na", "--role", "officer")

    assert again[0] == 0
    assert other[0] == 1
    assert other[2].startswith("gongshi: li.na has another role or staff number, and these never change")


async def test_a_staff_number_is_given_once_and_has_its_form(settings: Settings) -> None:
    without = await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer")
    given = await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer", "--staff-number", "0417")
    other = await gongshi(settings, "accounts", "add", "li.na", "--role", "reviewer", "--staff-number", "0418")
    bad = await gongshi(settings, "accounts", "add", "wu", "--role", "clerk", "--staff-number", "工号一")
    listed = await gongshi(settings, "accounts", "list", "--format", "json")

    assert (without[0], given[0], other[0], bad[0]) == (0, 0, 1, 1)
    assert bad[2].startswith("gongshi: A staff number is 1 to 32")
    assert '"staff_number":"0417"' in listed[1]


async def test_accounts_need_a_migrated_database(empty: Settings) -> None:
    code, _, messages = await gongshi(empty, "accounts", "add", "wang", "--role", "clerk")

    words = "gongshi: The database has no schema of accounts yet, or an older one: run `gongshi migrate` first.\n"
    assert (code, messages) == (1, words)
