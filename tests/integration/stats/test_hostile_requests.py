"""No request, however hostile, makes stats answer with a fault of its own, or as its document does not say."""

from __future__ import annotations

import asyncpg
import pytest

from shared.accounts import Role, add_person
from tests.asgi import send_request
from tests.hostile import service_routes, session_routes, violations
from tests.integration.probes import wait_until
from tests.integration.stats.conftest import READER_KEY
from tests.unit.stats.complaints import OPERATORS

ACCEPT = {"json": "application/json", "html": "text/html,*/*;q=0.8"}
KNOWN = {"uscc": OPERATORS[0], "code": "990100"}
PASSWORD = "correct horse battery"


async def is_ready(app):
    return (await send_request(app, "GET", "/readyz")).status == 200


@pytest.mark.parametrize("accept", ACCEPT)
async def test_no_request_is_answered_with_a_fault(service, accept):
    await wait_until("stats is ready", lambda: is_ready(service.app))

    headers = {"accept": ACCEPT[accept], "authorization": f"Bearer {READER_KEY}"}
    assert await violations(service.app, headers, known=KNOWN) == []


async def test_no_request_of_staff_is_answered_with_a_fault(settings, service):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    await add_person(owner, "ops", "郑航", Role.OPS, PASSWORD)
    await owner.close()
    await service.post("/stats/desk/sign-in", data={"name": "ops", "password": PASSWORD})
    headers = {"accept": "text/html", "cookie": f"gongshi_session={service.cookies['gongshi_session']}"}

    assert await violations(service.app, headers, under="/stats/desk", skipped=session_routes("/stats/desk")) == []


async def test_head_is_answered_as_get_without_a_body(service):
    for path in ("/stats/all?period=2026-10", "/stats/operators", "/stats/regions/990100", "/healthz", "/stats/regions/0"):
        key = {"authorization": f"Bearer {READER_KEY}"}
        get, head = [await send_request(service.app, method, path, key) for method in ("GET", "HEAD")]

        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


async def test_every_parameter_of_the_api_is_described(service):
    document = (await service.get("/openapi.json")).json()
    paths = [
        route.path for route in service_routes(service.app) if route.path.startswith("/stats/") and route.include_in_schema
    ]

    described = [
        parameter
        for path in paths
        for parameter in document["paths"][path]["get"].get("parameters", [])
        if not parameter.get("description")
    ]
    assert paths
    assert described == []
