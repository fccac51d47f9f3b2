"""Trees of subjects."""

from __future__ import annotations

import pytest

from services.stats.domain.measures import ZERO_SUMS, Sums, compute_measures, rest_of
from services.stats.domain.subjects import NATION, parts_of, stored_subjects
from shared.contracts import SubjectKind

STORED = ["110000", "110100", "990000", "990100", "990102", "990103", "990103001", "990103001002", "990120", "CA"]


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        (NATION, ["110000", "990000"]),
        ("990000", ["990100"]),
        ("990100", ["990102", "990103", "990120"]),
        ("990103", ["990103001"]),
        ("990103001", ["990103001002"]),
        ("990103001002", []),
        ("CA", []),
    ],
)
def test_a_region_has_those_one_level_below(code, parts):
    assert list(parts_of(SubjectKind.REGION, code, STORED)) == parts


def test_the_nation_is_all_complaints():
    assert stored_subjects(SubjectKind.REGION, NATION) == (SubjectKind.ALL, ("",))


def test_a_division_is_made_up_of_its_classes():
    assert stored_subjects(SubjectKind.INDUSTRY, "F527") == (SubjectKind.INDUSTRY, ("F527", "F5272", "F5273", "F5274"))
    assert parts_of(SubjectKind.INDUSTRY, "F", ["F5272", "F5273", "F5211", "G6020"]) == {"F52": ("F5272", "F5273", "F5211")}
    assert parts_of(SubjectKind.INDUSTRY, "F52", ["F5272", "F5273", "F5211"]) == {
        "F527": ("F5272", "F5273"),
        "F521": ("F5211",),
    }


def test_a_category_is_made_up_of_itself_and_its_refinements():
    kind, subjects = stored_subjects(SubjectKind.CATEGORY, "price")

    assert (kind, set(subjects)) == (SubjectKind.CATEGORY, {"price", "price.marking", "price.extra"})
    assert parts_of(SubjectKind.CATEGORY, "price", ["price", "price.extra", "priceless"]) == {"price.extra": ("price.extra",)}
    assert set(parts_of(SubjectKind.CATEGORY, "", ["price", "price.extra", "quality.safety"])) == {"price", "quality"}


def test_sums_of_working_days_add_up_beyond_what_one_number_of_python_reads():
    """A case of 500 working days is a number of 6,000 digits; Python reads 4,300 as one."""
    long = Sums(1, 1, 1, 1, ZERO_SUMS.amount, ZERO_SUMS.recovered, "1" + "0" * 12 * 500)
    short = Sums(2, 2, 0, 0, ZERO_SUMS.amount, ZERO_SUMS.recovered, "2" + "0" * 12 * 3)

    both = Sums.together([long, short])

    assert compute_measures(both).median_days == 3
    assert compute_measures(rest_of(both, long)) == compute_measures(short)
    assert rest_of(both, both).workdays == "0" * 12
