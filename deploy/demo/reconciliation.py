"""Reconciliation: the ledger of what the synthetic sources sent against the recount of what stats stores."""

from __future__ import annotations

from deploy.databases import open_database
from deploy.demo.system import DemoSystem
from services.stats.domain.recount import GroupKey
from services.stats.store.recount import recount

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes", "amount", "recovered")
KEYS = (GroupKey.CHANNEL, GroupKey.MONTH)


async def figure_differences(system: DemoSystem) -> list[str]:
    """Return every channel and month whose figures differ from what was sent."""
    sent = system.ledger.figures("channel", "month", cross_channel="each")
    async with open_database(system.settings, "stats") as database, database.snapshot() as connection:
        rows = await recount(connection, KEYS)
    stored = {tuple(row.keys): row.measures for row in rows}
    expected = {tuple(map(str, key)): tuple(getattr(measures, name) for name in COUNTS) for key, measures in sent.items()}
    actual = {key: tuple(getattr(measures, name) for name in COUNTS) for key, measures in stored.items()}
    keys = sorted({*expected, *actual}, key=str)
    return [
        f"{key}: sent {expected.get(key)}, stored {actual.get(key)}" for key in keys if expected.get(key) != actual.get(key)
    ]
