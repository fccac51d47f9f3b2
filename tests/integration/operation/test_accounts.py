"""Accounts by command: a new password or a disabled account ends every session, and each act is in the journal of accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import orjson
import pytest

from deploy.journals import SealCopies, check_journal_of
from shared import clock
from shared.accounts import Person, Role, administration, find_person_by_token, open_session
from shared.accounts.administration import UnknownAccount
from shared.settings import Settings
from tests.integration.operation.test_databases import gongshi

pytestmark = pytest.mark.asyncio(loop_scope="session")

LI = Person("li.na", "李娜", Role.REVIEWER)
WU = Person("wu", "吴刚", Role.GATEKEEPER)
PASSWORD, OTHER = "correct horse battery", "staple or paper clip"


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    for person in (LI, WU):
        await administration.set_account(connection, person, PASSWORD, actor="root", now=clock.now())
    yield connection
    await connection.close()


async def test_a_new_password_a_disabled_account_and_the_command_end_every_session(owner: asyncpg.Connection) -> None:
    act = {"actor": "root", "now": clock.now()}
    acts = {
        "a new password": partial(administration.set_password, owner, LI.name, OTHER, **act),
        "added again": partial(administration.set_account, owner, LI, PASSWORD, **act),
        "sessions ended": partial(administration.end_sessions, owner, LI.name, **act),
        "by hand": partial(owner.execute, "UPDATE accounts.people SET password_hash = 'x' WHERE name = 'li.na'"),
        "disabled": partial(administration.disable, owner, LI.name, **act),
    }
    other = await open_session(owner, WU)

    for what, end in acts.items():
        tokens = [await open_session(owner, LI), await open_session(owner, LI)]
        await end()
        assert [await find_person_by_token(owner, token) for token in tokens] == [None, None], what
        assert await administration.list_sessions(owner, LI.name) == [], what

    assert await find_person_by_token(owner, other) == WU


async def test_acts_are_in_the_journal_of_accounts_and_listed(owner: asyncpg.Connection, settings: Settings) -> None:
    await open_session(owner, WU)

    assert (await gongshi(settings, "accounts", "password", "li.na"))[0] == 0
    assert (await gongshi(settings, "accounts", "disable", "li.na"))[0] == 0
    _, listed, _ = await gongshi(settings, "accounts", "list", "--format", "json")
    with pytest.raises(UnknownAccount):
        await administration.disable(owner, "nobody", actor="root", now=clock.now())

    found = {each["name"]: (each["role"], each["active"], each["sessions"]) for each in orjson.loads(listed)}
    assert found == {"li.na": ("reviewer", False, 0), "wu": ("gatekeeper", True, 1)}
    acts = await owner.fetch("SELECT action, subject FROM accounts.journal ORDER BY seq")
    assert [(row["action"], row["subject"]) for row in acts] == [
        ("account_added", "li.na"),
        ("account_added", "wu"),
        ("password_reset", "li.na"),
        ("account_disabled", "li.na"),
    ]
    async with owner.transaction():
        assert (await check_journal_of(owner, "accounts", SealCopies())).faults == []
    assert await owner.fetchval("SELECT to_regclass('accounts.failures')") is None
