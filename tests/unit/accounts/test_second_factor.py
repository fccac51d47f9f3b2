"""Codes by time are those of RFC 6238, for a step before and after; recovery codes are long, random and read however they are typed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.accounts.second_factor import (
    RECOVERY_CODES,
    SecondProof,
    SeedBox,
    generate_recovery_codes,
    generate_seed,
    match_code,
    provisioning_uri,
    recovery_digest,
)
from shared.key_file import KeyTooShort, read_or_make_key
from shared.settings import Settings

# RFC 6238, appendix B, SHA-1: the last six of its eight digits.
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


def at(seconds: int) -> datetime:
    """Return the moment so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_of_the_standard_match_for_a_step_before_and_after(seconds: int, code: str) -> None:
    for drift in (-30, 0, 30):
        assert match_code(SEED, code, at(seconds + drift)) == SecondProof(step=seconds // 30)
    for drift in (60, 90):
        assert not match_code(SEED, code, at(seconds + drift)).is_given


@pytest.mark.parametrize("typed", ["287 082", " 287082\n", "287-082"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert match_code(SEED, typed, at(59)).step == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "287083", "２８７０８２", "abcdef", "x" * 64])
def test_anything_else_proves_nothing(typed: str) -> None:
    assert not match_code(SEED, typed, at(59)).is_given


def test_recovery_codes_differ_and_are_read_in_any_case_without_their_dashes() -> None:
    codes = generate_recovery_codes()

    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        digest = recovery_digest(code)
        for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
            assert match_code(SEED, typed, at(59)) == SecondProof(recovery=digest)


def test_an_authenticator_reads_seed_name_and_bureau() -> None:
    seed = generate_seed()

    assert seed != generate_seed()
    assert len(seed) == 32
    uri = provisioning_uri(seed, "xu.an", "云州市市场监督管理局")
    assert uri.startswith("otpauth://totp/")
    assert f"secret={seed}" in uri
    assert "xu.an" in uri


def test_a_seed_is_opened_for_its_person_under_its_key_alone(tmp_path: Path) -> None:
    box = SeedBox.load(Settings(home=tmp_path))
    sealed = box.seal("xu.an", SEED)

    assert SEED not in sealed
    assert sealed != box.seal("xu.an", SEED)
    assert SeedBox.load(Settings(home=tmp_path)).open("xu.an", sealed) == SEED
    altered = sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB=")
    for name, other, text in (("li.na", box, sealed), ("xu.an", SeedBox(bytes(32)), sealed), ("xu.an", box, altered)):
        assert other.open(name, text) is None


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "second-factor.key"
    key = read_or_make_key(file)

    assert (len(key), read_or_make_key(file)) == (32, key)
    assert (file.stat().st_mode & 0o777, [each.name for each in file.parent.iterdir()]) == (0o600, [file.name])
    file.write_bytes(b"short")
    with pytest.raises(KeyTooShort):
        read_or_make_key(file)
