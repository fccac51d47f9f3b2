"""A sealed journal: every kind of edit is found, also by somebody who computes the chain anew; an intact one is clean."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.seals import JournalCheck
from shared.seals.journal_check import SealedHead
from shared.stream.journal import GENESIS, StoredEntry

AT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def entry(number: int) -> StoredEntry:
    subject = f"GS-2026-{number:06}"
    return StoredEntry(
        number, AT + timedelta(minutes=number), "zhou", "approved", subject, None, bytes(32), '{"version": 1}', GENESIS, GENESIS
    )


def rechain(entries: Sequence[StoredEntry], *, renumber: bool = True) -> list[StoredEntry]:
    """Compute numbers and chain anew, as somebody does who has all rights in the database."""
    chained: list[StoredEntry] = []
    for number, each in enumerate(entries, 1):
        previous = chained[-1].hash if chained else GENESIS
        linked = replace(each, seq=number if renumber else each.seq, previous_hash=previous)
        chained.append(replace(linked, hash=linked.content_hash()))
    return chained


def check_journal(entries: Iterable[StoredEntry], sealed: Sequence[SealedHead] = ()) -> list[str]:
    check = JournalCheck(sealed)
    for each in entries:
        check.add(each)
    return check.finish()


def sealed_at(entries: Sequence[StoredEntry], *sizes: int) -> list[SealedHead]:
    heads = []
    for number, size in enumerate(sizes, 1):
        check = JournalCheck()
        for each in entries[:size]:
            check.add(each)
        heads.append(SealedHead(number, check.head("publisher")))
    return heads


JOURNAL = rechain([entry(number) for number in range(1, 9)])
SEALS = sealed_at(JOURNAL, 0, 3, 7, 8)
OTHER = replace(JOURNAL[2], actor="wang")


def test_an_intact_journal_is_clean_and_may_have_grown() -> None:
    grown = rechain([*JOURNAL, entry(9), entry(10)])

    assert check_journal(JOURNAL, SEALS) == []
    assert check_journal(grown, SEALS) == []


def test_an_edited_entry_is_named() -> None:
    assert check_journal([*JOURNAL[:2], OTHER, *JOURNAL[3:]]) == ["entry 3 was edited"]


def test_a_dropped_entry_is_named() -> None:
    assert "entry 3 is missing" in check_journal([*JOURNAL[:2], *JOURNAL[3:]])


def test_an_inserted_entry_breaks_the_chain() -> None:
    assert "entry 3 does not follow the one before it" in check_journal([*JOURNAL[:2], entry(3), *JOURNAL[2:]])


def test_reordered_entries_break_the_chain() -> None:
    assert check_journal([*JOURNAL[:2], JOURNAL[3], JOURNAL[2], *JOURNAL[4:]])


def test_a_cut_tail_passes_the_chain_and_not_the_seals() -> None:
    cut = JOURNAL[:5]

    assert check_journal(cut) == []
    assert check_journal(cut, SEALS) == ["the last 3 entries are gone: seal 4 has 8"]


def test_an_emptied_journal_passes_the_chain_and_not_the_seals() -> None:
    assert check_journal([]) == []
    assert check_journal([], SEALS) == ["the last 8 entries are gone: seal 4 has 8"]


def test_a_chain_that_was_computed_anew_passes_as_a_chain_and_not_the_seals() -> None:
    forged = {
        "edited": rechain([*JOURNAL[:2], OTHER, *JOURNAL[3:]]),
        "dropped and filled up": rechain([*JOURNAL[:2], *JOURNAL[3:], entry(9)]),
        "inserted": rechain([*JOURNAL[:2], entry(99), *JOURNAL[2:]]),
        "reordered": rechain([*JOURNAL[:2], JOURNAL[3], JOURNAL[2], *JOURNAL[4:]]),
        "cut and grown again": rechain([*JOURNAL[:5], entry(90), entry(91), entry(92)]),
        "emptied and begun anew": rechain([entry(number) for number in range(50, 60)]),
    }

    for kind, entries in forged.items():
        assert check_journal(entries) == [], kind
        assert any("are not those of seal" in fault for fault in check_journal(entries, SEALS)), kind


@given(st.data())
def test_no_random_edit_of_a_sealed_journal_passes(data: st.DataObject) -> None:
    entries = list(JOURNAL)
    at = data.draw(st.integers(0, len(entries) - 1))
    match data.draw(st.sampled_from(["edit", "drop", "insert", "move", "cut"])):
        case "edit":
            field = data.draw(st.sampled_from(["actor", "action", "subject"]))
            entries[at] = replace(entries[at], **{field: data.draw(st.text(min_size=1, max_size=5).map(lambda t: f"x{t}"))})
        case "drop":
            del entries[at]
        case "insert":
            entries.insert(at, entry(data.draw(st.integers(100, 999))))
        case "move":
            entries.insert((at + data.draw(st.integers(1, len(entries) - 1))) % len(entries), entries.pop(at))
        case _:
            del entries[at:]
    if data.draw(st.booleans()):
        entries = rechain(entries)

    assert check_journal(entries, SEALS) or entries == JOURNAL
