"""Pending changes are taken in turns; the excess of a turn keeps its place in the queue."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from services.stats.store import figures
from services.stats.store.figures import count_pending, take_pending_changes
from shared.contracts import SubjectKind

MONTHS = [date(2026, month, 1) for month in range(1, 7)]
RULING = UUID(int=1)
INSERT = "INSERT INTO stats.pending_changes (subject_kind, subjects, months, ruling_id) VALUES ($1, $2, $3, $4)"
# Kind, subjects, ruling: as three batches and a ruling insert them, each subject in each month.
CHANGES = [
    (SubjectKind.OPERATOR, ["a", "b", "c"], None),
    (SubjectKind.REGION, ["990102", "990100"], None),
    (SubjectKind.OPERATOR, ["b", "d", "e"], None),
    (SubjectKind.OPERATOR, ["a"], RULING),
]


async def insert_changes(stats):
    """Insert the changes; return the set of them."""
    async with stats.database.unit_of_work() as uow:
        for kind, subjects, ruling in CHANGES:
            pairs = [(subject, month) for subject in subjects for month in MONTHS]
            await uow.connection.execute(INSERT, kind, [s for s, _ in pairs], [m for _, m in pairs], ruling)
    return {(kind, s, month, ruling) for kind, subjects, ruling in CHANGES for s in subjects for month in MONTHS}


async def take_all(stats, months):
    """Take changes until none is pending; return what each turn took."""
    taken = []
    while not taken or taken[-1]:
        async with stats.database.unit_of_work() as uow:
            taken.append(
                [(c.subject_kind, c.subject, c.month, c.ruling_id) for c in await take_pending_changes(uow.connection, months)]
            )
    return taken[:-1]


@pytest.mark.parametrize("scan_limit", [1, 7, 5_000])
@pytest.mark.parametrize("months", [1, 2, 13, 600])
async def test_whatever_the_size_of_a_turn_every_change_is_taken_with_its_ruling(stats, monkeypatch, months, scan_limit):
    monkeypatch.setattr(figures, "SCAN_LIMIT", scan_limit)
    changes = await insert_changes(stats)

    taken = await take_all(stats, months)

    assert {each for turn in taken for each in turn} == changes
    assert len(taken) <= len(changes)


async def test_the_oldest_changes_are_taken_first_and_the_excess_keeps_its_place(stats):
    await insert_changes(stats)

    taken = [{subject for _, subject, _, _ in turn} for turn in await take_all(stats, 1)]

    assert taken == [{"a"}, {"b"}, {"c"}, {"990100"}, {"990102"}, {"d"}, {"e"}]


async def test_changes_inserted_meanwhile_queue_behind_the_excess(stats):
    await insert_changes(stats)
    async with stats.database.unit_of_work() as uow:
        await take_pending_changes(uow.connection, 1)
    async with stats.database.unit_of_work() as uow:
        await uow.connection.execute(INSERT, SubjectKind.OPERATOR, ["0"], [MONTHS[0]], None)

    assert [{s for _, s, _, _ in turn} for turn in await take_all(stats, 1)][-1] == {"0"}


async def test_a_change_inserted_twice_is_deduplicated_with_the_excess(stats):
    await insert_changes(stats)
    async with stats.database.unit_of_work() as uow:
        before = await count_pending(uow.connection)
        taken = len(await take_pending_changes(uow.connection, 1))
        left = await count_pending(uow.connection), await count_pending(uow.connection, MONTHS[0])

    assert (before, taken) == (54, 12)
    assert left == (36, 6)
