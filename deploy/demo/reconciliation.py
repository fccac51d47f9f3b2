"""Reconciliation: the ledger of what the synthetic sources sent against the recount of what stats stores."""

from __future__ import annotations

from deploy.databases import open_database
from deploy.demo.system import DemoSystem
from services.intake.store.complaints import fetch_linked
from services.stats.domain.recount import GroupKey
from services.stats.store.recount import recount

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes", "amount", "recovered")
KEYS = (GroupKey.CHANNEL, GroupKey.MONTH)


async def figure_differences(system: DemoSystem) -> list[str]:
    """Return every channel and month whose figures differ from what was sent, and every report that was linked wrongly.

    What intake has linked with another report of the same dispute counts once.
    """
    async with open_database(system.settings, "intake") as database, database.snapshot() as connection:
        linked = await fetch_linked(connection)
    sent = system.ledger.figures("channel", "month", cross_channel="each", without=linked)
    async with open_database(system.settings, "stats") as database, database.snapshot() as connection:
        rows = await recount(connection, KEYS)
    stored = {tuple(row.keys): row.measures for row in rows}
    expected = {tuple(map(str, key)): tuple(getattr(measures, name) for name in COUNTS) for key, measures in sent.items()}
    actual = {key: tuple(getattr(measures, name) for name in COUNTS) for key, measures in stored.items()}
    keys = sorted({*expected, *actual}, key=str)
    lost = [f"{source} {number}: linked to a report of another dispute" for source, number in system.ledger.wrong_links(linked)]
    return lost + [
        f"{key}: sent {expected.get(key)}, stored {actual.get(key)}" for key in keys if expected.get(key) != actual.get(key)
    ]
