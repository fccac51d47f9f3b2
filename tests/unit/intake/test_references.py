"""A reference number that is left unsearched holds nothing that a full search would find."""

from __future__ import annotations

from datetime import date

from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from services.intake.redaction.references import _search_in_full, redact_reference
from shared.identity_numbers import check_character

YEAR = 2026
SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", "_", "- ", "--", " .", "___"])
ENDS = st.sampled_from(["", "A", "GD", "315-", "1", "20", "86", "X", "x-", "-1", "@a.cn"])
BIRTHS = st.dates(date(1930, 1, 1), date(2008, 1, 1)).map("{:%Y%m%d}".format)
BODIES = st.tuples(st.sampled_from(["330106", "110101", "990102"]), BIRTHS, st.from_regex(r"[0-9]{3}", fullmatch=True)).map(
    "".join
)
IDENTITIES = BODIES.map(lambda body: body + check_character(body))
MOBILES = st.from_regex(r"(86)?1[3-9][0-9]{9}", fullmatch=True)


@st.composite
def grouped(draw, numbers):
    """A number that separators cut at some places."""
    number = draw(numbers)
    places = draw(st.sampled_from([{3, 7}, {4, 7}, {2, 5, 9}, {6, 14}]) | st.sets(st.integers(1, len(number)), max_size=5))
    return "".join(character + (draw(SEPARATORS) if at in places else "") for at, character in enumerate(number, 1))


OTHERS = st.text("0123456789Xx-. /_AB@", max_size=26)
REFERENCES = st.tuples(ENDS, grouped(IDENTITIES) | grouped(MOBILES) | OTHERS, ENDS).map("".join)


@settings(max_examples=400)
@given(REFERENCES)
@example("330106-19900101-1232")
@example("138 0013 8000")
@example("1380-013-8000")
@example("86-138-0013-8000")
@example("1-3-8-0-0-1380001")
def test_what_is_left_unsearched_holds_nothing(reference):
    found = _search_in_full(reference, YEAR)

    event("found" if found != reference else "nothing")
    assert redact_reference(reference, YEAR) == found


def test_references_of_the_usual_forms_are_left_unsearched(monkeypatch):
    monkeypatch.setattr("services.intake.redaction.references._search_in_full", None)

    for reference in (
        "315-2024120265436B93000001",
        "YZ2024112818464F0E000006",
        "AJ-11226667",
        "2026-10-01-000123",
        "990103000",
    ):
        assert redact_reference(reference, YEAR) == reference
