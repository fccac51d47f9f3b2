"""`/ops`: what every service says of itself, for the role ops alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.accounts import Person, Role, add_person, open_session
from shared.accounts.service_states import (
    Attention,
    BlockedState,
    ConsumerState,
    ServiceState,
    fetch_states,
    report_state,
)
from tests.integration.probes import wait_until
from tests.integration.stats.conftest import connect, run_service

PASSWORD = "correct horse battery"
NOW = datetime.now(UTC)
BLOCKED = BlockedState(partition=3, cause="position_lost", reason="gongshi positions accept-loss")
INTAKE = ServiceState(
    version="9.9.9",
    started_at=NOW,
    outbox=0,
    dead_letters=7,
    consumers=(ConsumerState(topic="gongshi.reports", lag=41, committed_s=3.0, blocked=(BLOCKED,)),),
    attention=(Attention(code="source_silent", subject="/hotlines/12345/330100", since=NOW),),
)


@pytest.fixture
async def desk(empty_service):
    """A client with somebody of a role signed in, by role, and the owner's connection."""
    owner = await asyncpg.connect(empty_service.settings.database_url.get_secret_value())
    async with connect(empty_service.app) as client:
        client.headers["accept"] = "text/html"

        async def sign_in(role):
            await add_person(owner, f"o.{role}", "丁宁", role, PASSWORD)
            client.cookies.clear()
            await client.post("/stats/desk/sign-in", data={"name": f"o.{role}", "password": PASSWORD})
            return client

        yield sign_in, owner
    await owner.execute("DELETE FROM accounts.service_states WHERE service <> 'stats'")
    await owner.close()


async def test_a_running_service_is_shown_with_its_version_and_its_topics(desk):
    sign_in, _ = desk
    ops = await sign_in(Role.OPS)

    async def reported():
        page = await ops.get("/ops")
        return page if "gongshi.complaints" in page.text else None

    page = await wait_until("stats to report itself", reported)

    assert page.status_code == 200
    assert "没有运行的服务" in page.text, "three of four services do not run here"


async def test_what_needs_a_person_is_listed_with_what_to_do(desk):
    sign_in, owner = desk
    await report_state(owner, "intake", "host:1", INTAKE)
    await report_state(owner, "publisher", "host:2", INTAKE.model_copy(update={"consumers": (), "attention": ()}))
    await owner.execute("UPDATE accounts.service_states SET at = now() - interval '2 minutes' WHERE service = 'publisher'")

    page = (await (await sign_in(Role.OPS)).get("/ops")).text

    facts = [page.index(text) for text in ("服务没有响应", "分区停住", "来源静默", "拒收记录待处理")]
    assert facts == sorted(facts), "the urgent first"
    assert "gongshi.reports/3" in page.replace("<wbr>", "")
    assert "9.9.9" in page
    assert "41" in page


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER, Role.GATEKEEPER, Role.OFFICER, Role.AUDITOR, Role.OPERATOR])
async def test_another_role_sees_nothing_of_it(desk, role):
    sign_in, owner = desk
    await report_state(owner, "intake", "host:1", INTAKE)

    answer = await (await sign_in(role)).get("/ops")

    token = await open_session(owner, Person(f"o.{role}", "丁宁", role))
    assert answer.status_code == 403
    assert "9.9.9" not in answer.text
    assert await fetch_states(owner, token) == [], "nor by the function of the database"


async def test_a_stranger_is_sent_to_the_sign_in(desk, empty_service):
    async with connect(empty_service.app) as stranger:
        answer = await stranger.get("/ops", headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/stats/desk/sign-in?next=/ops")


async def test_what_a_process_said_that_ended_long_ago_is_forgotten(desk):
    _, owner = desk
    await report_state(owner, "intake", "host:1", INTAKE)
    await owner.execute("UPDATE accounts.service_states SET at = now() - $1::interval", timedelta(days=2))

    await report_state(owner, "intake", "host:2", INTAKE)

    assert [row["process"] for row in await owner.fetch("SELECT process FROM accounts.service_states")] == ["host:2"]


async def test_a_service_that_stops_as_it_should_is_not_told_as_silent(settings):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    async with run_service(settings):

        async def reported():
            return await owner.fetchval("SELECT count(*) FROM accounts.service_states")

        await wait_until("the service to report itself", reported)

    assert await owner.fetchval("SELECT count(*) FROM accounts.service_states") == 0
    await owner.close()
