"""Who was told to come back later and comes back sooner is refused before anything is looked at; everybody else is paths."""

from __future__ import annotations

from types import SimpleNamespace

import httpx2
import pytest
from fastapi import FastAPI, Request, Response

from shared.service import Service
from shared.settings import Settings
from shared.web import cooldown
from shared.web.allowance import RETRY, RETRY_AFTER_S, start_cooldown
from shared.web.app import create_web
from shared.web.templating import Pages
from tests.unit.web.sample.pages import SAMPLE, SITE

BROWSER = {"accept": "text/html"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(cooldown, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def paths() -> list[str]:
    """The last parts of the paths of the requests that reached a handler."""
    return []


@pytest.fixture
def app(paths: list[str]) -> FastAPI:
    async def prepare(_: object) -> tuple[()]:
        return ()

    app = create_web(Service("publisher", prepare), Settings(), Pages(SAMPLE, SITE), [])

    @app.api_route("/full/{place}", methods=["GET", "POST"])
    async def full(request: Request, place: str) -> Response:
        paths.append(place)
        start_cooldown(request.scope)
        return Response(status_code=429, headers=RETRY)

    return app


def visit(app: FastAPI, address: str = "192.0.2.1", **more: object) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(address, 1))
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost", **more)


async def test_the_same_caller_is_refused_until_the_time_that_it_was_told(app, paths, clock) -> None:
    async with visit(app) as client:
        answers = [await client.get("/full/a") for _ in range(3)]
        clock.now += RETRY_AFTER_S + 1
        await client.get("/full/a")

    assert paths == ["a", "a"]
    assert [(each.status_code, each.headers["retry-after"]) for each in answers] == [(429, "5")] * 3
    again = answers[1]
    assert again.json()["code"] == "too_many_requests"
    assert again.headers["cache-control"] == "no-store"
    assert again.headers["content-security-policy"]


async def test_others_and_other_addresses_are_heard(app, paths, clock) -> None:
    async with visit(app) as client, visit(app, "192.0.2.2") as other, visit(app, cookies={"device": "known"}) as known:
        for each in (client, other, known):
            await each.get("/full/a")
        await client.get("/full/b")
        await client.post("/full/a")

    assert paths == ["a", "a", "a", "b", "a"]


@pytest.mark.parametrize(("language", "text"), [("zh", "操作过于频繁"), ("en", "Too many requests")])
async def test_a_browser_is_told_in_its_language(app, paths, clock, language: str, text: str) -> None:
    async with visit(app, headers=BROWSER) as client:
        await client.get("/full/a")
        again = await client.get("/full/a", headers={"accept-language": language})

    assert paths == ["a"]
    assert again.headers["content-type"] == "text/html; charset=utf-8"
    assert text.lower() in again.text.lower()


async def test_no_more_callers_are_remembered_than_may_be(app, paths, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooldown, "KEPT", 2)
    async with visit(app) as client:
        for place in ("a", "b", "c", "c", "a"):
            await client.get(f"/full/{place}")

    assert paths == ["a", "b", "c", "a"]
