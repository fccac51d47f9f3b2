"""A walk over every address of every service as a stranger: nothing that is not released is found, by whatever name it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import unquote_plus

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from deploy.demo.system import SCREENS, DemoSystem
from deploy.supervisor import SERVICES
from tests.hostile import service_routes

UNRELEASED_ITEMS = """
SELECT item_id FROM publisher.items AS i
 WHERE NOT EXISTS (SELECT FROM publisher.releases AS r WHERE r.item_id = i.item_id)
"""
# Names that stand in no released text either: a shop's name may be part of another's.
UNRELEASED_OPERATORS = """
SELECT s.operator_key, s.name FROM stats.operators AS s
 WHERE NOT EXISTS (SELECT FROM publisher.public_items AS p WHERE p.body::text LIKE '%' || s.name || '%')
"""
COMPLAINT_NUMBERS = "SELECT external_id FROM intake.complaints ORDER BY complaint_id LIMIT 500"
ACCEPT = {"page": "text/html", "document": "application/json"}
# As much of an answer as is read; an event stream has no end.
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Unreleased:
    """What no stranger may find: item ids, and names by operator key, and numbers at the sources."""

    items: tuple[str, ...]
    operators: dict[str, str]
    numbers: tuple[str, ...]

    def found_in(self, text: str, query: str) -> list[str]:
        """Return what of it stands in an answer, but for what the question itself said."""
        words = (*self.items, *self.operators, *self.operators.values(), *self.numbers)
        return [word for word in words if word in text and word not in query]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def unreleased(system: DemoSystem) -> Unreleased:
    connection = await asyncpg.connect(system.settings.database_url.get_secret_value())
    items = [row["item_id"] for row in await connection.fetch(UNRELEASED_ITEMS)]
    operators = {row["operator_key"]: row["name"] for row in await connection.fetch(UNRELEASED_OPERATORS)}
    numbers = [row["external_id"] for row in await connection.fetch(COMPLAINT_NUMBERS)]
    await connection.close()
    return Unreleased(tuple(items), operators, tuple(numbers))


def addresses(route: APIRoute, unreleased: Unreleased) -> Iterator[str]:
    """Yield the addresses of a route: each part with what a stranger would try, each parameter of the query too."""
    key, name = next(iter(unreleased.operators.items()))
    tries = {
        "item_id": unreleased.items[:3], "uscc": (key,), "code": (key, "990100"), "board": ("basic", "major"),
        "screen_id": [screen.screen_id for screen in SCREENS], "application_id": ("1",), "number": ("1",),
    }  # fmt: skip
    parts = list(route.param_convertors)
    for position in range(max(len(tries.get(part, "x")) for part in parts) if parts else 1):
        values = {part: tries.get(part, ("x",))[position % len(tries.get(part, ("x",)))] for part in parts}
        path = route.path_format.format(**values)
        yield path
        for parameter in route.dependant.query_params:
            for value in (name, unreleased.items[0], key, "2026-11"):
                yield f"{path}?{httpx2.QueryParams({parameter.alias: value})}"


async def read(client: httpx2.AsyncClient, url: str, accept: str) -> str:
    """Return the text of an answer, of an event stream its beginning, with the headers before it."""
    async with client.stream("GET", url, headers={"Accept": accept}) as response:
        text = str(response.headers)
        is_stream = "event-stream" in response.headers.get("content-type", "")
        async for chunk in response.aiter_text():
            text += chunk
            if is_stream or len(text) > MAX_BYTES:
                break
        return text


@pytest.mark.parametrize("service", SERVICES)
async def test_a_stranger_finds_nothing_that_is_not_released(system: DemoSystem, unreleased: Unreleased, service: str):
    assert unreleased.items
    assert unreleased.operators
    app = import_module(f"services.{service}.app").create_app(system.settings)
    routes = [route for route in service_routes(app) if "GET" in (route.methods or ())]
    leaks = {}

    async with httpx2.AsyncClient(base_url=system.supervisor.urls[service], timeout=30, trust_env=False) as stranger:
        for route in routes:
            for address in addresses(route, unreleased):
                for accept in ACCEPT.values():
                    if found := unreleased.found_in(await read(stranger, address, accept), unquote_plus(address)):
                        leaks[address] = found

    assert len(routes) > 3
    assert leaks == {}


async def test_the_walk_finds_what_staff_may_see(system: DemoSystem, unreleased: Unreleased):
    headers = {"Authorization": f"Bearer {system.reader_key}"}
    async with httpx2.AsyncClient(base_url=system.supervisor.urls["stats"], headers=headers, trust_env=False) as reader:
        text = await read(reader, "/stats/operators?limit=1000", ACCEPT["document"])

    assert unreleased.found_in(text, "")
