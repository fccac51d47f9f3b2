"""A screen's stream in an event source that is none of ours: what it missed while the network was away comes once, in order."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from services.publisher.web.screens import events
from services.publisher.web.screens.player import COOKIE
from tests.event_source import follow
from tests.integration.publisher.running_publisher import SECRET
from tests.integration.publisher.screens.relay import Relay
from tests.integration.publisher.screens.test_stream import release, withdraw

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = ("lease", "released", "corrected", "withdrawn", "left", "resync", "review")


async def test_an_event_source_resumes_where_the_network_cut_it_off_and_has_each_release_once(city, monkeypatch):
    monkeypatch.setattr(events, "RECONNECT_MS", (100, 200))
    relay = Relay("127.0.0.1", urlsplit(city.url).port)
    await relay.open()
    try:
        async with follow(f"http://127.0.0.1:{relay.port}/screens/mall/events", f"{COOKIE}={SECRET}", NAMES) as source:
            lease = await source.until("lease")
            await relay.cut()
            item_id = await release(city, 61)
            await relay.open()
            missed = await source.until("released", item_id=item_id)
            await withdraw(city, item_id)
            gone = await source.until("withdrawn", item_id=item_id)
    finally:
        await relay.close()

    assert lease["data"]["token"].startswith("mall.")
    assert missed["data"].keys() >= {"card", "row"}
    assert gone["data"].keys() == {"item_id", "version", "state", "board"}
    numbers = [int(event["id"]) for event in source.named("released", "corrected", "withdrawn")]
    assert numbers == sorted(set(numbers))
    assert len(source.named("open")) >= 2
    assert len(source.named("lease")) >= 2
