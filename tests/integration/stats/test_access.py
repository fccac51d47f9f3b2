"""Figures that are not released are for staff and for programs with a key, at every address."""

from __future__ import annotations

import asyncpg
import pytest

from services.stats.store import readers
from shared.accounts import Role, add_person
from tests.hostile import service_routes
from tests.integration.stats.conftest import READER_KEY, connect

PASSWORD = "correct horse battery"
FIGURES = "/stats/all?period=2026-10"


@pytest.fixture
async def stranger(empty_service):
    """A client without a key or a session."""
    async with connect(empty_service.app) as client:
        client.settings = empty_service.settings
        yield client


async def sign_in(client, role):
    owner = await asyncpg.connect(client.settings.database_url.get_secret_value())
    await add_person(owner, f"a.{role}", "郑航", role, PASSWORD)
    await owner.close()
    await client.post("/stats/desk/sign-in", data={"name": f"a.{role}", "password": PASSWORD})


async def test_every_address_of_figures_refuses_strangers(stranger):
    addresses = [
        route.path.format(uscc="91330106MA2CFRJK4X", code="990100")
        for route in service_routes(stranger.app)
        if route.path.startswith("/stats/") and route.include_in_schema
    ]

    answers = {address: (await stranger.get(address)).status_code for address in addresses}

    assert len(answers) >= 5
    assert set(answers.values()) == {401}


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer wrong", f"Basic {READER_KEY}", READER_KEY, "Bearer \xff"])
async def test_another_key_is_refused_with_what_is_needed(stranger, header):
    response = await stranger.get(FIGURES, headers={"Authorization": header.encode("latin-1")})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["code"] == "unauthorized"


async def test_a_revoked_key_is_refused(service):
    before = await service.get(FIGURES)
    async with service.app.state.database.unit_of_work() as uow:
        await readers.delete_reader(uow.connection, "test")

    after = await service.get(FIGURES)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_a_browser_without_a_session_is_sent_to_the_sign_in_page(stranger):
    response = await stranger.get(FIGURES, headers={"Accept": "text/html"})

    assert response.status_code == 303
    assert response.headers["location"].startswith("/stats/desk/sign-in")


async def test_staff_read_figures_in_their_session(stranger):
    await sign_in(stranger, Role.REVIEWER)

    assert (await stranger.get(FIGURES)).status_code == 200


async def test_an_operators_user_reads_none(stranger):
    await sign_in(stranger, Role.OPERATOR)

    assert (await stranger.get(FIGURES)).status_code == 403
