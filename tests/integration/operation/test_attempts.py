"""Sign-ins are counted by address, name and in all; nobody can lock out who has signed in at a browser before."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from deploy.embedded.engines import Engines
from shared import accounts
from shared.accounts import Attempt, PasswordQueue, Role, TooManyAttempts, TooManyWaiting, attempts
from shared.accounts.attempts import IN_ALL, KEPT_DEVICES, OF_ADDRESS, OF_NAME, WINDOW, Admission, admit_attempt
from shared.accounts.second_factor import SeedBox
from shared.database import open_pool
from shared.settings import Settings
from tests.integration.conftest import replace_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT = datetime(2026, 10, 9, 8, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"
SEEDS = SeedBox(bytes(32))
LI = Attempt("li.na", "192.0.2.1", "", AT)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_pool(engines: Engines, template: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool in the role of a service, which is what signs people in; it needs no topics."""
    name = "test_attempts"
    admin = await asyncpg.connect(engines.database_url)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = replace_database(engines.database_url, name)
    owner = await asyncpg.connect(url)
    await accounts.add_person(owner, "li.na", "李娜", Role.REVIEWER, PASSWORD)
    await owner.close()
    pool = await open_pool(Settings(database_url=SecretStr(url)), "publisher")
    yield pool
    await pool.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest_asyncio.fixture(loop_scope="session")
async def owner(engines: Engines, shared_pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """The owner of a database in which nobody has tried to sign in yet."""
    owner = await asyncpg.connect(replace_database(engines.database_url, "test_attempts"))
    await owner.execute("TRUNCATE accounts.attempts, accounts.devices")
    yield owner
    await owner.close()


@pytest.fixture
def pool(shared_pool: asyncpg.Pool, owner: asyncpg.Connection) -> asyncpg.Pool:
    return shared_pool


@pytest.fixture
def passwords() -> PasswordQueue:
    return PasswordQueue()


async def admit(pool: asyncpg.Pool, *made: Attempt) -> Counter[Admission]:
    """Make attempts at once and return how each was answered."""

    async def one(attempt: Attempt) -> Admission:
        async with pool.acquire() as connection:
            return await admit_attempt(connection, attempt)

    return Counter(await asyncio.gather(*(one(attempt) for attempt in made)))


def of_name(name: str, number: int) -> list[Attempt]:
    """Attempts by one name from as many addresses."""
    return [Attempt(name, f"192.0.2.{index}", "", AT) for index in range(number)]


async def test_attempts_at_once_never_exceed_a_count(pool: asyncpg.Pool) -> None:
    assert await admit(pool, *of_name("zhao.lei", 2 * OF_NAME)) == {Admission.STRANGER: OF_NAME, Admission.NAME: OF_NAME}

    spray = [Attempt(f"name{index}", "198.51.100.7", "", AT) for index in range(OF_ADDRESS + 5)]
    assert await admit(pool, *spray) == {Admission.STRANGER: OF_ADDRESS, Admission.ADDRESS: 5}


async def test_all_together_are_bounded_and_what_was_refused_before_does_not_count(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "IN_ALL", OF_NAME + 2)
    await admit(pool, *of_name("zhao.lei", 4 * OF_NAME))

    others = [Attempt(f"other{index}", f"203.0.113.{index}", "", AT) for index in range(3)]
    assert await admit(pool, *others) == {Admission.STRANGER: 2, Admission.ALL: 1}
    assert IN_ALL > OF_ADDRESS > OF_NAME


async def test_the_next_window_begins_anew(pool: asyncpg.Pool) -> None:
    await admit(pool, *of_name("li.na", 2 * OF_NAME))

    assert await admit(pool, LI) == {Admission.NAME: 1}
    assert await admit(pool, replace(LI, at=AT + WINDOW)) == {Admission.STRANGER: 1}
    assert LI.at + timedelta(seconds=LI.retry_after_s) > LI.began_at + WINDOW


async def test_a_known_browser_is_heard_while_strangers_wait(pool: asyncpg.Pool, passwords: PasswordQueue) -> None:
    first = await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)
    assert first is not None
    await admit(pool, *of_name("li.na", 3 * OF_NAME))

    with pytest.raises(TooManyAttempts):
        await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)
    again = await accounts.sign_in(pool, passwords, SEEDS, replace(LI, device=first.device), PASSWORD)

    assert again is not None
    assert again.device == first.device
    assert again.token != first.token


async def test_a_known_browser_guesses_no_more_often_and_only_for_its_own_person(
    pool: asyncpg.Pool, passwords: PasswordQueue
) -> None:
    first = await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)
    assert first is not None
    at_home = replace(LI, device=first.device)

    assert await admit(pool, *[at_home] * (OF_NAME + 2)) == {Admission.KNOWN: OF_NAME, Admission.DEVICE: 2}
    assert await admit(pool, replace(at_home, name="zhao.lei")) == {Admission.STRANGER: 1}


async def test_wrong_passwords_and_unknown_names_open_nothing(pool: asyncpg.Pool, passwords: PasswordQueue) -> None:
    for attempt in (LI, replace(LI, name="nobody")):
        assert await accounts.sign_in(pool, passwords, SEEDS, attempt, "another password") is None


async def test_right_passwords_use_nothing_up(pool: asyncpg.Pool, passwords: PasswordQueue) -> None:
    for _ in range(OF_NAME + 2):
        assert await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD) is not None


async def test_only_the_newest_browsers_are_remembered_and_no_name_or_address_is(
    pool: asyncpg.Pool, passwords: PasswordQueue, owner: asyncpg.Connection
) -> None:
    for _ in range(KEPT_DEVICES + 2):
        await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)
    await admit(pool, replace(LI, at=AT + timedelta(days=2)))

    rows = await owner.fetch("SELECT kind, key, began_at FROM accounts.attempts")
    devices = await owner.fetchval("SELECT count(*) FROM accounts.devices")
    assert devices == KEPT_DEVICES
    assert {row["began_at"].date() for row in rows} == {(AT + timedelta(days=2)).date()}
    assert b"li.na" not in b"".join(row["key"] for row in rows)


async def test_a_password_is_hashed_without_a_connection_and_a_full_queue_counts_nothing(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = PasswordQueue()
    seen: list[int] = []
    monkeypatch.setattr(
        accounts.store.Credentials, "prove", lambda *_: seen.append(pool.get_size() - pool.get_idle_size()) or b""
    )

    await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)
    monkeypatch.setattr("shared.accounts.password_queue.MAX_STRANGERS", 0)
    for _ in range(2 * OF_NAME):
        with pytest.raises(TooManyWaiting):
            await accounts.sign_in(pool, passwords, SEEDS, LI, PASSWORD)

    assert seen == [0]
    assert await admit(pool, LI) == {Admission.STRANGER: 1}
