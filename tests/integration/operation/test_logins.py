"""What each login of the database must not: other schemas, other roles, sessions of others, hashes, rows that stand."""

from __future__ import annotations

from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared import accounts
from shared.accounts import Role
from shared.database.logins import LOGINS, READER, SERVICES, login_url, role_of
from shared.database.migrations import APPEND_ONLY_TABLES, READER_TABLES
from shared.settings import Settings

PASSWORD = "a long password"
DENIED = asyncpg.InsufficientPrivilegeError

pytestmark = pytest.mark.asyncio(loop_scope="session")

TABLES = """
SELECT n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm')
"""
RIGHTS = """
SELECT t.name AS table, p.right
  FROM unnest($2::text[]) AS t(name), unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p("right")
 WHERE has_table_privilege($1, t.name, p.right)
"""


@asynccontextmanager
async def signed_in(settings: Settings, login: str):
    connection = await asyncpg.connect(login_url(settings, login))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def owner(settings):
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    yield connection
    await connection.close()


async def rights_of(owner, login: str, schema: str) -> set[tuple[str, str]]:
    tables = [f"{row['schema']}.{row['name']}" for row in await owner.fetch(TABLES, [schema])]
    assert tables
    return {tuple(row) for row in await owner.fetch(RIGHTS, role_of(login), tables)}


async def test_each_login_is_itself_and_neither_superuser_nor_owner_nor_another_role(settings, owner):
    for login in LOGINS:
        async with signed_in(settings, login) as connection:
            assert await connection.fetchval("SELECT session_user") == role_of(login)
            await connection.execute("SET ROLE NONE")
            others = {role_of(other) for other in (*LOGINS, "accounts")} - {role_of(login)}
            for role in (*sorted(others), await owner.fetchval("SELECT current_user")):
                with pytest.raises(DENIED):
                    await connection.execute(f"SET ROLE {role}")
    powers = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'gongshi\\_%' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)"
    assert await owner.fetch(powers) == []
    assert not await owner.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'gongshi_accounts'")


@pytest.mark.parametrize("login", SERVICES)
async def test_a_service_has_no_right_to_any_table_of_another_schema(owner, login):
    for schema in {*SERVICES, "accounts"} - {login}:
        assert await rights_of(owner, login, schema) == set(), schema
        assert not await owner.fetchval("SELECT has_schema_privilege($1, $2, 'CREATE')", role_of(login), schema)
    assert await rights_of(owner, login, login)  # the matrix sees rights where there are some


async def test_the_reader_reads_what_is_verified_and_nothing_of_persons(owner):
    for schema in SERVICES:
        rights = await rights_of(owner, READER, schema)
        assert {right for _, right in rights} == {"SELECT"}
        if READER_TABLES[schema]:
            assert {table for table, _ in rights} == {f"{schema}.{table}" for table in READER_TABLES[schema]}
    assert {right for _, right in await rights_of(owner, READER, "accounts")} <= {"SELECT"}
    assert not await owner.fetchval("SELECT has_table_privilege('gongshi_reader', 'accounts.people', 'SELECT')")


@pytest.mark.parametrize("login", SERVICES)
async def test_no_login_reads_hashes_or_makes_a_session(settings, owner, login):
    await accounts.add_person(owner, "xu.an", "许安", Role.GATEKEEPER, PASSWORD)

    async with signed_in(settings, login) as connection:
        for statement in (
            "SELECT password_hash FROM accounts.people",
            "SELECT token_hash FROM accounts.sessions",
            "INSERT INTO accounts.sessions VALUES (sha256('x'), 'xu.an', now(), now() + interval '1 hour')",
            "DELETE FROM accounts.attempts",
            "UPDATE accounts.people SET password_hash = 'mine'",
            "SELECT seed FROM accounts.second_factors",
            "DELETE FROM accounts.second_factors",
            "SELECT code_hash FROM accounts.recovery_codes",
            "SELECT accounts.use_second_factor('xu.an', sha256('x'), 1, NULL)",
        ):
            with pytest.raises(DENIED):
                await connection.execute(statement)
        parameters = await connection.fetchval("SELECT accounts.password_parameters('xu.an')")
        forged = await connection.fetch(
            "SELECT * FROM accounts.open_session('xu.an', sha256('x'), sha256('y'), '1 hour', NULL, NULL)"
        )

    stored = await owner.fetchval("SELECT password_hash FROM accounts.people WHERE name = 'xu.an'")
    assert stored.rpartition("$")[0] == parameters
    assert forged == []
    assert await owner.fetchval("SELECT count(*) FROM accounts.sessions") == 0


async def test_a_service_opens_a_session_for_who_knows_the_password(settings, owner):
    await accounts.add_person(owner, "xu.an", "许安", Role.GATEKEEPER, PASSWORD)

    async with signed_in(settings, "stats") as connection:
        credentials = await accounts.find_credentials(connection, "xu.an")
        person, token = await accounts.open_proven_session(connection, "xu.an", credentials.prove(PASSWORD))
        found = await accounts.find_person_by_token(connection, token)
        await accounts.close_session(connection, token)
        gone = await accounts.find_person_by_token(connection, token)
        wrong = await accounts.open_proven_session(connection, "xu.an", credentials.prove(PASSWORD + "!"))
        decoy = await accounts.find_credentials(connection, "nobody")
        unknown = await accounts.open_proven_session(connection, "nobody", decoy.prove(PASSWORD))

    assert (found, person.name) == (person, "xu.an")
    assert (gone, wrong, unknown) == (None, None, None)


@pytest.mark.parametrize("login", SERVICES)
async def test_rows_that_stand_can_neither_be_changed_nor_deleted(settings, login):
    async with signed_in(settings, login) as connection:
        for table in APPEND_ONLY_TABLES[login]:
            column = await connection.fetchval(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = $1 AND table_name = $2 AND is_identity = 'NO'",
                login,
                table,
            )
            for statement in (
                f"UPDATE {login}.{table} SET {column} = {column}",
                f"DELETE FROM {login}.{table}",
                f"TRUNCATE {login}.{table} CASCADE",
            ):
                with pytest.raises(DENIED):
                    await connection.execute(statement)


async def test_functions_of_accounts_have_a_fixed_search_path_and_nobody_else_may_call_them(owner):
    functions = await owner.fetch(
        "SELECT p.proname, p.proconfig, pg_get_userbyid(p.proowner) AS owner, "
        "has_function_privilege('gongshi_reader', p.oid, 'EXECUTE') AS reader "
        "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'accounts' AND p.prosecdef"
    )

    assert {row["proname"] for row in functions} >= {"open_session", "person_of_session", "admit_attempt"}
    assert {row["owner"] for row in functions} == {"gongshi_accounts"}
    assert {tuple(row["proconfig"]) for row in functions} == {("search_path=pg_catalog, pg_temp",)}
    assert [row["proname"] for row in functions if row["reader"]] == ["display_names"]
