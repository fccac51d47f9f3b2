"""The demo's batch of records: its sample looked at, the batch approved and released by the desk's own pages."""

from __future__ import annotations

import asyncio
import re
import time

from deploy.demo.visitor import UnexpectedAnswer, Visitor

BATCH = re.compile(r'href="(/desk/batches/[0-9]+)"')
# Records are drafted once the topic has been quiet for some seconds.
TIMEOUT_S, INTERVAL_S = 180.0, 0.5


async def publish_batch(reviewer: Visitor, gatekeeper: Visitor) -> None:
    """Take the newest batch into the public. Raises `UnexpectedAnswer` where none was drafted in time."""
    path = await _find_batch(reviewer)
    await reviewer.submit("publisher", await reviewer.form("publisher", path, f"{path}/close"))
    sample = await reviewer.form("publisher", path, f"{path}/looks")
    await reviewer.submit("publisher", sample, item=sample.choices("item"))
    await reviewer.submit("publisher", await reviewer.form("publisher", path, f"{path}/approve"))
    await gatekeeper.submit("publisher", await gatekeeper.form("publisher", path, f"{path}/release"), checked="yes")


async def _find_batch(reviewer: Visitor) -> str:
    started = time.monotonic()
    while time.monotonic() - started < TIMEOUT_S:
        found = BATCH.findall(await reviewer.page("publisher", "/desk/batches"))
        if found:
            return str(found[0])
        await asyncio.sleep(INTERVAL_S)
    raise UnexpectedAnswer("no record of a handled complaint was drafted")
