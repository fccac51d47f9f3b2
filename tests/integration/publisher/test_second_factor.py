"""The second factor at a desk: set up with its first code, asked for at the sign-in, each code once, recovered, taken out of use."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import asyncpg
import httpx2
import pyotp
import pytest

from shared import clock
from shared.accounts import Role, add_person, administration
from shared.accounts.second_factor import STEP_S, SeedBox, seal_seeds
from tests.integration.publisher.running_publisher import HTML, SITE

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "a long password"
ACCOUNT = "/desk/account"
FACTOR = f"{ACCOUNT}/second-factor"
SEED = re.compile(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})")
RECOVERY = re.compile(r"(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}")


@pytest.fixture
def browser(publisher):
    return lambda: httpx2.AsyncClient(base_url=publisher.url, headers={**HTML, **SITE}, follow_redirects=False)


async def sign_in(client, name="zhou", code=""):
    form = {"name": name, "password": PASSWORD, "code": code, "next": "/desk"}
    return await client.post("/desk/sign-in", data=form)


def codes_of(seed):
    """The code of this step, and of the next one, which is taken as well."""
    step = int(datetime.now(UTC).timestamp()) // STEP_S
    return [pyotp.TOTP(seed).at((step + ahead) * STEP_S) for ahead in (0, 1)]


async def set_up(client):
    """Set up a factor; return the seed and the recovery codes."""
    page = await client.post(f"{FACTOR}/begin", data={"factor_current": PASSWORD})
    seed = SEED.search(page.text)[1].replace(" ", "")
    page = await client.post(f"{FACTOR}/confirm", data={"factor_code": codes_of(seed)[0]})
    assert page.status_code == 200
    return seed, RECOVERY.findall(page.text)


async def test_a_factor_is_asked_for_at_the_sign_in_and_each_code_opens_one_session(publisher, browser):
    async with browser() as one, browser() as two:
        await sign_in(one)
        await sign_in(two)
        assert (await one.post(f"{FACTOR}/begin", data={"factor_current": "another one"})).status_code == 422
        assert (await one.post(f"{FACTOR}/confirm", data={"factor_code": "123456"})).status_code == 422
        seed, recovery = await set_up(one)
        assert len(recovery) == 10
        assert (await one.get(ACCOUNT)).status_code == 200
        assert (await two.get(ACCOUNT)).status_code == 303, "a session from before the factor has ended"

        this, following = codes_of(seed)
        answers = [await sign_in(two, code=code) for code in ("", "000000", this, following, following)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 303, 401]
        assert ["两步验证" in answer.text for answer in answers[:2]] == [True, True]
        assert "验证码不正确" in answers[1].text
        wrong = {"name": "zhou", "password": "another password", "code": following, "next": "/desk"}
        assert "验证码不正确" not in (await two.post("/desk/sign-in", data=wrong)).text

        answers = [await sign_in(two, code=recovery[0].lower()), await sign_in(two, code=recovery[0])]
        assert [answer.status_code for answer in answers] == [303, 401]
        assert "还剩9个" in (await two.get(ACCOUNT)).text

    acts = await publisher.database.pool.fetch("SELECT actor, action, detail FROM publisher.journal ORDER BY seq")
    assert [(row["actor"], row["action"]) for row in acts if "factor" in row["action"]] == [
        ("zhou", "second_factor_set"), *[("stranger", "second_factor_failed")] * 4,
    ]  # fmt: skip
    assert sum("recovery_code" in row["detail"] for row in acts) == 1
    assert not any(seed in str(dict(row)) for row in acts)


async def test_no_seed_is_stored_in_clear_and_those_of_earlier_versions_are_sealed(publisher, browser):
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    box = publisher.app.state.seeds
    async with browser() as one, browser() as two:
        await sign_in(one)
        seed, recovery = await set_up(one)
        stored = await owner.fetchval("SELECT seed FROM accounts.second_factors")
        assert seed not in stored
        assert box.open("zhou", stored) == seed
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute("UPDATE accounts.second_factors SET seed = $1", seed)

        constraint = "ALTER TABLE accounts.second_factors {} CONSTRAINT second_factors_seed_is_sealed {}"
        definition = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'second_factors_seed_is_sealed'"
        check = await owner.fetchval(definition)
        await owner.execute(constraint.format("DROP", ""))
        await owner.execute("UPDATE accounts.second_factors SET seed = $1", seed)
        await owner.execute(constraint.format("ADD", f"{check} NOT VALID"))
        assert [await seal_seeds(owner, box) for _ in range(2)] == [1, 0]
        assert box.open("zhou", await owner.fetchval("SELECT seed FROM accounts.second_factors")) == seed
        assert (await sign_in(two, code=codes_of(seed)[1])).status_code == 303

        publisher.app.state.seeds = SeedBox(bytes(32))
        answers = [await sign_in(two, code=code) for code in ("000000", recovery[0])]
        assert [answer.status_code for answer in answers] == [401, 303], "without the key a recovery code still opens"
    await owner.close()


async def test_a_factor_is_removed_with_password_and_code_or_by_the_administrator(publisher, browser):
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    async with browser() as one:
        await sign_in(one)
        _seed, recovery = await set_up(one)
        refused = [
            await one.post(f"{FACTOR}/remove", data={"factor_current": PASSWORD, "factor_code": "000000"}),
            await one.post(f"{FACTOR}/remove", data={"factor_current": "another one", "factor_code": recovery[1]}),
        ]
        assert {answer.status_code for answer in refused} == {422}
        done = await one.post(f"{FACTOR}/remove", data={"factor_current": PASSWORD, "factor_code": recovery[1]})
        assert done.headers["location"] == f"{ACCOUNT}?notice=factor_removed"
        assert (await sign_in(one)).status_code == 303
        assert await owner.fetchval("SELECT count(*) FROM accounts.recovery_codes") == 0

        await set_up(one)
        assert (await sign_in(one)).status_code == 401
        assert await administration.remove_second_factor(owner, "zhou", actor="root", now=clock.now())
        assert (await sign_in(one)).status_code == 303
    assert await owner.fetchval("SELECT action FROM accounts.journal ORDER BY seq DESC LIMIT 1") == "second_factor_reset"
    await owner.close()


async def test_where_a_factor_is_required_who_has_none_may_set_one_up_and_nothing_else(publisher, browser):
    publisher.app.state.settings = publisher.settings.model_copy(update={"second_factor_required": True})
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    await add_person(owner, "ops", "值班", Role.OPS, PASSWORD)
    await owner.close()
    async with browser() as reviewer, browser() as ops:
        entered = await sign_in(reviewer)
        assert (entered.status_code, entered.headers["location"]) == (303, ACCOUNT)
        assert (await reviewer.get("/desk")).headers["location"] == ACCOUNT
        approve = await reviewer.post("/desk/approve", data={"item": "x", "seen": "x=y"})
        assert approve.status_code == 403
        assert "须启用两步验证" in (await reviewer.get(ACCOUNT)).text

        await set_up(reviewer)
        assert (await reviewer.get("/desk")).status_code == 200
        assert (await sign_in(ops, "ops")).headers["location"] != ACCOUNT
