"""The witness: the ledger of what the synthetic sources sent against the recount of what stats holds."""

from __future__ import annotations

from deploy.demo.stage import Stage
from deploy.stores import opened
from services.stats.domain.recount import Key
from services.stats.store.recount import recount

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes", "amount", "recovered")
KEYS = (Key.CHANNEL, Key.MONTH)


async def disagreements(stage: Stage) -> list[str]:
    """Return every channel and month whose figures are not what was sent."""
    sent = stage.ledger.figures("channel", "month", cross_channel="each")
    async with opened(stage.settings, "stats") as store, store.reading() as connection:
        rows = await recount(connection, KEYS)
    held = {tuple(row.keys): row.measures for row in rows}
    expected = {tuple(map(str, key)): tuple(getattr(measures, name) for name in COUNTS) for key, measures in sent.items()}
    found = {key: tuple(getattr(measures, name) for name in COUNTS) for key, measures in held.items()}
    keys = sorted({*expected, *found}, key=str)
    return [f"{key}: sent {expected.get(key)}, held {found.get(key)}" for key in keys if expected.get(key) != found.get(key)]
