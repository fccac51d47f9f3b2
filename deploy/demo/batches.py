"""The demo's batch of records: its sample looked at, the batch approved and released by the desk's own pages."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

from deploy.demo.visitor import UnexpectedAnswer, Visitor

BATCH = re.compile(r'href="(/desk/batches/[0-9]+)"')
# Records are drafted once the topic has been quiet for some seconds.
TIMEOUT_S, INTERVAL_S = 180.0, 0.5
# The page of a batch renews itself while it is being decided on.
GOES_ON = 'http-equiv="refresh"'


@dataclass(frozen=True, slots=True)
class Decided:
    """After how many seconds the page opened on which a decision is followed, and after how many it was carried out."""

    opens_s: float
    done_s: float


async def publish_batch(reviewer: Visitor, gatekeeper: Visitor) -> None:
    """Take the newest batch into the public. Raises `UnexpectedAnswer` where none was drafted in time."""
    path = await find_batch(reviewer)
    await look_at_sample(reviewer, path)
    await decide(reviewer, path, "approve")
    await decide(gatekeeper, path, "release", checked="yes")


async def look_at_sample(reviewer: Visitor, path: str) -> None:
    """Let a batch take in no more, and look at its whole sample."""
    await reviewer.submit("publisher", await reviewer.form("publisher", path, f"{path}/close"))
    sample = await reviewer.form("publisher", path, f"{path}/looks")
    await reviewer.submit("publisher", sample, item=sample.choices("item"))


async def decide(visitor: Visitor, path: str, step: str, **values: str) -> Decided:
    """Approve or release a batch; return once its page says that all of it is done. Raises `UnexpectedAnswer` after a while."""
    form = await visitor.form("publisher", path, f"{path}/{step}")
    started = time.monotonic()
    page = (await visitor.submit("publisher", form, (), **values)).text
    opens_s = time.monotonic() - started
    while GOES_ON in page:
        if time.monotonic() - started > TIMEOUT_S:
            raise UnexpectedAnswer(f"{step} of {path} goes on for {TIMEOUT_S:.0f} s")
        await asyncio.sleep(INTERVAL_S)
        page = await visitor.page("publisher", path)
    return Decided(opens_s, time.monotonic() - started)


async def find_batch(reviewer: Visitor) -> str:
    """Return the path of the newest batch. Raises `UnexpectedAnswer` where none was drafted in time."""
    started = time.monotonic()
    while time.monotonic() - started < TIMEOUT_S:
        found = BATCH.findall(await reviewer.page("publisher", "/desk/batches"))
        if found:
            return str(found[0])
        await asyncio.sleep(INTERVAL_S)
    raise UnexpectedAnswer("no record of a handled complaint was drafted")
