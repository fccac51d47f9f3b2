"""Cached pages: valid until something changes, and where decisions come without a notification for a minute at most."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from services.publisher.web import page_cache
from services.publisher.web.non_publications import MinuteCachedRoute
from services.publisher.web.page_cache import CachedRoute, PageCache


@dataclass
class Broadcaster:
    """Listens, and nothing was released."""

    is_listening: bool = True
    generation: int = 0


class BureauContext:
    """Opens on one day."""

    def today(self, _: datetime) -> date:
        return datetime(2026, 11, 3, tzinfo=UTC).date()


@dataclass
class Site:
    """A page that counts how often it was rendered, whether it expires, and the clock that its cache reads."""

    client: TestClient
    expires: bool
    seconds: list[float] = field(default_factory=lambda: [0.0])


@pytest.fixture(params=[CachedRoute, MinuteCachedRoute])
def site(request, monkeypatch):
    app, rendered = FastAPI(), []
    router = APIRouter(route_class=request.param)

    @router.get("/page")
    async def page() -> int:
        rendered.append(1)
        return len(rendered)

    app.include_router(router)
    app.state.page_cache = PageCache(Broadcaster(), BureauContext())
    site = Site(TestClient(app), expires=request.param is MinuteCachedRoute)
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: site.seconds[0])
    site.client.get("/page")  # the first look only notes the state
    return site


def test_a_page_is_rendered_once_within_a_minute(site):
    first = site.client.get("/page").json()
    site.seconds[0] += 59.0

    assert site.client.get("/page").json() == first


def test_only_a_page_that_counts_decisions_is_rendered_anew_after_a_minute(site):
    first = site.client.get("/page").json()
    site.seconds[0] += 61.0

    assert (site.client.get("/page").json() > first) is site.expires
