"""The own account at a desk: a new password, the open sessions, their end by the person and by time, and the journal of it."""

from __future__ import annotations

from hashlib import sha256

import asyncpg
import httpx2
import pytest

from tests.integration.publisher.running_publisher import HTML, SITE

pytestmark = pytest.mark.asyncio(loop_scope="session")

OLD, NEW = "a long password", "梅花香自苦寒来 2026"
ACCOUNT = "/desk/account"
AGE = "UPDATE accounts.sessions SET opened_at = now() - $1::text::interval, expires_at = now() + $2::text::interval"
LEFT = """
SELECT expires_at BETWEEN now() + $1::text::interval - interval '30 s' AND now() + $1::text::interval + interval '30 s'
  FROM accounts.sessions
"""


async def sign_in(client, name, password):
    return await client.post("/desk/sign-in", data={"name": name, "password": password, "next": "/desk"})


async def change(client, current=OLD, new=NEW, again=None):
    fields = {"current": current, "new": new, "again": new if again is None else again}
    return await client.post(f"{ACCOUNT}/password", data=fields)


async def is_signed_in(client):
    return (await client.get(ACCOUNT)).status_code == 200


@pytest.fixture
def browser(publisher):
    return lambda: httpx2.AsyncClient(base_url=publisher.url, headers={**HTML, **SITE}, follow_redirects=False)


async def test_a_new_password_ends_every_session_of_the_person_and_nobody_elses(publisher, browser):
    async with browser() as one, browser() as two, browser() as other:
        for client, name in ((one, "zhou"), (two, "zhou"), (other, "wu")):
            assert (await sign_in(client, name, OLD)).status_code == 303
        page = (await one.get(ACCOUNT)).text
        assert page.count("自动退出") > 2
        assert page.count("本次登录") == 1

        refused = {
            "a wrong present one": await change(one, current="not the password"),
            "another one the second time": await change(one, again="something else 2026"),
            "a common one": await change(one, new="password2026!!"),
            "a short one": await change(one, new="short"),
        }
        assert {what: answer.status_code for what, answer in refused.items()} == dict.fromkeys(refused, 422)
        assert await is_signed_in(one)
        assert (await change(one)).headers["location"] == "/desk/sign-in?notice=password"

        assert not await is_signed_in(one)
        assert not await is_signed_in(two)
        assert await is_signed_in(other)
        assert (await sign_in(one, "zhou", OLD)).status_code == 401
        assert (await sign_in(one, "zhou", NEW)).status_code == 303

    acts = await publisher.database.pool.fetch("SELECT actor, action, subject FROM publisher.journal ORDER BY seq")
    acts_by_actor = [(row["actor"], row["action"]) for row in acts]
    assert acts_by_actor == [
        ("zhou", "signed_in"),
        ("zhou", "signed_in"),
        ("wu", "signed_in"),
        ("zhou", "password_changed"),
        ("stranger", "sign_in_failed"),
        ("zhou", "signed_in"),
    ]
    assert "zhou" not in acts[4]["subject"]
    assert sha256(b"zhou").hexdigest()[:16] not in acts[4]["subject"]


async def test_a_person_signs_out_everywhere_and_a_session_ends_when_it_is_not_used(publisher, browser):
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    async with browser() as one, browser() as two:
        await sign_in(one, "zhou", OLD)
        await sign_in(two, "zhou", OLD)
        assert (await two.post(f"{ACCOUNT}/sign-out-everywhere")).status_code == 303
        assert not await is_signed_in(one)
        assert not await is_signed_in(two)

        await sign_in(one, "zhou", OLD)
        for opened, expires, until in (
            ("50 minutes", "10 minutes", "60 minutes"),  # used: an hour from now
            ("590 minutes", "5 minutes", "10 minutes"),  # ten hours in all
        ):
            await owner.execute(AGE, opened, expires)
            assert await is_signed_in(one)
            assert await owner.fetchval(LEFT, until), (opened, expires)
        await owner.execute(AGE, "61 minutes", "-1 minutes")
        assert not await is_signed_in(one)
    await owner.close()


async def test_a_refused_role_is_in_the_journal_once_with_its_route(publisher, browser):
    async with browser() as reviewer:
        await sign_in(reviewer, "zhou", OLD)
        answers = [await reviewer.post("/desk/release", data={"item": "x", "seen": "x=y"}) for _ in range(3)]

    acts = await publisher.database.pool.fetch(
        "SELECT actor, subject, detail FROM publisher.journal WHERE action = 'role_refused'"
    )
    assert [answer.status_code for answer in answers] == [403] * 3
    assert [(row["actor"], row["subject"]) for row in acts] == [("zhou", "POST /desk/release")]
    assert "reviewer" in acts[0]["detail"]


async def test_signing_in_again_ends_the_session_of_the_browser_before_and_signing_out_the_present_one(publisher, browser):
    async with browser() as one, browser() as copy:
        await sign_in(one, "zhou", OLD)
        first = one.cookies["gongshi_session"]
        await sign_in(one, "zhou", OLD)
        second = one.cookies["gongshi_session"]
        await one.post("/desk/sign-out")

        assert first != second
        for token in (first, second):
            copy.cookies.set("gongshi_session", token)
            assert not await is_signed_in(copy)
