"""Small cells cannot be derived: an attacker with every number that is shown, of all levels, months and longer periods."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from services.publisher.domain.small_cells import ROOT, Count, HiddenCells, hidden_subjects

LEAST = 5
MONTHS = ("2026-07", "2026-08", "2026-09")
QUARTER = "2026-Q3"
# A city with four districts, one with streets, beside a city with two counties.
PARENTS = {
    "A": ROOT, "A1": "A", "A2": "A", "A3": "A", "A4": "A", "A11": "A1", "A12": "A1", "A13": "A1",
    "B": ROOT, "B1": "B", "B2": "B",
}  # fmt: skip
LEAVES = [each for each in PARENTS if each not in PARENTS.values()]
Cell = tuple[str, str]


def counts_of(leaves: Mapping[str, int]) -> dict[str, int]:
    """Add leaves up to every level; the whole is under `ROOT`."""
    counts = dict.fromkeys([*PARENTS, ROOT], 0)
    for leaf, count in leaves.items():
        at = leaf
        while at != ROOT:
            counts[at] += count
            at = PARENTS[at]
        counts[ROOT] += count
    return counts


def hide(months, at_close=None):
    closes = at_close or months
    return HiddenCells(
        {
            name: hidden_subjects({each: Count(then[each], now[each]) for each in PARENTS}, PARENTS.__getitem__, LEAST)
            for name, now, then in zip(MONTHS, months, closes, strict=True)
        }
    )


def primary_only(months):
    """Hide small counts and nothing beside them: what the attack has to find its way through."""
    return HiddenCells(
        {name: frozenset(e for e in PARENTS if 0 < m[e] < LEAST) for name, m in zip(MONTHS, months, strict=True)}
    )


def published(months, hidden) -> dict[Cell, int | None]:
    """Return every cell that an archive of all pages and reports has; None where nothing is shown."""
    cells: dict[Cell, int | None] = {}
    for subject in (ROOT, *PARENTS):
        for name, month in zip(MONTHS, months, strict=True):
            cells[subject, name] = None if subject in hidden.within([name]) else month[subject]
        total = sum(month[subject] for month in months)
        cells[subject, QUARTER] = None if subject in hidden.within(MONTHS) else total
    return cells


def equations() -> list[dict[Cell, int]]:
    """Every sum that is known to hold: parents of their parts, a quarter of its months."""
    periods = (*MONTHS, QUARTER)
    parts = {parent: [e for e in PARENTS if PARENTS[e] == parent] for parent in set(PARENTS.values())}
    levels = [
        {(parent, period): -1} | {(each, period): 1 for each in below} for parent, below in parts.items() for period in periods
    ]
    spans = [{(each, QUARTER): -1} | {(each, month): 1 for month in MONTHS} for each in (ROOT, *PARENTS)]
    return levels + spans


def attack(cells: Mapping[Cell, int | None]) -> dict[Cell, tuple[int, int]]:
    """Return the least and the greatest count that each hidden cell may have, by elimination and by bounds."""
    unknown = [cell for cell, count in cells.items() if count is None]
    rows = []
    for equation in equations():
        row = {cell: Fraction(sign) for cell, sign in equation.items() if cells[cell] is None}
        if row:
            rows.append((row, -sum(sign * (cells[cell] or 0) for cell, sign in equation.items())))
    rows += _eliminated(rows, unknown)
    bounds = dict.fromkeys(unknown, (0, 10**6))
    for _turn in range(30):
        before = dict(bounds)
        for row, known in rows:
            _tighten(bounds, row, known)
        if bounds == before:
            break
    return bounds


def _eliminated(rows, unknown):
    """Gauss and Jordan: every equation that follows in its shortest form."""
    rows = [(dict(row), Fraction(known)) for row, known in rows]
    done = []
    for cell in unknown:
        pivot = next((each for each in rows if each[0].get(cell)), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        factor = pivot[0][cell]
        pivot = ({c: v / factor for c, v in pivot[0].items()}, pivot[1] / factor)
        rows = [_minus(each, pivot, each[0].get(cell, Fraction(0))) for each in rows]
        done = [*(_minus(each, pivot, each[0].get(cell, Fraction(0))) for each in done), pivot]
    return done


def _minus(row, pivot, factor):
    if not factor:
        return row
    cells = {**row[0]}
    for cell, value in pivot[0].items():
        cells[cell] = cells.get(cell, Fraction(0)) - factor * value
    return {cell: value for cell, value in cells.items() if value}, row[1] - factor * pivot[1]


def _tighten(bounds, row, known):
    for cell, sign in row.items():
        others = [(bounds[each], value) for each, value in row.items() if each != cell]
        low = sum(value * (high if value > 0 else low) for (low, high), value in others)
        high = sum(value * (low if value > 0 else high) for (low, high), value in others)
        ends = sorted(((known - low) / sign, (known - high) / sign))
        bounds[cell] = (max(bounds[cell][0], -(-ends[0] // 1)), min(bounds[cell][1], ends[1] // 1))


small_and_large = st.one_of(st.integers(0, 6), st.integers(0, 60))
month = st.fixed_dictionaries(dict.fromkeys(LEAVES, small_and_large)).map(counts_of)
quarter = st.tuples(month, month, month)


@settings(max_examples=60)
@given(quarter)
@example((counts_of(dict(zip(LEAVES, (9, 3, 8, 7, 40, 30, 12, 13), strict=False))),) * 3)
def test_nothing_small_is_derived_from_levels_and_successive_periods(months):
    assume(all(month["A"] >= LEAST and month["B"] >= LEAST for month in months))

    bounds = attack(published(months, hide(months)))

    for (subject, name), (low, high) in bounds.items():
        count = months[MONTHS.index(name)][subject] if name in MONTHS else LEAST
        assert low < high
        if 0 < count < LEAST:
            siblings = [e for e in PARENTS if PARENTS[e] == PARENTS[subject]]
            all_hidden = all((each, name) in bounds for each in siblings)
            assert low <= 1
            assert high >= LEAST - 1 or all_hidden


@given(quarter, st.data())
def test_what_was_hidden_stays_hidden_when_complaints_come_late(at_close, data):
    more = data.draw(st.fixed_dictionaries({leaf: st.integers(0, 4) for leaf in LEAVES}).map(counts_of))
    now = tuple({each: count + more[each] for each, count in month.items()} for month in at_close)

    before, after = hide(at_close), hide(now, at_close)

    assert all(before.within([name]) <= after.within([name]) for name in MONTHS)


def test_an_attack_finds_small_counts_that_stand_alone():
    """The negative control: the smallest count is hidden, and its total and its neighbours give it away."""
    months = (counts_of(dict(zip(LEAVES, (9, 3, 8, 7, 40, 30, 12, 13), strict=False))),) * 3
    small = [each for each in LEAVES if 0 < months[0][each] < LEAST]

    bounds = attack(published(months, primary_only(months)))

    assert small
    assert [bounds[each, MONTHS[0]] for each in small] == [(months[0][each],) * 2 for each in small]


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"x": 3, "y": 60, "z": 8}, {"x", "z"}),
        ({"x": 2, "y": 2, "z": 60, "u": 7}, {"x", "y", "u"}),
        ({"x": 4, "y": 4, "z": 60}, {"x", "y"}),
        ({"x": 3, "y": 0}, {"x", "y"}),
        ({"x": 0, "y": 60}, set()),
    ],
)
def test_the_smallest_that_suffice_are_hidden_beside_a_small_count(counts, hidden):
    cells = {subject: Count(count, count) for subject, count in counts.items()}

    assert hidden_subjects(cells, lambda _: ROOT, LEAST) == hidden


def test_a_longer_period_is_hidden_with_any_of_its_months():
    cells = HiddenCells({"2026-07": frozenset({"x"}), "2026-08": frozenset()})

    assert (cells.within(["2026-07", "2026-08"]), cells.within(["2026-08"])) == ({"x"}, frozenset())
