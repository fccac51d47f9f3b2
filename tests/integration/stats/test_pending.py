"""Changes that wait to be said: taken in turns, and what is too much for a turn waits in its place."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from services.stats.store import figures
from services.stats.store.figures import take_changes, waiting
from shared.contracts import SubjectKind

MONTHS = [date(2026, month, 1) for month in range(1, 7)]
RULING = UUID(int=1)
WRITE = "INSERT INTO stats.pending_changes (subject_kind, subjects, months, ruling_id) VALUES ($1, $2, $3, $4)"
# Kind, subjects, ruling: as three batches and a ruling wrote them, each subject in each month.
WRITTEN = [
    (SubjectKind.OPERATOR, ["a", "b", "c"], None),
    (SubjectKind.REGION, ["990102", "990100"], None),
    (SubjectKind.OPERATOR, ["b", "d", "e"], None),
    (SubjectKind.OPERATOR, ["a"], RULING),
]


async def written(stats):
    """Write the changes; return each of them once."""
    async with stats.store.unit() as unit:
        for kind, subjects, ruling in WRITTEN:
            pairs = [(subject, month) for subject in subjects for month in MONTHS]
            await unit.connection.execute(WRITE, kind, [s for s, _ in pairs], [m for _, m in pairs], ruling)
    return {(kind, s, month, ruling) for kind, subjects, ruling in WRITTEN for s in subjects for month in MONTHS}


async def turns(stats, months):
    """Take changes until none waits; return what each turn took."""
    taken = []
    while not taken or taken[-1]:
        async with stats.store.unit() as unit:
            taken.append(
                [(c.subject_kind, c.subject, c.month, c.ruling_id) for c in await take_changes(unit.connection, months)]
            )
    return taken[:-1]


@pytest.mark.parametrize("looked_at", [1, 7, 5_000])
@pytest.mark.parametrize("months", [1, 2, 13, 600])
async def test_whatever_the_size_of_a_turn_every_change_is_taken_with_its_ruling(stats, monkeypatch, months, looked_at):
    monkeypatch.setattr(figures, "LOOKED_AT", looked_at)
    changes = await written(stats)

    taken = await turns(stats, months)

    assert {each for turn in taken for each in turn} == changes
    assert len(taken) <= len(changes)


async def test_who_has_waited_longest_has_the_first_turn_and_what_is_too_much_keeps_its_place(stats):
    await written(stats)

    taken = [{subject for _, subject, _, _ in turn} for turn in await turns(stats, 1)]

    assert taken == [{"a"}, {"b"}, {"c"}, {"990100"}, {"990102"}, {"d"}, {"e"}]


async def test_what_is_written_meanwhile_waits_behind_what_is_left_over(stats):
    await written(stats)
    async with stats.store.unit() as unit:
        await take_changes(unit.connection, 1)
    async with stats.store.unit() as unit:
        await unit.connection.execute(WRITE, SubjectKind.OPERATOR, ["0"], [MONTHS[0]], None)

    assert [{s for _, s, _, _ in turn} for turn in await turns(stats, 1)][-1] == {"0"}


async def test_a_change_that_is_written_twice_waits_once_when_it_goes_back(stats):
    await written(stats)
    async with stats.store.unit() as unit:
        before = await waiting(unit.connection)
        taken = len(await take_changes(unit.connection, 1))
        left = await waiting(unit.connection), await waiting(unit.connection, MONTHS[0])

    assert (before, taken) == (54, 12)
    assert left == (36, 6)
