"""Seals: forged, dropped, reordered and contradictory ones are named; the key is for its owner alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.journals import compare_copies
from shared.contracts import JournalHead, JournalSealed
from shared.ed25519_keys import UnusableKey
from shared.seals import InvalidSeal, SealingKey, find_seal_faults, verify_signature
from shared.seals.seal import NO_SEAL, seal_digest
from shared.seals.seal_file import SealFile

AT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
KEY = SealingKey.generate()


def head(entries: int, journal: str = "publisher") -> JournalHead:
    return JournalHead(journal=journal, entries=entries, head=f"{entries:064x}", root=f"{entries:064x}")


def series(*counts: int, key: SealingKey = KEY) -> list[JournalSealed]:
    seals: list[JournalSealed] = []
    for number, count in enumerate(counts, 1):
        previous = seal_digest(seals[-1]) if seals else NO_SEAL
        seals.append(key.seal(number, previous, AT, [head(count)]))
    return seals


def test_a_series_of_one_key_is_clean() -> None:
    assert find_seal_faults(series(0, 3, 3, 9), KEY.public_key) == []


def test_a_seal_with_another_count_is_not_signed() -> None:
    forged = series(3)[0].model_copy(update={"journals": (head(2),)})

    with pytest.raises(InvalidSeal):
        verify_signature(forged)


def test_a_seal_of_another_key_is_not_trusted() -> None:
    (forged,) = series(3, key=SealingKey.generate())

    verify_signature(forged)
    with pytest.raises(InvalidSeal):
        verify_signature(forged, KEY.public_key)


def test_dropped_and_reordered_seals_are_named() -> None:
    first, second, third = series(1, 2, 3)

    assert find_seal_faults([first, third]) == ["seal 3 follows seal 1"]
    assert find_seal_faults([second, third]) == ["seal 2 follows seal 0"]
    assert find_seal_faults([first, third, second])


def test_a_series_that_was_signed_anew_does_not_follow() -> None:
    first, second, _third = series(1, 2, 3)
    other = KEY.seal(1, NO_SEAL, AT, [head(5)])

    assert find_seal_faults([other, second]) == [
        "seal 2 does not follow from seal 1",
    ]
    assert find_seal_faults([first, KEY.seal(2, seal_digest(first), AT, [head(0)])]) == [
        "seal 2 has fewer entries of publisher than seal 1"
    ]


def test_a_copy_that_lacks_seals_is_named_and_its_newest_may_be_on_its_way() -> None:
    seals = series(1, 2, 3, 4)

    assert compare_copies({"file": seals, "topic": seals[:3]}, [KEY.public_key]).faults == []
    assert compare_copies({"file": seals, "topic": seals[:2]}, [KEY.public_key]).faults == [
        "topic: 1 are missing, from number 3 on"
    ]
    assert compare_copies({"file": [], "topic": seals}, [KEY.public_key]).faults == ["file: 3 are missing, from number 1 on"]


def test_a_seal_that_was_sent_twice_is_no_fault_and_one_of_an_unknown_key_is() -> None:
    seals, stranger = series(1, 2), SealingKey.generate()

    assert compare_copies({"file": seals, "topic": [seals[0], *seals]}, [KEY.public_key]).faults == []
    found = compare_copies({"file": seals, "topic": [*seals, *series(1, key=stranger)]}, [KEY.public_key])
    assert found.faults == [f"topic: there are seals of the unknown key {stranger.public_key}"]


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "seals" / "key.pem"

    made, loaded = SealingKey.load_or_create(file), SealingKey.load_or_create(file)

    assert made.public_key == loaded.public_key
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("no key")
    with pytest.raises(UnusableKey):
        SealingKey.load_or_create(file)


def test_a_line_that_a_crash_left_behind_is_replaced(tmp_path: Path) -> None:
    file, (first, second) = SealFile(tmp_path / "seals.jsonl"), series(1, 2)
    file.append(first)
    with file.path.open("ab") as broken:
        broken.write(second.body()[:40])
    assert file.read() == [first]

    file.append(second)

    assert file.read() == [first, second]
